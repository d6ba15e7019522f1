"""The folder of a training run: whose it is, and what it records.

    <workdir>/recipe.toml          the resolved recipe, with [run]
    <workdir>/log.csv              all losses; losses.png draws them
    <workdir>/tensorboard/         the same for TensorBoard
    <workdir>/monitors.csv         numbers about the samples; monitors.png
    <workdir>/samples/             a grid of the same latents, at each stage;
        the newest as moving.gif, of videos and solids
    <workdir>/samples.gif          the grids one after another
    <workdir>/checkpoints/         networks, optimizers and step; the last two
    <workdir>/best/                weights of the best step: train.best
    <workdir>/lock                 held by the process that trains
    <workdir>/export/<network>.weights.h5 and export/<version>/ (SavedModel,
        1 at first; a run that goes on replaces it by the next)
"""

import contextlib
import datetime
import fcntl
import os
import platform
import subprocess
import sys
from pathlib import Path

import keras

from keras_gen import atomic
from keras_gen.data.sources import splits
from keras_gen.errors import InputError
from keras_gen.training import same_data
from keras_gen.zoo import records, toml
from keras_gen.zoo.recipes import Recipe

# What of a recipe a training does not depend on, or may be changed in it.
_NO_TRAINING = (
    "run", "card", "measure", "results", "weights", "smoke", "summary",
    "paper", "train.steps", "train.best", "train.best_mode", "train.patience",
    "parameters", "golden", "unpublished",
    # Where the data lie: `same_data` looks at the data themselves.
    "data.source",
)
_NAMES = "objective.class_names"
# Runs that were begun before there was one do not say 0.
_VALIDATION = "data.validation"
# What a run that was killed at its very start leaves.
_FIRST = {"lock", "recipe.aside"}


def begun(recipe, workdir):
    """The `Recipe` of the run in a folder, None where there is none yet;
    `recipe` says whose code it may name."""
    file = workdir / "recipe.toml"
    return Recipe.read(file, recipe.allow_code_of) if file.exists() else None


def refuse_folder(recipe, workdir):
    """Raises an InputError unless `workdir` is new, empty or this recipe's,
    with the same weights of frozen networks; only `train.steps`, and where
    the data lie, may differ.
    """
    there = begun(recipe, workdir)
    if there:
        found = differences(there.values, recipe.pinned().values)
        if found:
            more = f" and {len(found) - 2} more" if len(found) > 2 else ""
            raise InputError(
                f"{workdir} belongs to another recipe "
                f"({'; '.join(found[:2])}{more}): choose another --workdir, "
                "or delete it to start anew"
            )
    elif workdir.exists() and (
        not workdir.is_dir()
        or {path.name for path in workdir.iterdir()} - _FIRST
    ):
        raise InputError(
            f"{workdir} is not empty and no work directory of keras_gen: "
            "choose another --workdir"
        )


@contextlib.contextmanager
def alone(workdir):
    """Keeps other processes from training in `workdir` inside the block.

    The system takes the lock back from a process that ends, however it
    ends, so that none is left behind. A new folder in which nothing was
    written goes again.

    Raises:
        InputError: another process trains there.
    """
    new = not workdir.exists()
    with disk_errors(workdir):
        workdir.mkdir(parents=True, exist_ok=True)
        file = open(workdir / "lock", "a+")
        _lock(file, workdir)
    with file:
        try:
            yield
        finally:
            if new and os.listdir(workdir) == ["lock"]:
                (workdir / "lock").unlink()
                workdir.rmdir()


def _lock(file, workdir):
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        raise InputError(
            f"another training is under way in {workdir} (process "
            f"{file.read() or 'unknown'}): wait for its end, or choose "
            "another --workdir"
        ) from None
    except OSError:
        # A file system without locks: better to train than to refuse.
        pass
    file.truncate(0)
    file.write(f"{os.getpid()} on {platform.node()}")
    file.flush()


def prepare(recipe, workdir, place, init_from, **known):
    """Writes the resolved recipe, with the `Place` where it trains, what it
    started from and what else is known of the run, and makes the folders."""
    # What was published and measured is another run's.
    values, _ = records.split(recipe.values)
    if "frozen" in values:
        values["frozen"] = recipe.pinned()["frozen"]
    source = same_data.located(values["data"]["source"])
    values["data"] = values["data"] | {"source": source}
    values["run"] = circumstances(place, init_from) | known
    aside = workdir / "recipe.aside"
    aside.write_text(toml.text(values), "utf-8")
    # First of all: a folder without it is taken for somebody else's.
    atomic.rename(aside, workdir / "recipe.toml")
    for name in ("samples", "checkpoints", "export"):
        (workdir / name).mkdir(exist_ok=True)


def differences(old, new, prefix=""):
    """Which training settings differ, a text for each."""
    found = []
    for key in sorted(set(old) | set(new)):
        dotted = f"{prefix}{key}"
        a, b = old.get(key), new.get(key)
        if dotted in _NO_TRAINING:
            continue
        if isinstance(a, dict) and isinstance(b, dict):
            found += differences(a, b, f"{dotted}.")
        elif a != b and not (
            dotted == _NAMES and _as_before(a, b)
            or dotted == _VALIDATION and {a, b} == {None, 0}
        ):
            found.append(f"{dotted}{_differently(a, b)}")
    return found


def _as_before(there, here):
    """Whether a run that did not record its classes' names can have these:
    folders of classes stood in the order of letters, 10 before 2."""
    natural = here and here == sorted(here, key=splits.natural)
    return there is None and (not natural or here == sorted(here))


def _differently(there, here):
    """How two values differ; of lists the first place where they do."""
    lists = isinstance(there, list) and isinstance(here, list)
    if lists and len(there) == len(here):
        place = next(i for i, x in enumerate(there) if x != here[i])
        there, here = there[place], here[place]
        return f"[{place}] = {there!r} there, {here!r} here"
    if lists and max(len(there), len(here)) > 3:
        return f" has {len(there)} entries there, {len(here)} here"
    return f" = {there!r} there, {here!r} here"


def circumstances(place, init_from):
    """What a run depends on beside its recipe."""
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True,
        cwd=Path(__file__).parent,
    ).stdout.strip()
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat("T", "seconds"),
        "command": " ".join(sys.argv),
        "init_from": init_from,
        "backend": keras.backend.backend(),
        "keras": keras.__version__,
        "python": platform.python_version(),
        "device": place.describe(),
        "revision": revision or "unknown",
    }


@contextlib.contextmanager
def disk_errors(workdir):
    """Turns what the disk refuses in a run's folder into an `InputError`."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        # HDF5 tells of a full disk by a RuntimeError when it closes a file.
        if isinstance(error, RuntimeError) and "errno" not in str(error):
            raise
        whole = os.path.exists(workdir / "recipe.toml") * (
            "; what was written before is whole, and the same command goes "
            "on from it"
        )
        raise InputError(
            f"cannot write {workdir}: {atomic.why(error)}{whole}"
        ) from error
