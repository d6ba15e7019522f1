"""Trains tiny models, dies of signal 9, and goes on with them.

    kill_worker.py FOLDER die NAME...
    kill_worker.py FOLDER finish NAME...

The first is killed when all the models in FOLDER/NAME-killed have made a step
more than their checkpoint holds. The second goes on with them, trains others
without a stop, and writes FOLDER/NAME-killed.npz and FOLDER/NAME-whole.npz.
"""

import contextlib
import os
import pathlib
import signal
import sys

import keras
import numpy as np

from check import values
from keras_gen.training import callbacks, devices, trainer
from keras_gen.training.event_file import EventFile
from keras_gen.zoo.recipes import Recipe
from objectives import tiny

STEPS, CHECKPOINT = 2, 1


class TinyRecipe(Recipe):
    """A recipe of a tiny model, so that the trainer trains it."""

    def build(self):
        return tiny.compiled(self.name, decaying)

    def dataset(self, split="train"):
        return tiny.dataset(self.name)


def decaying():
    schedule = keras.optimizers.schedules.PolynomialDecay(2e-3, 10)
    return keras.optimizers.Adam(schedule, beta_1=0.5)


def train(name, workdir):
    """Begins or goes on, to the end; every value of the model then."""
    recipe = TinyRecipe({
        "name": name, "train": {"steps": STEPS, "seed": 3},
        "data": {"batch_size": tiny.ROWS},
    }, "here")
    keras.utils.set_random_seed(3)
    model = recipe.build()
    (workdir / "checkpoints").mkdir(parents=True, exist_ok=True)
    trainer.begin(recipe, model, workdir, init_from="")
    place = devices.plan("none").start(tiny.ROWS)
    with contextlib.closing(EventFile(workdir / "tensorboard")) as events:
        # No grids: to compile what draws them takes longer than all else.
        trainer.train(recipe, model, recipe.dataset(), place, [
            callbacks.Log(workdir / "log.csv", events, every=1),
            callbacks.Checkpoints(workdir / "checkpoints", 5.0),
        ])
    return values(model)


def die(folder, names):
    """Trains the models, each inside a step of the one before, so that all
    are under way when the end comes."""
    name, *others = names

    class Deadly(callbacks.Checkpoints):
        def on_step(self, step, logs):
            if step == CHECKPOINT:
                self.write()
            elif others:
                die(folder, others)
            else:
                os.kill(os.getpid(), signal.SIGKILL)

    callbacks.Checkpoints = Deadly
    train(name, folder / f"{name}-killed")


def finish(folder, names):
    for run in ("killed", "whole"):
        for name in names:
            result = train(name, folder / f"{name}-{run}")
            np.savez(folder / f"{name}-{run}.npz", *result)


if __name__ == "__main__":
    task = {"die": die, "finish": finish}[sys.argv[2]]
    task(pathlib.Path(sys.argv[1]), sys.argv[3:])
