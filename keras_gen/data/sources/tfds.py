"""Columns of pictures from TensorFlow Datasets.

The only data source that needs TensorFlow, whatever the Keras backend.
"""

import difflib

import numpy as np

from keras_gen.data import pictures
from keras_gen.data.dataset import Dataset
from keras_gen.data.sources import npz
from keras_gen.errors import InputError

OFFLINE = (
    "'shapes' (built in), a folder, a .zip of pictures or an .npz of arrays"
)

# The feature that labels come from.
_LABELS = {"labelled": "label", "attributes": "attributes"}


def load_tfds(name, kind, split, size, channels):
    """The Dataset of a TensorFlow Datasets name, downloaded on first use;
    see keras_gen.data.load."""
    splits, info = fetch(name, kind)
    check_features(info, kind, name)
    sides = {"a": "A", "b": "B"} if kind == "unpaired" else {"image": ""}
    columns = {}
    for column, side in sides.items():
        chosen, held = choose(splits, split, side, kind, name)
        count = info.splits[chosen].num_examples
        found, labels = read(
            splits[chosen], count, size, channels, name, _LABELS.get(kind)
        )
        rows = npz.rows(count, split, name) if held else slice(None)
        columns[column] = found[rows]
        if kind in _LABELS:
            columns["label"] = np.array(labels, np.int32)[rows]
    return Dataset(columns, kind == "unpaired", names(info, kind))


def tfds_properties(name, kind):
    """See keras_gen.data.properties."""
    _, info = fetch(name, kind)
    check_features(info, kind, name)
    grey = info.features["image"].shape[-1] == 1
    return 1 if grey else 3, names(info, kind)


def names(info, kind):
    """The names of the classes or, sorted, of the attributes."""
    if kind == "labelled":
        return tuple(info.features["label"].names)
    if kind == "attributes":
        return tuple(sorted(info.features["attributes"]))
    return ()


def check_features(info, kind, name):
    """InputError unless a data set has what `kind` needs."""
    need = ["image"] + ([_LABELS[kind]] if kind in _LABELS else [])
    missing = [key for key in need if key not in info.features]
    if missing:
        raise InputError(
            f"kind {kind!r} looks for {' and '.join(need)} in {name}, found "
            f"{' '.join(info.features)}; use another kind or data set"
        )


def fetch(name, kind):
    """({split: tf.data.Dataset}, info), or InputError."""
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise InputError(
            f"there is no folder or file {name!r}, and TensorFlow Datasets "
            f"is not installed ({error}); pip install tensorflow-datasets, "
            f"or give {OFFLINE}"
        ) from error
    check_name(name, tfds)
    if kind == "pairs":
        raise InputError(
            f"kind 'pairs' cannot be had from TensorFlow Datasets ({name}), "
            f"whose pictures come one by one; give {OFFLINE}"
        )
    try:
        return tfds.load(name, with_info=True, shuffle_files=False)
    except Exception as error:  # the network, the disk, a missing package ...
        cause = str(error).strip().partition("\n")[0]
        raise InputError(
            f"TensorFlow Datasets cannot prepare {name} "
            f"({type(error).__name__}: {cause}); offline give {OFFLINE}"
        ) from error


def check_name(name, tfds):
    """InputError with near names for one TensorFlow Datasets does not know.
    Names with a colon (other collections, versions) are left to it."""
    if ":" in name:
        return
    known = tfds.list_builders(with_community_datasets=False)
    base, _, config = name.partition("/")
    wanted = base
    if base in known:
        if not config:
            return
        configs = tfds.builder_cls(base).builder_configs
        known = [f"{base}/{each}" for each in configs]
        wanted = f"{base}/{config.partition('/')[0]}"
        if wanted in known or not known:
            return
    near = difflib.get_close_matches(wanted, known, 3, 0.5)
    hint = f"; near names: {', '.join(near)}" if near else ""
    raise InputError(
        f"there is no folder or file {name!r}, and no such name in "
        f"TensorFlow Datasets{hint}; or give {OFFLINE}"
    )


def choose(splits, split, side, kind, name):
    """(name of the split to read, whether to hold out a tenth of it)"""
    train, test = "train" + side, "test" + side
    if test not in splits:
        test = "validation" + side
    if train not in splits:
        raise InputError(
            f"kind {kind!r} looks for a split {train} in {name}, found "
            f"{' '.join(splits)}; use another kind or data set"
        )
    if test not in splits:
        return train, True
    return (train if split == "train" else test), False


def read(dataset, count, size, channels, name, feature):
    """(pictures uint8 (count, size, size, channels), list of the labels in a
    feature, with attributes in the order of their names; None where there are
    none)"""
    labels = []

    def images():
        for example in dataset.as_numpy_iterator():
            image = example["image"]
            if image.dtype not in (np.uint8, np.uint16) or image.ndim != 3:
                raise InputError(
                    f"images of {name} are {image.dtype} {image.shape}, not "
                    "8-bit or 16-bit pictures; use another data set"
                )
            label = example.get(feature)
            if isinstance(label, dict):
                label = [label[each] for each in sorted(label)]
            labels.append(label)
            yield image

    return pictures.fit_arrays(images(), count, size, channels), labels
