"""Checkpoints: all that a training run goes on from, in one file.

    step-<number>-<digest>.npz

holds every variable of the objective (networks, pool, step) and of its
optimizers. Noise and data need no more than the step. The digest is the
beginning of the file's SHA-256. Being part of the name, it appears together
with the content, and a file that does not match its name is damaged.
"""

import hashlib
import re
import zipfile

import numpy as np
from keras import ops

from keras_gen import atomic
from keras_gen.errors import InputError

_NAME = re.compile(r"step-(\d+)-([0-9a-f]{16})\.npz")


def files(folder):
    """The checkpoints in a folder, oldest first; none without a folder."""
    found = [p for p in folder.glob("*") if _NAME.fullmatch(p.name)]
    return sorted(found, key=lambda p: (step(p), p.stat().st_mtime_ns))


def step(path):
    """The training step that a checkpoint was written after."""
    return int(_NAME.fullmatch(path.name)[1])


def whole(path):
    """Whether a checkpoint's content is what was written."""
    return _digest(path) == _NAME.fullmatch(path.name)[2]


def write(objective, folder):
    """Writes a checkpoint of a compiled `Objective`; its path.

    Raises:
        OSError: the disk is full; what was there before is untouched.
    """
    aside = folder / "aside.npz"
    arrays = {
        key: ops.convert_to_numpy(variable)
        for key, variable in _variables(objective).items()
    }
    try:
        np.savez(aside, **arrays)
        name = f"step-{objective.steps_done:07}-{_digest(aside)}.npz"
        atomic.rename(aside, folder / name)
    except BaseException:
        # On a full disk its space is needed for something else.
        aside.unlink(missing_ok=True)
        raise
    return folder / name


def restore(objective, folder):
    """Loads the newest whole checkpoint; prints a line for each newer one.

    Args:
        objective: a compiled `Objective`, as the one that was written.
        folder: where the checkpoints are.

    Returns:
        The step it goes on from; 0 where there is no checkpoint.

    Raises:
        InputError: there are checkpoints, and none is whole.
    """
    unusable = []
    for path in reversed(files(folder)):
        try:
            _load(objective, path)
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            unusable.append(f"the checkpoint {path} {error}")
            continue
        for line in unusable:
            print(f"{line}; the one before it is used")
        return step(path)
    if unusable:
        raise InputError(
            f"{'; '.join(unusable)}; none before it is whole: put a copy of "
            f"one back into {folder}, or delete them to train from step 0"
        )
    return 0


def _load(objective, path):
    if not whole(path):
        raise ValueError("is damaged: its content is not what was written")
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    variables = _variables(objective)
    # All are compared before the first is assigned.
    for key in [*variables, *arrays]:
        there, here = _kind(arrays.get(key)), _kind(variables.get(key))
        if there != here:
            raise ValueError(
                f"does not fit: {key} is {there} there, {here} here"
            )
    for key, variable in variables.items():
        variable.assign(arrays[key])


def _kind(x):
    """Shape and type of an array or variable, in words."""
    if x is None:
        return "missing"
    # Keras counts an optimizer's steps in 64 bits on TensorFlow, in 32 on
    # PyTorch: a run may go on with the other.
    counts = str(x.dtype) in ("int32", "int64")
    return f"{'integer' if counts else x.dtype} {tuple(x.shape)}"


def _variables(objective):
    """Every variable, by a key that is the same in each process and on each
    backend; layers are numbered differently in each."""
    groups = {"objective": objective.variables} | {
        f"{player} optimizer": optimizer.variables
        for player, optimizer in objective.optimizers.items()
    }
    return {
        f"{group} {i}": variable
        for group, variables in groups.items()
        for i, variable in enumerate(variables)
    }


def _digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]
