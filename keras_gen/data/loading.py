"""One function for all sources of pictures.

Folders and archives hold pictures directly, or in a folder for each class, or
either of these in train/ and test/ (or val/); or the two looks in trainA/
trainB/ testA/ testB/; or pairs side by side in one picture, twice as wide as
high. An .npz holds uint8 or uint16 arrays (n, h, w) or (n, h, w, c): x_train,
y_train, x_test and y_test; or image and label, input and target, or a and b,
with the same endings or none; and the names of classes or attributes, if
given, in an array of strings, classes. A source without a test split has a
tenth of it, chosen by a hash of the name, held out for the test.
"""

import dataclasses
import pathlib
import re

import numpy as np

from keras_gen.data.dataset import Dataset
from keras_gen.data.sources import shapes
from keras_gen.data.sources.files import file_properties, load_files
from keras_gen.data.sources.npz import load_npz, npz_properties
from keras_gen.data.sources.tfds import OFFLINE, load_tfds, tfds_properties
from keras_gen.errors import InputError

_CHOICES = {
    "kind": ("images", "labelled", "attributes", "pairs", "unpaired"),
    "split": ("train", "test"),
    "channels": (1, 3),
    "direction": ("AtoB", "BtoA"),
}


def load(source, kind, split="train", size=64, channels=3, seed=0,
         direction="AtoB", crop=0):
    """Pictures for training: a Dataset.

    Args:
        source: "shapes", built in; or a folder, .zip or .npz; or a name of
            TensorFlow Datasets, such as "mnist" or "cycle_gan/maps".
        kind: what is wanted, and so the columns of the result: "images"
            (`image`), "labelled" (`image`, and `label` with its class),
            "attributes" (`image`, and `label` with 0 or 1 for each of several
            attributes), "pairs" (`input`, `target`) or "unpaired" (`a`, `b`).
        split: "train" or "test".
        size: pixels, 8 ... 1024. The short side of a picture is scaled to
            it with antialiasing and the middle is cut out.
        channels: 1 for grey or 3 for RGB.
        seed: of the built-in shapes, any integer of 64 bits.
        direction: of pairs, "AtoB" for A as the input. A is the left half of
            a picture, or trainA/, or the array `input` or `a`, or the label
            map of the built-in shapes.
        crop: pixels, 0 ... size. Pictures are scaled to size + crop, and each
            batch cuts them to size at random places; 30 and a size of 256
            are pix2pix's jitter. What is not trained on, crop=0. Files of
            fewer pixels than size + crop are enlarged and so blurred: 15 at
            128 leaves 0.62 of the Laplacian variance of 128 px maps.

    InputError for a source without what is wanted says what was looked for
    and what was found. See the head of this file for the layouts.
    """
    check(kind, split, size, channels, seed, direction, crop)
    form, path = find(source)
    large = size + crop
    if form == "shapes":
        found = load_shapes(kind, split, large, channels, seed, direction)
    elif form == "files":
        found = load_files(path, kind, split, large, channels, direction)
    elif form == "npz":
        found = load_npz(path, kind, split, large, channels, direction)
    else:
        found = load_tfds(str(source), kind, split, large, channels)
    return dataclasses.replace(found, crop=crop)


def properties(source, kind):
    """What networks must know of a source, without reading its pictures.

    Returns:
        (channels, classes): 1 where every picture is grey, else 3; the names
        of the classes or attributes, an empty tuple without. None for
        channels where the source has pictures of any.
    """
    form, path = find(source)
    if form == "shapes":
        return None, shapes.NAMES.get(kind, ())
    if form == "files":
        return file_properties(path, kind)
    if form == "npz":
        return npz_properties(path, kind)
    return tfds_properties(str(source), kind)


def find(source):
    """("shapes", "files", "npz" or "tfds", path of a source)"""
    path = pathlib.Path(source).expanduser()
    if isinstance(source, str) and source == "shapes":
        return "shapes", path
    ending = path.suffix.lower()
    if path.is_dir() or path.is_file() and ending == ".zip":
        return "files", path
    if path.is_file() and ending == ".npz":
        return "npz", path
    check_name(str(source), path)
    return "tfds", path


def check(kind, split, size, channels, seed, direction, crop):
    """InputError unless the arguments of `load` are in range."""
    given = dict(
        kind=kind, split=split, channels=channels, direction=direction
    )
    for name, value in given.items():
        if value not in _CHOICES[name]:
            choices = ", ".join(map(repr, _CHOICES[name]))
            raise InputError(f"{name} is {value!r}; give one of {choices}")
    for name, value, low, high in (
        ("size", size, 8, 1024), ("seed", seed, -2**63, 2**64 - 1),
        ("crop", crop, 0, size),
    ):
        whole = isinstance(value, (int, np.integer))
        if not whole or not low <= value <= high:
            raise InputError(
                f"{name} is {value!r}; give a whole number {low} ... {high}"
            )


def load_shapes(kind, split, size, channels, seed, direction):
    """The Dataset of the built-in shapes."""
    columns = shapes.columns(kind, split, size, channels, seed)
    if kind == "pairs" and direction == "BtoA":
        columns = {"input": columns["target"], "target": columns["input"]}
    return Dataset(columns, kind == "unpaired", shapes.NAMES.get(kind, ()))


def check_name(source, path):
    """InputError for what can only have been meant as a path."""
    if path.exists():
        raise InputError(
            f"{source} is neither a folder nor a .zip nor an .npz; give "
            f"{OFFLINE}"
        )
    # The names of TensorFlow Datasets are like this: cycle_gan/maps:2.0.0
    pattern = r"[A-Za-z]\w*(/[\w.+-]+){0,2}(:[\w.*]+)?"
    ending = path.suffix.lower()
    if ending in (".zip", ".npz") or not re.fullmatch(pattern, source):
        raise InputError(
            f"there is no {source}; give {OFFLINE}, or a name of TensorFlow "
            "Datasets such as 'mnist'"
        )
