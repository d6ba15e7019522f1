"""The losses of a model on a batch, without training on it."""

from typing import Any

import numpy as np

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
