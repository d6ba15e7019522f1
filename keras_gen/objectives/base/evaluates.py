"""The losses of a model on a data set, without training on it."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen.losses import Tensor


class Evaluates:
    """What an `Objective` says about data that it does not train on."""

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

    def evaluate(
        self, *args, callbacks: Any = None, return_dict: bool = False, **kwargs
    ) -> dict[str, float] | list[float]:
        """The losses on a data set, means over its batches; arguments as of
        `keras.Model.evaluate`."""
        # Keras itself would return the last batch's.
        mean = _Mean()
        if isinstance(callbacks, keras.callbacks.CallbackList):
            callbacks.callbacks.append(mean)
        else:
            callbacks = [*(callbacks or []), mean]
        try:
            super().evaluate(
                *args, callbacks=callbacks, return_dict=True, **kwargs
            )
        finally:
            if not isinstance(callbacks, list):
                callbacks.callbacks.remove(mean)
        return mean.logs if return_dict else list(mean.logs.values())


class _Mean(keras.callbacks.Callback):
    """The mean of each log over the batches of an evaluation."""

    def on_test_begin(self, logs=None):
        self.batches, self.logs = 0, {}

    def on_test_batch_end(self, batch, logs=None):
        self.batches += 1
        for name, value in logs.items():
            value = float(np.mean(ops.convert_to_numpy(value)))
            before = self.logs.get(name, 0.0)
            self.logs[name] = before + (value - before) / self.batches
