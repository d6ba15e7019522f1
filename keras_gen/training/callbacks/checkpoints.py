"""Checkpoints while training."""

import time

from keras_gen.training import diagnosis
from keras_gen.training.callbacks.step import StepCallback
from keras_gen.zoo import checkpoint


class Checkpoints(StepCallback):
    """Writes a checkpoint every few minutes and at the end, and keeps the
    last two.

    Args:
        folder: where to.
        minutes: time between checkpoints; 0 for one after each step.
    """

    def __init__(self, folder, minutes):
        super().__init__()
        self.folder, self.minutes = folder, minutes

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.time, self.written = time.monotonic(), self.first
        # A later one is damaged, as the run did not go on from there.
        self.kept = [
            path for path in checkpoint.files(self.folder)
            if checkpoint.step(path) == self.first
        ]

    def on_step(self, step, logs):
        if time.monotonic() - self.time >= 60 * self.minutes:
            self.write()

    def on_train_end(self, logs=None):
        if self.step > self.written:
            self.write()

    def write(self):
        """Writes a checkpoint of the current step.

        Raises:
            InputError: a weight is not finite; nothing was written.
        """
        diagnosis.refuse_bad_weights(self.model)
        path = checkpoint.write(self.model, self.folder)
        self.time, self.written = time.monotonic(), self.step
        self.kept = [*self.kept, path][-2:]
        for old in set(checkpoint.files(self.folder)) - set(self.kept):
            old.unlink()
