"""The best weights so far, by a number that is watched."""

import math
import shutil
import tomllib

from keras_gen.training import diagnosis
from keras_gen.training.callbacks.log import floats
from keras_gen.training.callbacks.step import StepCallback


def kept(folder, since=0):
    """What `best.toml` in a folder says, {step, name, value}; None where
    there is none of after step `since`."""
    before = folder.with_name("best.before")
    if before.exists() and not folder.exists():
        # A run was killed between the two renames of `Best.write`.
        before.rename(folder)
    file = folder / "best.toml"
    if not file.exists():
        return None
    found = tomllib.loads(file.read_text("utf-8-sig"))
    return found if found["step"] > since else None


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
        found = kept(self.folder, self.since)
        self.seen, self.best = [], found and found["value"]

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


class Patience(StepCallback):
    """Ends training after so many looks in vain since the best that `Best`,
    which runs before it, has kept.

    What is kept alone tells it: a run that was stopped, or killed before its
    next checkpoint, ends at the step at which it would have ended.

    Args:
        folder, every: those of `Best`.
        looks: how many, 1 or more.
    """

    def __init__(self, folder, looks, every):
        super().__init__()
        self.folder, self.looks, self.every = folder, looks, every

    def over(self, step):
        """Whether it ends after this step."""
        if step % self.every:
            return False
        found = kept(self.folder)
        last = found["step"] if found else 0
        return (step - last) // self.every >= self.looks

    def on_step(self, step, logs):
        if self.over(step):
            self.model.stop_training = True
