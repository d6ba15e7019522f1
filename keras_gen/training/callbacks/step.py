"""The base of what happens beside training."""

import keras


class StepCallback(keras.callbacks.Callback):
    """A callback that knows the step counted over all runs."""

    def on_train_begin(self, logs=None):
        self.step = self.first = self.model.steps_done

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        self.on_step(self.step, logs)

    def on_step(self, step, logs):
        """Called after each training step."""
