"""What happens beside training: progress, logs, grids, checkpoints."""

import csv
import math
import os
import sys
import time

import keras
import numpy as np
from tensorboard.summary import Writer

from keras_gen import plot
from keras_gen.errors import InputError


class StepCallback(keras.callbacks.Callback):
    """A callback that knows the step counted over all runs."""

    def on_train_begin(self, logs=None):
        self.step = self.first = self.model.steps_done

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        self.on_step(self.step, logs)

    def on_step(self, step, logs):
        """Called after each training step."""


class Progress(StepCallback):
    """A line with the step, pictures per second, time left and losses; it
    is rewritten on a terminal and printed every 30 s elsewhere.

    Args:
        steps: the run's last step.
        pictures: real pictures that one step trains on.
    """

    def __init__(self, steps, pictures):
        super().__init__()
        self.steps, self.pictures = steps, pictures

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self.printed = self.started = None

    def on_step(self, step, logs):
        now = time.monotonic()
        if self.started is None:
            # The first step compiles: the clock starts after it.
            self.started, self.first = now, step
        every = 0.5 if sys.stdout.isatty() else 30
        last = step == self.steps
        if not last and self.printed and now - self.printed < every:
            return
        self.printed = now
        end = "\n" if last or not sys.stdout.isatty() else ""
        start = "\r\033[K" if sys.stdout.isatty() else ""
        print(start + self.line(step, now, logs), end=end, flush=True)

    def line(self, step, now, logs):
        """The text for this step."""
        share = 20 * step // self.steps
        text = f"[{'=' * share}{'.' * (20 - share)}] {step}/{self.steps}"
        if step > self.first:
            seconds = (now - self.started) / (step - self.first)
            text += f"  {self.pictures / seconds:.0f} pictures/s"
            text += f"  {clock(seconds * (self.steps - step))} left"
        for name, value in logs.items():
            if name.endswith("loss"):
                text += f"  {name} {float(value):.3g}"
        return text


def clock(seconds):
    """Seconds as h:mm:ss or m:ss."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"


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
            with open(self.path, newline="") as file:
                header, *rows = list(csv.reader(file))
            rows = [r for r in rows if int(r[0]) <= self.step]
            aside = self.path.with_suffix(".aside")
            with open(aside, "w", newline="") as file:
                csv.writer(file).writerows([header, *rows])
            os.replace(aside, self.path)

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
        new = not self.path.exists()
        with open(self.path, "a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["step", *values])
            writer.writerow([step, *(f"{v:.6g}" for v in values.values())])
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def on_train_end(self, logs=None):
        self.writer.close()


class SampleGrids(StepCallback):
    """Writes the objective's preview, always of the same latents and the
    same test data, as `step-<number>.png`.

    Args:
        folder: where to.
        batch: test data for the objective's `preview`.
        every: steps between grids.
        seed: of the latents.
    """

    def __init__(self, folder, batch, every, seed):
        super().__init__()
        self.folder, self.batch = folder, batch
        self.every, self.seed = every, seed

    def on_step(self, step, logs):
        if step % self.every == 0:
            self.write(step)

    def write(self, step):
        """Writes the grid of this step."""
        pictures, columns = self.model.preview(self.batch, self.seed)
        path = self.folder / f"step-{step:07}.png"
        plot.grid(pictures, path, columns=columns)


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
        """Saves a checkpoint of the current step."""
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


class StopOnFlag(keras.callbacks.Callback):
    """Ends training after the step under way once `stop` is set.

    Args:
        stop: a `threading.Event`.
    """

    def __init__(self, stop):
        super().__init__()
        self.stop = stop

    def on_train_batch_end(self, batch, logs=None):
        if self.stop.is_set():
            self.model.stop_training = True
