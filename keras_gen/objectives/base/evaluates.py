"""Keras' ways to train and to ask a model, with what is given checked."""

from typing import Any

import keras
import numpy as np

from keras_gen.losses import Tensor
from keras_gen.objectives.base.gate import checked, checked_inputs
from keras_gen.objectives.base.streams import plain_errors


class Evaluates:
    """`fit`, `evaluate`, `predict` and the like of an `Objective`: as Keras
    has them, but what they are given goes through the gate."""

    def fit(
        self, x: Any = None, y: Any = None, batch_size: int | None = None,
        epochs: int = 1, verbose: str | int = "auto", callbacks: Any = None,
        validation_split: float = 0.0, validation_data: Any = None,
        shuffle: bool = True, class_weight: dict | None = None,
        sample_weight: Any = None, **options,
    ) -> keras.callbacks.History:
        """Trains; arguments as of `keras.Model.fit`.

        Args:
            x: the columns of the data, `self.columns`: one array, or a dict
                of arrays by column, or batches of these: a tf.data.Dataset,
                PyDataset, DataLoader or generator. Pictures are (n, height,
                width, channels) of the networks' size: uint8 or other
                numbers of 0 ... 255, floats in [-1, 1], or, where that is
                certain, in [0, 1]; see `keras_gen.arrays`.
            y: the second column where x is an array, such as labels: whole
                numbers (n,) or (n, 1) from 0.

        Raises:
            InputError: what cannot be read, in one line.
        """
        x, y = checked(
            self, x, y, shuffle=shuffle, class_weight=class_weight
        )
        if validation_data is not None:
            validation_data = self._checked_validation(validation_data)
        with plain_errors(x, validation_data):
            return super().fit(
                x, y, batch_size=batch_size, epochs=epochs, verbose=verbose,
                callbacks=callbacks, validation_split=validation_split,
                validation_data=validation_data, shuffle=shuffle,
                class_weight=class_weight, sample_weight=sample_weight,
                **options,
            )

    def _checked_validation(self, data):
        if isinstance(data, list):
            data = tuple(data)
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        x, y = checked(self, x, y)
        if y is None and weight is None:
            return x if not isinstance(x, tuple) else (x, None)
        return (x, y) if weight is None else (x, y, weight)

    def evaluate(self, x: Any = None, y: Any = None, *args, **kwargs) -> Any:
        """The losses on a data set; x and y as of `fit`, other arguments as
        of `keras.Model.evaluate`."""
        # In `fit`, Keras has these data already.
        if not kwargs.get("_use_cached_eval_dataset"):
            x, y = checked(self, x, y)
        with plain_errors(x):
            return super().evaluate(x, y, *args, **kwargs)

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
        x = checked_inputs(self, x)
        with plain_errors(x):
            return super().predict(x, *args, **kwargs)

    def predict_on_batch(self, x: Any) -> Any:
        """As `predict`, of one batch of arrays."""
        return super().predict_on_batch(checked_inputs(self, x))

    def train_on_batch(self, x: Any, y: Any = None, *args, **kwargs) -> Any:
        """A training step; x and y arrays as of `fit`, other arguments as of
        `keras.Model.train_on_batch`."""
        return super().train_on_batch(*checked(self, x, y), *args, **kwargs)

    def test_on_batch(self, x: Any, y: Any = None, *args, **kwargs) -> Any:
        """The losses of one batch; x and y arrays as of `fit`, other
        arguments as of `keras.Model.test_on_batch`."""
        return super().test_on_batch(*checked(self, x, y), *args, **kwargs)

    def test_step(self, data: Any) -> dict[str, Tensor]:
        """The losses of `train_step` on `data`, and nothing moves."""
        body = type(self).train_step.__wrapped__
        return self._run(body, data, key=0, moving=False)

    def log_names(self, batch: dict[str, np.ndarray]) -> list[str]:
        """The names of what `test_step` logs.

        Args:
            batch: dict of arrays as the data set serves them.
        """
        rows = np.arange(2 * self.updates_per_step)
        return list(self.test_step({
            name: values[rows % len(values)] for name, values in batch.items()
        }))
