"""A training run in a work directory: from a recipe to exported weights."""

import contextlib
import shutil
import sys
from pathlib import Path

import keras
import numpy as np

from keras_gen import callbacks, devices, plot, run_folder, schedules
from keras_gen.data import shapes
from keras_gen.errors import InputError
from keras_gen.event_file import EventFile
from keras_gen.monitors import SampleMonitors
from keras_gen.objectives.latent import LatentObjective


def run(recipe, workdir):
    """Trains a recipe, or goes on with it, to its last step.

    Args:
        recipe: the resolved `Recipe`.
        workdir: a new folder, or that of an earlier run of this recipe.

    Returns:
        True when the run is complete, False when it was stopped.

    Raises:
        InputError: bad data, a folder that belongs to another recipe, a
            full disk.
    """
    workdir = Path(workdir)
    run_folder.refuse_folder(recipe, workdir)
    dataset = recipe.dataset()
    with devices.strategy_scope():
        objective = recipe.build()
    objective.check_data(dataset)
    monitors = sample_monitors(recipe, objective, dataset)
    check_best(recipe, objective, monitors)
    with run_folder.disk_errors():
        run_folder.prepare(recipe, workdir)
        done = restore(objective, workdir / "checkpoints")
        describe(recipe, objective, dataset, workdir, done)
        steps = recipe["train"]["steps"]
        if done < steps:
            train(recipe, objective, dataset, monitors, workdir, done)
            done = objective.steps_done
        if done < steps:
            print(f"stopped; the same command goes on from step {done}")
            return False
        finish(recipe, objective, workdir)
        return True


def restore(objective, folder):
    """Loads the newest checkpoint; the step it was saved at, 0 without."""
    found = callbacks.checkpoints(folder)
    if found:
        objective.load_weights(found[-1])
    return objective.steps_done


def describe(recipe, objective, dataset, workdir, done):
    """Prints what is about to happen, where and on what."""
    print(f"{recipe.name}: {recipe['summary']}")
    precision = recipe["train"]["precision"]
    how = f"{keras.backend.backend()}, {precision}"
    print(f"device      {devices.describe()} ({how})")
    print(f"data        {dataset.summary()}")
    for line in dataset.notes:
        print(f"  {line}")
    for line in dataset.skipped[:20]:
        print(f"  skipped   {line}")
    if len(dataset.skipped) > 20:
        print(f"  skipped   {len(dataset.skipped) - 20:,} more")
    for name, network in objective.networks.items():
        print(f"{name:<22} {network.count_params():>12,} parameters")
    print(f"writes to   {workdir}")
    if done:
        print(f"goes on from step {done}")
    for line in schedules.too_short(objective, recipe["train"]["steps"]):
        print(f"warning: {line}")
    sys.stdout.flush()


def train(recipe, objective, dataset, monitors, workdir, done):
    """Trains from step `done` to the last, or to a signal to stop."""
    steps = recipe["train"]["steps"]
    batches = recipe.batches(dataset, objective, start=done)
    rows = recipe["data"]["batch_size"] * objective.updates_per_step
    events = EventFile(workdir / "tensorboard")
    events.text("recipe", f"```toml\n{recipe.to_toml()}\n```", done)
    with callbacks.stop_signals() as stop, contextlib.closing(events):
        objective.fit(
            tensors(batches),
            steps_per_epoch=steps - done,
            shuffle=False,
            verbose=0,
            callbacks=[
                # First of all: what is not finite must not be written.
                callbacks.StopWhenNotFinite(batches),
                callbacks.Progress(steps, rows),
                callbacks.Log(
                    workdir / "log.csv", events,
                    every=max(1, min(50, steps // 200)),
                ),
                *sample_callbacks(recipe, monitors, workdir, events),
                callbacks.Checkpoints(workdir / "checkpoints"),
                callbacks.StopOnFlag(stop),
            ],
        )


def sample_callbacks(recipe, monitors, workdir, events):
    """What is done with samples, every twentieth of the run."""
    table = recipe["train"]
    every = max(1, table["steps"] // 20)
    watch = callbacks.Monitors(
        monitors, workdir / "monitors.csv", events, every, table["steps"]
    )
    found = [
        callbacks.SampleGrids(
            workdir / "samples", events, monitors.batch, every, table["seed"]
        ),
        watch,
    ]
    if "best" in table:
        found.append(callbacks.Best(
            workdir / "best", table["best"], table["best_mode"], watch, every
        ))
    return found


def sample_monitors(recipe, objective, dataset):
    """The monitors of the samples, with a classifier where there is one."""
    known = recipe["data"]["source"] == "shapes"
    known = known and isinstance(objective, LatentObjective)
    return SampleMonitors(
        objective, preview_batch(recipe, dataset), recipe["train"]["seed"],
        classify=shapes.classify if known else None, classes=shapes.CLASSES,
    )


def check_best(recipe, objective, monitors):
    """Raises an InputError when `train.best` is neither log nor monitor."""
    best = recipe["train"].get("best")
    if best is None:
        return
    norms = [f"{player}_gradient_norm" for player in objective.players]
    names = [*objective.log_names(monitors.batch), *norms, *monitors.names]
    if best not in names:
        raise InputError(
            f"train.best is {best!r}: choose one of {', '.join(names)}"
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
    """Writes weights, the SavedModel, the curves and the animation."""
    folder = workdir / "export"
    objective.save_networks(folder)
    plot.curves(workdir / "log.csv", workdir / "losses.png")
    plot.curves(workdir / "monitors.csv", workdir / "monitors.png")
    grids = sorted((workdir / "samples").glob("step-*.png"))
    plot.animation(grids, workdir / "samples.gif")
    print(f"weights     {folder}")
    if keras.backend.backend() == "tensorflow":
        shutil.rmtree(folder / "1", ignore_errors=True)
        # Exports compute in float32, whatever the networks trained in.
        twin = recipe.override({"train.precision": "float32"}).build()
        trained = objective.networks | objective.averages
        for name, network in (twin.networks | twin.averages).items():
            network.set_weights(trained[name].get_weights())
        twin.export(folder / "1")
        print(f"SavedModel  {folder / '1'}")
    else:
        print(
            "SavedModel  run the same command with KERAS_BACKEND=tensorflow "
            "to write it"
        )
