"""Columns of pictures from the arrays of an .npz."""

import zipfile
import zlib

import numpy as np

from keras_gen.data import pictures
from keras_gen.data.dataset import Dataset
from keras_gen.data.sources import layouts
from keras_gen.errors import InputError

# For each kind, its columns, and the keys looked for: the first set that is
# there counts.
_COLUMNS = {
    "images": ("image",),
    "labelled": ("image", "label"),
    "attributes": ("image", "label"),
    "pairs": ("input", "target"),
    "unpaired": ("a", "b"),
}
_KEYS = {
    "images": (("x",), ("image",)),
    "labelled": (("x", "y"), ("image", "label")),
    "attributes": (("x", "y"), ("image", "label")),
    "pairs": (("input", "target"), ("a", "b")),
    "unpaired": (("a", "b"),),
}


def load_npz(path, kind, split, size, channels, direction):
    """The Dataset in an .npz; see keras_gen.data.load."""
    present = keys_in(path)
    keys, held = find(present, kind, split, path)
    arrays = read(path, keys)
    if kind != "unpaired" and len({len(each) for each in arrays}) > 1:
        raise InputError(
            f"arrays {' '.join(keys)} of {path} have "
            f"{' and '.join(str(len(each)) for each in arrays)} items; give "
            "equally many of each"
        )
    columns, classes = {}, ()
    for column, key, array in zip(_COLUMNS[kind], keys, arrays):
        if column == "label":
            classes = _NAMES[kind](array, key, path)
            array = array.astype(np.int32)
            if kind == "labelled":
                array = array.reshape(-1)
        else:
            check(array, key, path)
        if held:
            array = array[rows(len(array), split, path)]
        if column != "label":
            array = resized(array, size, channels)
        columns[column] = array
    if kind == "pairs" and direction == "BtoA":
        columns = {"input": columns["target"], "target": columns["input"]}
    return Dataset(columns, kind == "unpaired", classes)


def npz_properties(path, kind):
    """See keras_gen.data.properties."""
    keys, _ = find(keys_in(path), kind, "train", path)
    grey, classes = True, ()
    for column, key, array in zip(_COLUMNS[kind], keys, read(path, keys)):
        if column == "label":
            classes = _NAMES[kind](array, key, path)
        else:
            check(array, key, path)
            grey = grey and (array.ndim == 3 or array.shape[3] == 1)
    return 1 if grey else 3, classes


