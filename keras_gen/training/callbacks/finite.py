"""Stopping at the first number that is not finite."""

import math

import keras

from keras_gen.errors import InputError
from keras_gen.training import diagnosis
from keras_gen.training.callbacks.log import floats
from keras_gen.training.callbacks.step import StepCallback

# The scale starts at 2^15 and halves each time: more is no search for it.
_SKIPPED = 40


class StopWhenNotFinite(StepCallback):
    """Raises an InputError after the step whose loss or gradient is not
    finite, before anything is written. It belongs before the callbacks that
    write. Keras has fetched the logs already, so that looking at them costs
    next to nothing.

    Under float16 an infinite gradient is normal: the LossScaleOptimizer
    skips the step and halves its scale. Only 40 in a row are an error.

    Args:
        batches: the run's `Batches`, to repeat the step and find the layer.
    """

    def __init__(self, batches):
        super().__init__()
        self.batches = batches
        self.skipped = {}

    def on_step(self, step, logs):
        values = floats(logs)
        bad = [n for n, value in values.items() if not math.isfinite(value)]
        self.skipped = {n: self.skipped.get(n, 0) + 1 for n in bad}
        # The losses first: a bad one makes its gradient bad, too.
        for name in sorted(bad, key=lambda n: n.endswith("_gradient_norm")):
            if not self.scaled(name) or self.skipped[name] > _SKIPPED:
                self.stop(name, values[name], step)

    def scaled(self, name):
        """Whether this is the gradient norm of a player with a loss scale."""
        player = name.removesuffix("_gradient_norm")
        return isinstance(
            self.model.optimizers.get(player) if player != name else None,
            keras.optimizers.LossScaleOptimizer,
        )

    def stop(self, name, value, step):
        """Finds the layer and raises."""
        batch = self.batches[step - 1 - self.first]
        found = diagnosis.origin(self.model, batch, key=step - 1)
        raise InputError(
            f"{name} became {value} at step {step}; first not finite: "
            f"{found}; {diagnosis.ADVICE}"
        )
