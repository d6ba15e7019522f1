"""Means of logs over the rows of an epoch."""

import keras
from keras import ops

from keras_gen.errors import InputError
from keras_gen.losses import Tensor

# Logs of a training step and of an evaluation together.
_MOST = 64


class Means:
    """The mean of each log since `restart`, over rows.

    They are kept in a variable of the backend and moved inside the step:
    nothing waits for a step's logs, and steps of which Keras shows none
    (`steps_per_execution`) count, too. It belongs to no model, so that no
    file has it. Make it in the strategy's scope.
    """

    def __init__(self):
        self.names: list[str] = []
        # Means, and the rows that each is over.
        self.state = keras.Variable(
            ops.zeros((2, _MOST)), trainable=False, dtype="float32",
            synchronization="on_read", aggregation="mean", name="means",
        )

    def add(self, logs: dict[str, Tensor], rows: Tensor) -> None:
        """Counts the logs of a step.

        Args:
            logs: scalars by name.
            rows: how many rows they are means over, of all replicas.
        """
        for name in logs:
            if name not in self.names:
                self.names.append(name)
        if len(self.names) > _MOST:
            raise InputError(
                f"a model may have {_MOST} different logs, those of training "
                f"and evaluation together; there are {len(self.names)}"
            )
        places = ops.convert_to_tensor([self.names.index(n) for n in logs])
        values = ops.stack([ops.cast(v, "float32") for v in logs.values()])
        mean, count = (ops.take(self.state[i], places) for i in (0, 1))
        rows = ops.cast(rows, "float32")
        mean = mean + (values - mean) * (rows / (count + rows))
        state = ops.convert_to_tensor(self.state)
        for i, new in enumerate((mean, count + rows)):
            at = ops.stack([ops.full_like(places, i), places], axis=1)
            state = ops.scatter_update(state, at, new)
        self.state.assign(state)

    def restart(self) -> None:
        """Forgets all."""
        self.state.assign(ops.zeros((2, _MOST)))

    def result(self) -> dict[str, float]:
        """The means by name, of what has been counted. All workers must ask
        together."""
        means, counts = ops.convert_to_numpy(self.state)
        return {
            name: float(mean)
            for name, mean, count in zip(self.names, means, counts) if count
        }
