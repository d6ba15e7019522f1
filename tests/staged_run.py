"""The run of `test_stages` in a process of its own, on some devices, which
may kill itself: <work directory> <devices> [<step in which it dies>]."""

import os
import pathlib
import signal
import sys

import keras

from keras_gen.training import devices, reports, trainer
from keras_gen.training.callbacks.step import StepCallback
from test_stages import growing


class Deadly(StepCallback):
    """Kills the process in a step, before anything is written of it."""

    def __init__(self, step):
        super().__init__()
        self.end = step

    def on_step(self, step, logs):
        if step == self.end:
            os.kill(os.getpid(), signal.SIGKILL)


def main(workdir, where, *step):
    whole = reports.reports
    reports.reports = lambda *arguments: [
        *(Deadly(int(s)) for s in step), *whole(*arguments)
    ]
    keras.utils.set_random_seed(0)
    trainer.run(
        growing(), pathlib.Path(workdir), checkpoint_minutes=0,
        plan=devices.plan(devices=where),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
