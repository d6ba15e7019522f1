"""Losses as CSV and TensorBoard scalars."""

import numpy as np

from keras_gen.training.callbacks.step import StepCallback
from keras_gen.training.callbacks.table import Table


class Log(StepCallback):
    """Appends all logs to a CSV file every few steps, and to TensorBoard's
    event file.

    Args:
        path: the CSV file; see `Table`.
        events: an `EventFile`.
        every: steps between rows.
    """

    def __init__(self, path, events, every):
        super().__init__()
        self.path, self.events, self.every = path, events, every

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.table = Table(self.path, self.step)

    def on_step(self, step, logs):
        if step % self.every and step != self.first + 1:
            return
        values = floats(logs)
        self.table.append(step, values)
        for name, value in values.items():
            self.events.scalar(name, value, step)


def floats(logs):
    """Keras' logs as floats; under several workers each has shape (1,)."""
    return {
        name: value if isinstance(value, float) else float(np.mean(value))
        for name, value in logs.items()
    }
