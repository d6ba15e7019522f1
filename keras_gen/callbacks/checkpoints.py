"""Checkpoints: written aside, renamed, the last ones kept."""

import os
import time

from keras_gen import diagnosis
from keras_gen.callbacks.step import StepCallback


class Checkpoints(StepCallback):
    """Saves networks, optimizers and the step every few minutes and at the
    end, under another name first; keeps the last two.

    Args:
        folder: where to.
        minutes: time between checkpoints.
    """

    def __init__(self, folder, minutes=5.0):
        super().__init__()
        self.folder, self.minutes = folder, minutes

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.saved = time.monotonic()

    def on_step(self, step, logs):
        if time.monotonic() - self.saved >= 60 * self.minutes:
            self.write()

    def on_train_end(self, logs=None):
        if self.step > self.first:
            self.write()

    def write(self):
        """Saves a checkpoint of the current step.

        Raises:
            InputError: a weight is not finite; nothing was written.
        """
        diagnosis.refuse_bad_weights(self.model)
        path = self.folder / f"step-{self.step:07}.weights.h5"
        aside = self.folder / "aside.weights.h5"
        self.model.save_weights(aside)
        os.replace(aside, path)
        self.saved = time.monotonic()
        for old in checkpoints(self.folder)[:-2]:
            old.unlink()


def checkpoints(folder):
    """The checkpoints in a folder, oldest first."""
    return sorted(folder.glob("step-*.weights.h5"))
