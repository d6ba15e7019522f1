"""Monitors of the samples beside the grids."""

from keras_gen import terminal
from keras_gen.training.callbacks.step import StepCallback
from keras_gen.training.callbacks.table import Table


class Monitors(StepCallback):
    """Measures samples every few steps, writes the numbers to a CSV file and
    TensorBoard, and warns when the generator has collapsed, or when the judge
    of a game has learnt its data by heart; of this once.

    Early on samples are alike because nothing is learnt yet: before a tenth
    of the run, and before step 200, only those count that had been different.

    Args:
        monitors: `keras_gen.training.monitors.SampleMonitors`.
        path: the CSV file; see `Table`.
        events: an `EventFile`.
        every: steps between measurements.
        steps: the run's last step.
    """

    def __init__(self, monitors, path, events, every, steps):
        super().__init__()
        self.monitors, self.path, self.events = monitors, path, events
        self.every, self.early = every, max(200, steps / 10)
        self.values = {}
        self.spread = self.warned = self.told = False

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.table = Table(self.path, self.step)

    def on_step(self, step, logs):
        if step % self.every:
            return
        self.values = self.monitors.measure()
        self.table.append(step, self.values)
        for name, value in self.values.items():
            self.events.scalar(name, value, step)
        alike = self.monitors.collapsed(self.values)
        collapsed = alike and (self.spread or step >= self.early)
        if collapsed and not self.warned:
            self.warn(step)
        self.spread, self.warned = self.spread or not alike, collapsed
        judge = self.monitors.judge
        if judge and judge.learnt(self.values) and not self.told:
            self.told = True
            what = judge.warning(self.values)
            terminal.say(f"warning: at step {step} {what}")

    def warn(self, step):
        """Prints the warning."""
        terminal.say(
            f"warning: at step {step} the samples are almost all alike "
            f"(pairwise distance {self.values['pairwise_distance']:.3g}, "
            f"real ones {self.monitors.real:.3g}): the model has collapsed; "
            f"if it stays so, try {self.model.against_collapse}"
        )
