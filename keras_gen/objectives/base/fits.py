"""`fit` and `evaluate` of a model with several players."""

from typing import Any

import keras
from keras import ops

from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.objectives.base import arguments
from keras_gen.objectives.base.compiles import refuse_foreign


class Fits:
    """What an `Objective` does when Keras trains it."""

    # What the compiled training step moves.
    _moving: Any = None

    def fit(self, *args, **kwargs) -> keras.callbacks.History:
        """Trains; arguments as of `keras.Model.fit`.

        The history, the progress bar and what callbacks see at the end of an
        epoch are means over the epoch's rows. Callbacks that set the learning
        rate set every player's. A batch may have any number of rows: the last
        one of an epoch is smaller, and replicas need not divide it.

        Raises:
            InputError: `class_weight` and `sample_weight`, for all rows weigh
                the same; a callback's `monitor` or `mode` that cannot be; all
                networks frozen.
        """
        given = arguments.by_name("fit", args, kwargs)
        arguments.check(self, given)
        replicas, workers = self._in_step()
        self._tell_of_uneven_batches(given.get("batch_size"), replicas)
        given["callbacks"] = arguments.with_ours(
            given.get("callbacks"), given.get("verbose"), workers
        )
        history = super().fit(**given)
        self.optimizer.finalize()
        return history

    def train_on_batch(self, *args, **kwargs) -> Any:
        """One training step; arguments as of `keras.Model.train_on_batch`,
        without weights."""
        given = arguments.by_name("train_on_batch", args, kwargs)
        for name in ("sample_weight", "class_weight"):
            if given.get(name) is not None:
                arguments.refuse_weights(self, name)
        return super().train_on_batch(**given)

    def evaluate(
        self, *args, return_dict: bool = False, **kwargs
    ) -> dict[str, float] | list[float]:
        """The losses on a data set, means over its rows; arguments as of
        `keras.Model.evaluate`, without weights.

        Raises:
            InputError: `sample_weight`, for all rows weigh the same.
        """
        given = arguments.by_name("evaluate", args, kwargs)
        if given.get("sample_weight") is not None:
            arguments.refuse_weights(self, "sample_weight")
        return_dict = given.pop("return_dict", return_dict)
        arguments.check_plain({**given, "return_dict": return_dict})
        logs = super().evaluate(return_dict=True, **given)
        return logs if return_dict else list(logs.values())

    def predict(self, *args, **kwargs) -> Any:
        """As `keras.Model.predict`, of what `call` takes."""
        given = arguments.by_name("predict", args, kwargs)
        arguments.check_plain(given)
        return super().predict(**given)

    def predict_step(self, data: Any) -> Any:
        """What the model makes of this replica's rows, which may be none."""
        if gradients.replicas() == 1:
            return super().predict_step(data)
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        rows = ops.shape(keras.tree.flatten(x)[0])[0]
        made = super().predict_step((gradients.with_a_row(x),))
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
            return gradients.replicas(), gradients.workers()

    def _tell_of_uneven_batches(self, batch_size, replicas):
        shares = replicas * self.updates_per_step
        if replicas > 1 and batch_size and batch_size % shares:
            self.given.say("batches", (
                f"{batch_size} rows make no equal shares for {replicas} "
                f"replicas with {self.updates_per_step} updates each, so that "
                f"every replica computes all; a multiple of {shares} is faster"
            ))
