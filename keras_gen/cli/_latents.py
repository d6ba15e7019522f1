"""Latents on a command line: seeds, and files of `keras-gen invert`."""

import argparse
import zipfile

from keras_gen.cli import _common
from keras_gen.errors import InputError

# What the latents of a file are called: of invert, of reconstruct --codes.
_KEYS = ("latents", "codes")


def word(text):
    """A seed, an int; or the path of an .npz."""
    if text.lower().endswith(".npz"):
        return _common.path(text)
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a seed, a whole number, nor an .npz"
        ) from None


def check(words):
    """Raises an InputError where a file is not there."""
    for each in words:
        if not isinstance(each, int) and not each.is_file():
            raise InputError(f"there is no file {each}")


def given(model, words):
    """What `explore` takes: the seeds as they are, or the latents of all
    words, float32 (n, length)."""
    import numpy as np

    from keras_gen import explore

    if all(isinstance(each, int) for each in words):
        return words
    parts = [
        explore.latents(model, [each]) if isinstance(each, int)
        else read(each)["latents"] for each in words
    ]
    if len({part.shape[1:] for part in parts}) > 1:
        raise InputError(
            "the latents have different lengths: "
            + ", ".join(str(part.shape[1]) for part in parts)
        )
    return np.concatenate(parts)


def label_of(words, label):
    """The class to make: what was asked for, else that of the files, where
    all have one."""
    if label is not None:
        return label
    found = {
        int(each) for file in words if not isinstance(file, int)
        for each in read(file)["labels"]
    }
    if len(found) > 1:
        raise InputError(
            f"the latents are of the classes {sorted(found)}: choose one by "
            "--label"
        )
    return found.pop() if found else None


def read(path):
    """{"latents": float32 (n, length), "labels": (n,) or empty} of a file."""
    import numpy as np

    try:
        with np.load(path) as file:
            key = next((key for key in _KEYS if key in file), None)
            latents = np.asarray(file[key], "float32") if key else None
            labels = file["labels"] if "labels" in file else ()
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    if latents is None or latents.ndim != 2 or not latents.size:
        raise InputError(
            f"{path} has no latents, numbers (n, length): write it by "
            "keras-gen invert, or reconstruct --codes"
        )
    return {"latents": latents, "labels": labels}
