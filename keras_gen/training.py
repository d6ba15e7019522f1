"""A training run in a work directory: from a recipe to exported weights.

    <workdir>/recipe.toml          the resolved recipe, with [run]
    <workdir>/log.csv              all losses; losses.png draws them
    <workdir>/tensorboard/         the same for TensorBoard
    <workdir>/samples/             a grid of the same latents, at each stage
    <workdir>/checkpoints/         networks, optimizers and step; the last two
    <workdir>/export/<network>.weights.h5 and export/1/ (SavedModel)
"""

import contextlib
import datetime
import os
import platform
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import keras
import numpy as np

from keras_gen import callbacks, plot
from keras_gen.errors import InputError
from keras_gen.recipe import Recipe, to_toml


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
    refuse_folder(recipe, workdir)
    dataset = recipe.dataset()
    with strategy_scope():
        objective = recipe.build()
    objective.check_data(dataset)
    with disk_errors():
        prepare(recipe, workdir)
        done = restore(objective, workdir / "checkpoints")
        describe(recipe, objective, dataset, workdir, done)
        steps = recipe["train"]["steps"]
        if done < steps:
            train(recipe, objective, dataset, workdir, done)
            done = objective.steps_done
        if done < steps:
            print(f"stopped; the same command goes on from step {done}")
            return False
        finish(recipe, objective, workdir)
        return True


def refuse_folder(recipe, workdir):
    """Raises an InputError unless `workdir` is new, empty or this recipe's;
    only `train.steps` may differ."""
    file = workdir / "recipe.toml"
    if file.exists():
        found = differences(Recipe.read(file).values, recipe.values)
        if found:
            more = f" and {len(found) - 2} more" if len(found) > 2 else ""
            raise InputError(
                f"{workdir} belongs to another recipe "
                f"({'; '.join(found[:2])}{more}): choose another --workdir, "
                "or delete it to start anew"
            )
    elif workdir.exists() and (
        not workdir.is_dir() or any(workdir.iterdir())
    ):
        raise InputError(
            f"{workdir} is not empty and no work directory of keras_gen: "
            "choose another --workdir"
        )


def prepare(recipe, workdir):
    """Makes the folders and writes the resolved recipe."""
    for name in ("samples", "checkpoints", "export"):
        (workdir / name).mkdir(parents=True, exist_ok=True)
    values = recipe.values | {"run": circumstances()}
    aside = workdir / "recipe.aside"
    aside.write_text(to_toml(values), "utf-8")
    aside.replace(workdir / "recipe.toml")


def differences(old, new, prefix=""):
    """Which training settings differ, a text for each."""
    found = []
    for key in sorted(set(old) | set(new)):
        dotted = f"{prefix}{key}"
        a, b = old.get(key), new.get(key)
        if dotted in ("run", "card", "weights", "smoke", "summary", "paper",
                      "train.steps"):
            continue
        if isinstance(a, dict) and isinstance(b, dict):
            found += differences(a, b, f"{dotted}.")
        elif a != b:
            found.append(f"{dotted} = {a!r} there, {b!r} here")
    return found


def circumstances():
    """What a run depends on beside its recipe."""
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True,
        cwd=Path(__file__).parent,
    ).stdout.strip()
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat("T", "seconds"),
        "command": " ".join(sys.argv),
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
        "python": platform.python_version(),
        "device": device(),
        "revision": revision or "unknown",
    }


def device():
    """The device that trains, in words."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        names = [
            tf.config.experimental.get_device_details(g).get("device_name")
            for g in gpus
        ]
    else:
        import torch

        count = torch.cuda.device_count()
        names = [torch.cuda.get_device_name(i) for i in range(count)][:1]
    if names:
        return f"{len(names)} GPU: {', '.join(map(str, names))}"
    return f"CPU, {os.cpu_count()} cores"


def strategy_scope():
    """MirroredStrategy's scope when TensorFlow sees several GPUs."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        if len(tf.config.list_physical_devices("GPU")) > 1:
            return tf.distribute.MirroredStrategy().scope()
    return contextlib.nullcontext()


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
    print(
        f"device      {device()} ({keras.backend.backend()}, {precision})"
    )
    print(f"data        {dataset.summary()}")
    for line in dataset.skipped:
        print(f"  skipped   {line}")
    for name, network in objective.networks.items():
        print(f"{name:<22} {network.count_params():>12,} parameters")
    print(f"writes to   {workdir}")
    if done:
        print(f"goes on from step {done}")
    sys.stdout.flush()


def train(recipe, objective, dataset, workdir, done):
    """Trains from step `done` to the last, or to a signal to stop."""
    steps, seed = recipe["train"]["steps"], recipe["train"]["seed"]
    batches = recipe.batches(dataset, objective, start=done)
    grids = callbacks.SampleGrids(
        workdir / "samples", preview_batch(recipe, dataset),
        every=max(1, steps // 20), seed=seed,
    )
    rows = recipe["data"]["batch_size"] * objective.updates_per_step
    with stop_signals() as stop:
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
                callbacks.Checkpoints(workdir / "checkpoints"),
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


@contextlib.contextmanager
def stop_signals():
    """An event that the first Ctrl-C or SIGTERM sets; a second Ctrl-C
    interrupts at once."""
    stop = threading.Event()

    def handler(number, frame):
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        print("\nstopping after this step ...", flush=True)

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {
        s: signal.signal(s, handler) for s in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, old in before.items():
            signal.signal(number, old)


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


@contextlib.contextmanager
def disk_errors():
    """Turns a full disk or a forbidden folder into an `InputError`."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        # HDF5 tells of a full disk by a RuntimeError when it closes a file.
        if isinstance(error, RuntimeError) and "errno" not in str(error):
            raise
        raise InputError(
            f"cannot write ({error}): free some space or choose another "
            "--workdir; the last checkpoint is whole, and the same command "
            "goes on from it"
        ) from error
