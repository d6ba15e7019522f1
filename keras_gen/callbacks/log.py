"""Losses as CSV and TensorBoard scalars."""

import csv
import math

import numpy as np
from tensorboard.summary import Writer

from keras_gen import durable
from keras_gen.callbacks.step import StepCallback
from keras_gen.errors import InputError


class Log(StepCallback):
    """Appends all logs to a CSV file every few steps, and to TensorBoard's
    event files; stops at a NaN.

    Args:
        path: the CSV file. Rows past the model's step, from a run that was
            stopped after its checkpoint, are dropped.
        tensorboard: folder of the event files.
        every: steps between rows.
    """

    def __init__(self, path, tensorboard, every):
        super().__init__()
        self.path, self.tensorboard, self.every = path, tensorboard, every

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.writer = Writer(str(self.tensorboard))
        if self.path.exists():
            self.drop_rows()

    def drop_rows(self):
        """Drops rows past the model's step, and what a full disk cut off."""
        with open(self.path, newline="") as file:
            header, *rows = [x for x in file if x.endswith("\n")] or [""]
        rows = [r for r in rows if int(r.split(",")[0]) <= self.step]
        aside = self.path.with_suffix(".aside")
        with open(aside, "w", newline="") as file:
            file.writelines([header, *rows])
        durable.rename(aside, self.path)

    def on_step(self, step, logs):
        if step % self.every and step != self.first + 1:
            return
        values = {k: float(np.mean(np.asarray(v))) for k, v in logs.items()}
        for name, value in values.items():
            if not math.isfinite(value):
                raise InputError(
                    f"{name} became {value} at step {step}: the run stopped "
                    "and its last checkpoint is whole; try a lower learning "
                    "rate, or precision float32"
                )
        new = not self.path.exists() or not self.path.stat().st_size
        with open(self.path, "a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["step", *values])
            writer.writerow([step, *(f"{v:.6g}" for v in values.values())])
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def on_train_end(self, logs=None):
        self.writer.close()
