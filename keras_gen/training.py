"""A training run in a work directory: from a recipe to exported weights."""

import shutil
import sys
from pathlib import Path

import keras
import numpy as np

from keras_gen import callbacks, devices, plot, run_folder
from keras_gen.errors import InputError


def run(recipe, workdir, plan=None):
    """Trains a recipe, or goes on with it, to its last step.

    Args:
        recipe: the resolved `Recipe`.
        workdir: a new folder, or that of an earlier run of this recipe. With
            several workers only the chief reads and writes it.
        plan: a `devices.Plan`, the default one if None.

    Returns:
        True when the run is complete, False when it was stopped.

    Raises:
        InputError: bad data, a folder that belongs to another recipe, a
            full disk.
        WorkerLost: another worker of this run stopped.
    """
    workdir = Path(workdir)
    run_folder.refuse_folder(recipe, workdir)
    plan = plan or devices.plan()
    place = plan.start(recipe["data"]["batch_size"])
    with place.lost_workers():
        dataset = recipe.dataset()
        with place.scope():
            objective = recipe.build()
        objective.check_data(dataset)
        with run_folder.disk_errors():
            return go_on(recipe, objective, dataset, workdir, place)


def go_on(recipe, objective, dataset, workdir, place):
    """Trains from the last checkpoint; whether the run is complete."""
    if place.chief:
        run_folder.prepare(recipe, workdir, place)
        restore(objective, workdir / "checkpoints")
    place.share(objective)
    done, steps = objective.steps_done, recipe["train"]["steps"]
    describe(recipe, objective, dataset, workdir, place)
    if done < steps:
        train(recipe, objective, dataset, workdir, place)
        done = objective.steps_done
    if done < steps:
        print(f"stopped; the same command goes on from step {done}")
        return False
    if place.chief:
        finish(recipe, objective, workdir)
    return True


def restore(objective, folder):
    """Loads the newest checkpoint, if there is one."""
    found = callbacks.checkpoints(folder)
    if found:
        objective.load_weights(found[-1])


def describe(recipe, objective, dataset, workdir, place):
    """Prints what is about to happen, where and on what."""
    if not place.chief:
        print(
            f"worker {place.number} trains in step with worker 0, the chief, "
            "which reports and writes", flush=True,
        )
        return
    print(f"{recipe.name}: {recipe['summary']}")
    precision = recipe["train"]["precision"]
    how = f"{keras.backend.backend()}, {precision}"
    print(f"device      {place.describe()} ({how})")
    print(f"data        {dataset.summary()}")
    for line in dataset.skipped:
        print(f"  skipped   {line}")
    for name, network in objective.networks.items():
        print(f"{name:<22} {network.count_params():>12,} parameters")
    print(f"writes to   {workdir}")
    if objective.steps_done:
        print(f"goes on from step {objective.steps_done}")
    sys.stdout.flush()


def train(recipe, objective, dataset, workdir, place):
    """Trains to the last step, or to a signal to stop."""
    steps, done = recipe["train"]["steps"], objective.steps_done
    batches = recipe.batches(dataset, objective, start=done)
    beside = []
    if place.chief:
        beside = reports(recipe, objective, dataset, workdir)
    with callbacks.stop_signals() as stop:
        objective.fit(
            place.data(batches),
            steps_per_epoch=steps - done,
            shuffle=False,
            verbose=0,
            callbacks=[
                *beside,
                callbacks.StopOnFlag(lambda: place.any_worker(stop.is_set())),
            ],
        )


def reports(recipe, objective, dataset, workdir):
    """The callbacks that print and write."""
    steps, seed = recipe["train"]["steps"], recipe["train"]["seed"]
    rows = recipe["data"]["batch_size"] * objective.updates_per_step
    return [
        callbacks.Progress(steps, rows),
        callbacks.Log(
            workdir / "log.csv", workdir / "tensorboard",
            every=max(1, min(50, steps // 200)),
        ),
        callbacks.SampleGrids(
            workdir / "samples", preview_batch(recipe, dataset),
            every=max(1, steps // 20), seed=seed,
        ),
        callbacks.Checkpoints(workdir / "checkpoints"),
    ]


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
        aside.replace(folder / f"{name}.weights.h5")
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