def keys_in(path):
    """The names of the arrays in an .npz."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return archive.files
    except (OSError, EOFError, ValueError, AttributeError, TypeError,
            zipfile.BadZipFile) as error:
        raise InputError(
            f"{path} is not an .npz that can be read; write it with "
            "numpy.savez_compressed"
        ) from error


def find(present, kind, split, path):
    """Which arrays serve as the columns.

    Args:
        present: the names of all arrays.

    Returns:
        (list of names, whether a tenth of them is the test split)
    """
    for names in _KEYS[kind]:
        train, test, plain = (
            [name + ending for name in names]
            for ending in ("_train", "_test", "")
        )
        own_test = set(test) <= set(present)
        if split == "test" and own_test:
            return test, False
        if set(train) <= set(present):
            return train, not own_test
        if set(plain) <= set(present):
            return plain, True
    looked = " or ".join(
        " ".join(name + ending for name in names)
        for names in _KEYS[kind] for ending in ("_train", "")
    )
    raise InputError(
        f"kind {kind!r} looks for arrays {looked} in {path}, found "
        f"{' '.join(present) or 'none'}; rename them or use another kind"
    )


def read(path, keys):
    """The arrays of these names."""
    found = []
    with np.load(path, allow_pickle=False) as archive:
        for key in keys:
            try:
                found.append(archive[key])
            except (OSError, EOFError, ValueError, zlib.error,
                    zipfile.BadZipFile) as error:
                raise InputError(
                    f"array {key} of {path} cannot be read ({error}); store "
                    "a plain uint8 array"
                ) from error
            if not found[-1].ndim:
                raise InputError(
                    f"{key} of {path} is a single value; give an array"
                )
    return found


def check(array, key, path):
    """InputError unless `array` holds 8-bit or 16-bit pictures."""
    if array.dtype not in (np.uint8, np.uint16):
        raise InputError(
            f"array {key} of {path} is {array.dtype}; convert it to uint8, "
            "0 black ... 255 full: from [0, 1] by (255 * x).round(), from "
            "[-1, 1] by (127.5 * (x + 1)).round()"
        )
    good = array.ndim == 3 or array.ndim == 4 and array.shape[3] in (1, 3, 4)
    if not good or not array.size:
        raise InputError(
            f"array {key} of {path} has shape {array.shape}; give (number, "
            "height, width) or (number, height, width, 1, 3 or 4)"
        )


def class_names(labels, key, path):
    """Names of the classes in the array `key` of labels: those in the array
    `classes`, or "0", "1", ... Both splits count, so that they agree."""
    arrays = both_splits(labels, key, path)
    for array in arrays:
        flat = array.ndim == 1 or array.ndim == 2 and array.shape[1] == 1
        if (not np.issubdtype(array.dtype, np.integer) or not flat
                or not array.size or array.min() < 0):
            raise InputError(
                f"labels {key} of {path} are {array.dtype} {array.shape}; "
                "give whole numbers 0, 1, ... in one array (number,)"
            )
    return names(1 + max(int(array.max()) for array in arrays), path)


def attribute_names(labels, key, path):
    """Names of the attributes in the array `key`, as `class_names`."""
    for array in both_splits(labels, key, path):
        whole = array.dtype == bool or np.issubdtype(array.dtype, np.integer)
        if (not whole or array.ndim != 2 or not array.size
                or array.min() < 0 or array.max() > 1
                or array.shape[1] != labels.shape[1]):
            raise InputError(
                f"attributes {key} of {path} are {array.dtype} {array.shape}; "
                "give 0 and 1 in one array (number, attributes): from -1 and "
                "1 by (y + 1) // 2"
            )
    found = names(labels.shape[1], path)
    if len(found) != labels.shape[1]:
        raise InputError(
            f"array classes of {path} has {len(found)} names for "
            f"{labels.shape[1]} attributes; give one for each"
        )
    return found


_NAMES = {"labelled": class_names, "attributes": attribute_names}


def both_splits(labels, key, path):
    """The array `key` of labels, and that of the other split if there is."""
    other = {"y_train": "y_test", "y_test": "y_train"}.get(key)
    return [labels] + read(path, {other} & set(keys_in(path)))


def names(count, path):
    """The strings of the array `classes`, else "0", "1", ..."""
    if "classes" not in keys_in(path):
        return tuple(map(str, range(count)))
    (found,) = read(path, ["classes"])
    if found.dtype.kind != "U" or found.ndim != 1 or len(found) < count:
        raise InputError(
            f"array classes of {path} is {found.dtype} {found.shape}; give "
            f"the names of all {count} classes, np.array(['cat', ...])"
        )
    return tuple(map(str, found))


def rows(count, split, source):
    """Indices of the items of a split where about a tenth is held out."""
    held = layouts.held_out([str(index) for index in range(count)])
    chosen = [
        index for index in range(count)
        if (str(index) in held) == (split == "test")
    ]
    if not chosen:
        raise InputError(
            f"no {split} pictures in {source}: only {count} in all; add more"
        )
    return np.array(chosen)


def resized(array, size, channels):
    """uint8 (n, size, size, channels) of checked pictures."""
    shape = (len(array), size, size, channels)
    whole = array if array.ndim == 4 else array[..., None]
    if array.dtype == np.uint8 and whole.shape == shape:
        return np.ascontiguousarray(whole)
    return pictures.fit_arrays(array, len(array), size, channels)
