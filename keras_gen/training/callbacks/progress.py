"""The line that shows how far training is."""

import sys
import time

from keras_gen import terminal
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
        # Asked each time: a window may have been made smaller.
        room = terminal.columns(sys.stdout)
        every = 30 if room is None else 0.5
        last = step == self.steps
        if not last and self.printed and now - self.printed < every:
            return
        self.printed = now
        if room is None:
            print(self.line(step, now, logs), flush=True)
            return
        terminal.rewrite(self.line(step, now, logs, room - 1), sys.stdout)
        if last:
            terminal.keep(sys.stdout)

    def line(self, step, now, logs, room=None):
        """The text for this step, of as many of its parts as there is room
        for: first the losses go, the last one first, then the bar."""
        share = 20 * step // self.steps
        bar = f"[{'=' * share}{'.' * (20 - share)}] "
        parts = [f"{step}/{self.steps}"]
        if step > self.first:
            seconds = (now - self.started) / (step - self.first)
            rate = self.pictures / seconds
            parts += [
                f"{clock(seconds * (self.steps - step))} left",
                f"{rate:.{0 if rate >= 10 else 1}f} pictures/s",
            ]
        own = len(parts)
        parts += [
            f"{name} {float(value):.3g}" for name, value in logs.items()
            if name.endswith("loss")
        ]
        while room is not None and len(bar + "  ".join(parts)) > room:
            if len(parts) > own or len(parts) > 1 and not bar:
                parts.pop()
            elif bar:
                bar = ""
            else:
                break
        return bar + "  ".join(parts)


def clock(seconds):
    """Seconds as h:mm:ss or m:ss."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{seconds:02}"
    return f"{minutes}:{seconds:02}"
