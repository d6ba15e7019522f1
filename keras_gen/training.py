"""A training run in a work directory: from a recipe to exported weights."""

import shutil
import sys
from pathlib import Path

import keras
import numpy as np
from keras import ops

from keras_gen import (
    callbacks,
    checkpoint,
    devices,
    durable,
    fine_tuning,
    plot,
    run_folder,
)
from keras_gen.errors import InputError


def run(recipe, workdir, init_from=None, checkpoint_minutes=5.0):
    """Trains a recipe, or goes on with it, to its last step.

    Args:
        recipe: the resolved `Recipe`.
        workdir: a new folder, or that of an earlier run of this recipe.
        init_from: a published model or a work directory whose weights a new
            run starts from; see `fine_tuning`.
        checkpoint_minutes: time between checkpoints.

    Returns:
        True when the run is complete, False when it was stopped.

    Raises:
        InputError: bad data, a folder that belongs to another recipe or is
            in use, no whole checkpoint, networks that do not fit, a full
            disk.
    """
    workdir = Path(workdir)
    run_folder.refuse_folder(recipe, workdir)
    init_from = fine_tuning.resolve(init_from, recipe, workdir)
    with run_folder.alone(workdir):
        return go(recipe, workdir, init_from, checkpoint_minutes)


def go(recipe, workdir, init_from, checkpoint_minutes):
    """`run` in a folder that no other process trains in."""
    dataset = recipe.dataset()
    with devices.strategy_scope():
        objective = recipe.build()
    objective.check_data(dataset)
    done = begin(recipe, objective, workdir, init_from)
    with run_folder.disk_errors():
        run_folder.prepare(recipe, workdir, init_from)
        describe(recipe, objective, dataset, workdir, done)
        steps = recipe["train"]["steps"]
        if done < steps:
            train(recipe, objective, dataset, workdir, checkpoint_minutes)
            done = objective.steps_done
        if done < steps:
            print(f"stopped; the same command goes on from step {done}")
            return False
        finish(recipe, objective, workdir)
        return True


def begin(recipe, objective, workdir, init_from):
    """Loads the newest checkpoint, or what a new run starts from; the step
    to go on from."""
    done = checkpoint.restore(objective, workdir / "checkpoints")
    steps = recipe["train"]["steps"]
    if done > steps:
        raise InputError(
            f"the run in {workdir} has done {done} steps already: train to "
            f"at least as many, not {steps}"
        )
    if init_from and not done:
        fine_tuning.apply(init_from, objective)
        print(f"starts from {init_from}")
    return done


def describe(recipe, objective, dataset, workdir, done):
    """Prints what is about to happen, where and on what."""
    print(f"{recipe.name}: {recipe['summary']}")
    precision = recipe["train"]["precision"]
    how = f"{keras.backend.backend()}, {precision}"
    print(f"device      {devices.describe()} ({how})")
    print(f"data        {dataset.summary()}")
    for line in dataset.skipped:
        print(f"  skipped   {line}")
    for name, network in objective.networks.items():
        print(f"{name:<22} {network.count_params():>12,} parameters")
    print(f"writes to   {workdir}")
    if done:
        print(f"goes on from step {done}")
    if done < recipe["train"]["steps"]:
        for player, optimizer in objective.optimizers.items():
            if float(ops.convert_to_numpy(optimizer.learning_rate)) == 0.0:
                print(f"note        the learning rate of {player} is 0 by now")
    sys.stdout.flush()


def train(recipe, objective, dataset, workdir, checkpoint_minutes):
    """Trains to the last step, or to a signal to stop."""
    steps, seed = recipe["train"]["steps"], recipe["train"]["seed"]
    done = objective.steps_done
    batches = recipe.batches(dataset, objective, start=done)
    grids = callbacks.SampleGrids(
        workdir / "samples", preview_batch(recipe, dataset),
        every=max(1, steps // 20), seed=seed,
    )
    rows = recipe["data"]["batch_size"] * objective.updates_per_step
    with callbacks.stop_signals() as stop:
        objective.fit(
            tensors(batches),
            steps_per_epoch=steps - done,
            shuffle=False,
            verbose=0,
            callbacks=[
                callbacks.Progress(steps, rows),
                callbacks.Log(
                    workdir / "log.csv", workdir / "tensorboard",
                    every=max(1, min(50, steps // 200)),
                ),
                grids,
                callbacks.Checkpoints(
                    workdir / "checkpoints", checkpoint_minutes
                ),
                callbacks.StopOnFlag(stop),
            ],
        )


def tensors(batches):
    """The batches as `fit` takes them on this backend."""
    if keras.backend.backend() == "tensorflow":
        return batches.tf_data()
    return batches


def preview_batch(recipe, dataset):
    """The first 32 test examples, or training ones when there are none."""
    try:
        dataset = recipe.dataset("test")
    except InputError:
        pass
    return dataset.take(np.arange(32) % len(dataset))


def finish(recipe, objective, workdir):
    """Writes the networks' weights, the SavedModel and the curves."""
    folder = workdir / "export"
    for name, network in objective.networks.items():
        aside = folder / "aside.weights.h5"
        network.save_weights(aside)
        durable.rename(aside, folder / f"{name}.weights.h5")
    plot.curves(workdir / "log.csv", workdir / "losses.png")
    print(f"weights     {folder}")
    if keras.backend.backend() == "tensorflow":
        shutil.rmtree(folder / "1", ignore_errors=True)
        # Exports compute in float32, whatever the networks trained in.
        twin = recipe.override({"train.precision": "float32"}).build()
        for name, network in twin.networks.items():
            network.set_weights(objective.networks[name].get_weights())
        twin.export(folder / "1")
        print(f"SavedModel  {folder / '1'}")
    else:
        print(
            "SavedModel  run the same command with KERAS_BACKEND=tensorflow "
            "to write it"
        )
