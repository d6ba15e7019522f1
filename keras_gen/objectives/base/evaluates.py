"""The losses of a model on a data set, without training on it."""

from typing import Any

import numpy as np

from keras_gen.losses import Tensor
from keras_gen.objectives.base import arguments


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
        self, *args, return_dict: bool = False, **kwargs
    ) -> dict[str, float] | list[float]:
        """The losses on a data set, means over its rows; arguments as of
        `keras.Model.evaluate`, without weights.

        Raises:
            InputError: `sample_weight`, for all rows weigh the same.
        """
        kwargs = arguments.by_name(super().evaluate, args, kwargs)
        kwargs |= kwargs.pop("kwargs", {})
        if kwargs.get("sample_weight") is not None:
            arguments.refuse_weights(self, "sample_weight")
        logs = super().evaluate(return_dict=True, **kwargs)
        return logs if return_dict else list(logs.values())
