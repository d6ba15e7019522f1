"""Trains every tiny model, kills it with signal 9, and goes on with it.

    kill_worker.py FOLDER

writes FOLDER/NAME-whole.npz after two steps, and FOLDER/NAME-killed.npz after
two of which the second was lost and done again by another process.
"""

import os
import pathlib
import signal
import sys
import traceback

import keras
import numpy as np
from tensorboard.compat import tf

from check import values
from keras_gen import callbacks, training
from keras_gen.data import Dataset
from keras_gen.recipe import Recipe
from objectives import tiny

STEPS, CHECKPOINT = 2, 1


class TinyRecipe(Recipe):
    """A recipe of a tiny model, so that the trainer trains it."""

    def build(self):
        return tiny.compiled(self.name, decaying)

    def dataset(self, split="train"):
        return Dataset(tiny.data(self.name), unpaired=self.name == "cyclegan")


def decaying():
    schedule = keras.optimizers.schedules.PolynomialDecay(2e-3, 10)
    return keras.optimizers.Adam(schedule, beta_1=0.5)


class DeadlyCheckpoints(callbacks.Checkpoints):
    """One checkpoint, and death after the next step."""

    def on_step(self, step, logs):
        if step == CHECKPOINT:
            self.write()
        if step == CHECKPOINT + 1:
            os.kill(os.getpid(), signal.SIGKILL)


def train(name, workdir):
    """Begins or goes on, to the end; every value of the model then."""
    recipe = TinyRecipe({
        "name": name, "train": {"steps": STEPS, "seed": 3},
        "data": {"batch_size": tiny.ROWS},
    }, "here")
    keras.utils.set_random_seed(3)
    model = recipe.build()
    (workdir / "samples").mkdir(parents=True, exist_ok=True)
    (workdir / "checkpoints").mkdir(exist_ok=True)
    training.begin(recipe, model, workdir, init_from="")
    training.train(recipe, model, recipe.dataset(), workdir, 5.0)
    return values(model)


class NoGrids(callbacks.SampleGrids):
    """To compile what draws them would take longer than all the rest."""

    def on_step(self, step, logs):
        pass


def finish(names, folder, suffix):
    """Trains to the end and writes every value of the models."""
    for name in names:
        result = train(name, folder / f"{name}-{suffix}")
        np.savez(folder / f"{name}-{suffix}.npz", *result)


def die(name, folder):
    callbacks.Checkpoints = DeadlyCheckpoints
    train(name, folder / f"{name}-killed")


def forked(task, *arguments):
    """A new process, of this one's modules, that runs `task`."""
    child = os.fork()
    if child:
        return child
    try:
        task(*arguments)
        os._exit(0)
    except BaseException:
        traceback.print_exc()
    os._exit(1)


def status(child):
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder):
    folder = pathlib.Path(folder)
    callbacks.SampleGrids = NoGrids
    # Imported here once, it need not be in each process.
    tf.__version__
    whole = forked(finish, tiny.NAMES, folder, "whole")
    for name in tiny.NAMES:
        assert status(forked(die, name, folder)) == -signal.SIGKILL
    assert status(forked(finish, tiny.NAMES, folder, "killed")) == 0
    assert status(whole) == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
