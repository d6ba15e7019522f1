"""The best weights so far, by a number that is watched."""

import math
import shutil
import tomllib

from keras_gen.training import diagnosis
from keras_gen.training.callbacks.log import floats
from keras_gen.training.callbacks.step import StepCallback


class Best(StepCallback):
    """Keeps the networks' weights of the best step in a folder.

    Every few steps the number is looked at: a monitor's newest value, or the
    mean of a log since the last look (since the start of this process, if
    it has gone on in between). `best.toml` in the folder tells which step
    and value it was.

    Args:
        folder: where to.
        name: a log or a monitor.
        mode: "min" or "max", what is better.
        monitors: the `Monitors` callback, which runs before this one.
        every: steps between looks, as the monitors'.
        since: the step that the stage of training began after: the best
            weights of an earlier one are of other networks, and count no
            more.
    """

    def __init__(self, folder, name, mode, monitors, every, since=0):
        super().__init__()
        self.folder, self.name, self.monitors = folder, name, monitors
        self.sign, self.every = {"min": 1, "max": -1}[mode], every
        self.since = since

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.seen, self.best = [], None
        before = self.folder.with_name("best.before")
        if before.exists() and not self.folder.exists():
            # A run was killed between the two renames of `write`.
            before.rename(self.folder)
        file = self.folder / "best.toml"
        if file.exists():
            found = tomllib.loads(file.read_text("utf-8-sig"))
            if found["step"] > self.since:
                self.best = found["value"]

    def on_step(self, step, logs):
        values = floats(logs)
        if self.name in values:
            self.seen.append(values[self.name])
        if step % self.every:
            return
        if self.name in self.monitors.values:
            value = self.monitors.values[self.name]
        else:
            value = sum(self.seen) / len(self.seen)
        self.seen = []
        # Under float16 a gradient norm may be infinite now and then.
        if math.isfinite(value) and (
            self.best is None or self.sign * (value - self.best) < 0
        ):
            self.best = value
            self.write(step, value)

    def write(self, step, value):
        """Writes the folder aside and puts it in the place of the old."""
        diagnosis.refuse_bad_weights(self.model)
        aside, before = (
            self.folder.with_name(f"best.{x}") for x in ("aside", "before")
        )
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        self.model.save_networks(aside)
        (aside / "best.toml").write_text(
            f'step = {step}\nname = "{self.name}"\nvalue = {value!r}\n',
            "utf-8",
        )
        if self.folder.exists():
            shutil.rmtree(before, ignore_errors=True)
            self.folder.rename(before)
        aside.rename(self.folder)
        shutil.rmtree(before, ignore_errors=True)
