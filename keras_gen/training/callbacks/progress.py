"""The line that shows how far training is."""

import sys
import time

from keras_gen.training.callbacks.step import StepCallback


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
            rate = self.pictures / seconds
            text += f"  {rate:.{0 if rate >= 10 else 1}f} pictures/s"
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
