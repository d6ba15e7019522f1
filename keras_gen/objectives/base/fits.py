"""`fit` and `evaluate` of a model with several players."""

from typing import Any

import keras
from keras import ops

from keras_gen.backend import replication
from keras_gen.errors import InputError
from keras_gen.objectives.base import arguments
from keras_gen.objectives.base.compiles import refuse_foreign
from keras_gen.objectives.base.gate import checked, checked_inputs
from keras_gen.objectives.base.streams import plain_errors


class Fits:
    """Keras' ways to train and to ask an `Objective`: their arguments are
    checked, and what they are given goes through the gate."""

    # What the compiled training step moves.
    _moving: Any = None

    def fit(
        self, x: Any = None, y: Any = None, *args, **kwargs
    ) -> keras.callbacks.History:
        """Trains; arguments as of `keras.Model.fit`.

        The history, the progress bar and what callbacks see at the end of an
        epoch are means over the epoch's rows. Callbacks that set the learning
        rate set every player's. A batch may have any number of rows: the last
        one of an epoch is smaller, and replicas need not divide it.

        Args:
            x: the columns of the data, `self.columns`: one array, or a dict
                of arrays by column, or batches of these: a tf.data.Dataset,
                PyDataset, DataLoader or generator. Pictures are (n, height,
                width, channels) of the networks' size: uint8 or other
                numbers of 0 ... 255, floats in [-1, 1], or, where that is
                certain, in [0, 1]; see `keras_gen.arrays`.
            y: the second column where x is an array, such as labels: whole
                numbers (n,) or (n, 1) from 0.
            *args, **kwargs: batch_size, epochs, ... of `keras.Model.fit`.

        Raises:
            InputError: what cannot be read, in one line; `class_weight` and
                `sample_weight`, for all rows weigh the same; a callback's
                `monitor` or `mode` that cannot be; all networks frozen.
        """
        given = arguments.by_name("fit", (x, y, *args), kwargs)
        arguments.check(self, given)
        replicas, workers = self._in_step()
        self._tell_of_uneven_batches(given.get("batch_size"), replicas)
        given["callbacks"] = arguments.with_ours(
            given.get("callbacks"), given.get("verbose"), workers
        )
        shuffle = given.get("shuffle", True)
        given["x"], given["y"] = checked(self, x, y, shuffle=shuffle)
        if given.get("validation_data") is not None:
            given["validation_data"] = self._checked_validation(
                given["validation_data"]
            )
        with plain_errors(given["x"], given.get("validation_data")):
            history = super().fit(**given)
        self.optimizer.finalize()
        return history

    def _checked_validation(self, data):
        if isinstance(data, list):
            data = tuple(data)
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        x, y = checked(self, x, y)
        return x if y is None and not isinstance(x, tuple) else (x, y)

    def evaluate(
        self, x: Any = None, y: Any = None, *args, **kwargs
    ) -> dict[str, float] | list[float]:
        """The losses on a data set, means over its rows; x and y as of
        `fit`, other arguments as of `keras.Model.evaluate`, without weights.

        Raises:
            InputError: what cannot be read, in one line; `sample_weight`,
                for all rows weigh the same.
        """
        given = arguments.by_name("evaluate", (x, y, *args), kwargs)
        if given.get("sample_weight") is not None:
            arguments.refuse_weights(self, "sample_weight")
        arguments.check_plain(given)
        # In `fit`, Keras has these data already.
        if not given.get("_use_cached_eval_dataset"):
            given["x"], given["y"] = checked(self, x, y)
        return_dict = given.pop("return_dict", False)
        with plain_errors(given["x"]):
            logs = super().evaluate(return_dict=True, **given)
        return logs if return_dict else list(logs.values())

    def predict(self, x: Any, *args, **kwargs) -> Any:
        """What the model says of data: the same as its own method, as the
        network gives it.

        Args:
            x: what the model takes as a function, in the forms of `fit`: of
                a classifier pictures, the result is `classify`'s; of a
                translator pictures, the result is `translate`'s, of an
                autoencoder `reconstruct`'s, float32 in [-1, 1] and not
                rounded to uint8; of a model with latents, also of a VAE,
                latents (n, latent_dim), and with classes a dict of latent
                and label, the result is `explore.decode`'s in [-1, 1].
            *args, **kwargs: as of `keras.Model.predict`.

        Raises:
            InputError: what cannot be read, in one line, or a model that
                has a method for it that must be used.
        """
        given = arguments.by_name("predict", (x, *args), kwargs)
        arguments.check_plain(given)
        given["x"] = checked_inputs(self, x)
        with plain_errors(given["x"]):
            return super().predict(**given)

    def predict_on_batch(self, x: Any) -> Any:
        """As `predict`, of one batch of arrays."""
        return super().predict_on_batch(checked_inputs(self, x))

    def train_on_batch(
        self, x: Any, y: Any = None, *args, **kwargs
    ) -> Any:
        """One training step; x and y arrays as of `fit`, other arguments as
        of `keras.Model.train_on_batch`, without weights."""
        given = arguments.by_name("train_on_batch", (x, y, *args), kwargs)
        for name in ("sample_weight", "class_weight"):
            if given.get(name) is not None:
                arguments.refuse_weights(self, name)
        given["x"], given["y"] = checked(self, x, y)
        return super().train_on_batch(**given)

    def test_on_batch(self, x: Any, y: Any = None, *args, **kwargs) -> Any:
        """The losses of one batch; x and y arrays as of `fit`, other
        arguments as of `keras.Model.test_on_batch`."""
        return super().test_on_batch(*checked(self, x, y), *args, **kwargs)

    def predict_step(self, data: Any) -> Any:
        """What the model makes of this replica's rows, which may be none."""
        if replication.replicas() == 1:
            return super().predict_step(data)
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        rows = ops.shape(keras.tree.flatten(x)[0])[0]
        made = super().predict_step((replication.with_a_row(x),))
        return keras.tree.map_structure(lambda y: y[:rows], made)

    def make_train_function(self, force: bool = False) -> Any:
        """As Keras does before it trains, and anew where other variables
        than before are trainable."""
        players = [player for player in self.players if self.moves(player)]
        if self.players and not players:
            raise InputError(
                "nothing would train: the networks of all players are frozen; "
                "set trainable = True of one, or use evaluate"
            )
        moving = []
        for player in players:
            variables = self.variables_of(player)
            refuse_foreign(player, self.optimizers[player], variables)
            moving += [(player, id(v)) for v in variables]
        force, self._moving = force or moving != self._moving, moving
        return super().make_train_function(force)

    def _in_step(self):
        """Replicas and workers that train in step."""
        strategy = getattr(self, "distribute_strategy", None)
        if strategy is None:
            return 1, 1
        with strategy.scope():
            return replication.replicas(), replication.workers()

    def _tell_of_uneven_batches(self, batch_size, replicas):
        shares = replicas * self.updates_per_step
        if replicas > 1 and batch_size and batch_size % shares:
            self.given.say("batches", (
                f"{batch_size} rows make no equal shares for {replicas} "
                f"replicas with {self.updates_per_step} updates each, so that "
                f"every replica computes all; a multiple of {shares} is faster"
            ))
