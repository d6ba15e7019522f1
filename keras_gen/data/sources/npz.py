"""Columns from the arrays of an .npz, or from an .npy of pictures alone."""

import contextlib
import zipfile
import zlib

import numpy as np

from keras_gen.data import ranges
from keras_gen.data.account import Account
from keras_gen.data.dataset import Dataset
from keras_gen.data.sources import cuts, splits
from keras_gen.errors import InputError

# Of the arrays of a split.
_ENDINGS = ("train", "validation", "test")


def takes(path):
    """Whether a path is for this module."""
    return path.is_file() and path.suffix.lower() in (".npz", ".npy")


def load(path, kind, split, arguments, seed):
    """The Dataset in an .npz; see keras_gen.data.load."""
    keys, cut = find(keys_in(path), kind, split, arguments, path)
    arrays = read(path, keys)
    if not kind.unpaired and len({len(each) for each in arrays}) > 1:
        raise InputError(
            f"arrays {' '.join(keys)} of {path} have "
            f"{' and '.join(str(len(each)) for each in arrays)} items; give "
            "equally many of each"
        )
    readers, columns = kind.given(arguments), {}
    classes = checked(path, kind, readers, keys, arrays)
    found = looked_into(path, readers, keys, arrays)
    readers = kind.settled(readers, found, path, arguments)
    parts = cut_up(dict(zip(readers, arrays)), kind.unpaired, cut, arguments)
    for (name, column), array in zip(readers.items(), arrays):
        if cut:
            array = array[cuts.chosen(parts[name], split, path)]
        columns[name] = column.fitted(array, column.shape(arguments))
    types = {name: column.type for name, column in readers.items()}
    return Dataset(
        columns, kind.unpaired, classes, types=types,
        account=accounted("items", parts, cut),
    )


def cut_up(arrays, unpaired, cut, arguments):
    """{column: {split: rows}} of arrays by column, of "train" and of the
    splits that are cut from it; the same rows of all unless `unpaired`."""
    together = [{name} for name in arrays] if unpaired else [set(arrays)]
    share = cuts.enough(
        arguments["validation"], *map(len, arrays.values())
    )
    parts = {}
    for names in together:
        some = {name: arrays[name] for name in names}
        found = cuts.parted(
            len(next(iter(some.values()))), cut, share,
            lambda some=some: cuts.row_codes(some),
        )
        parts |= dict.fromkeys(names, found)
    return parts


def accounted(what, parts, cut):
    """The Account of arrays that are `cut_up`; None where nothing is cut."""
    if not cut:
        return None
    return Account(what, {
        split: max(len(found[split]) for found in parts.values())
        for split in ("train", *cut)
    }, frozenset(cut))


def properties(path, kind, arguments):
    """See keras_gen.data.properties."""
    keys, _ = find(keys_in(path), kind, "train", arguments, path)
    arrays = read(path, keys)
    counts = {
        name: {column.channels(array)} for (name, column), array
        in zip(kind.columns.items(), arrays) if column.coloured
    }
    channels = kind.channels_of(counts) if counts else None
    readers = kind.given(
        arguments | ({"channels": channels} if counts else {})
    )
    return channels, checked(path, kind, readers, keys, arrays)


def values_in(path, kind, arguments):
    """{name: ranges.Found} of the columns of pictures."""
    keys, _ = find(keys_in(path), kind, "train", arguments, path)
    return looked_into(
        path, kind.given(arguments), keys, read(path, keys)
    )


def looked_into(path, readers, keys, arrays):
    """{name: ranges.Found} of the columns of pictures, of both splits, so
    that they are read alike."""
    found = {}
    for (name, column), key, array in zip(readers.items(), keys, arrays):
        both = [array, *read(path, other_splits(key, keys_in(path)))]
        pictures = [one for each in both for one in column.pictures_in(each)]
        if pictures:
            found[name] = ranges.measure(pictures, column.reading.range)
            found[name].rgba = any(alpha for _, alpha in pictures)
            found[name].count = sum(len(each) for each in both)
    return found


def short_sides(path, kind, arguments):
    """See keras_gen.data.short_sides."""
    keys, _ = find(keys_in(path), kind, "train", arguments, path)
    return [
        min(array.shape[1:3]) for column, array in zip(
            kind.given(arguments).values(), read(path, keys)
        ) if column.coloured and array.ndim > 2
    ] or None


def checked(path, kind, readers, keys, arrays):
    """The names of the classes; InputError for arrays that are no such
    columns. Both splits count, so that they agree."""
    given, classes = names(path, kind.names_key), ()
    for column, key, array in zip(readers.values(), keys, arrays):
        both = [array] + read(path, other_splits(key, keys_in(path)))
        for one in both:
            column.check(one, key, path)
        classes = column.names(both, given, key, path) or classes
    return classes


def keys_in(path):
    """The names of the arrays in an .npz."""
    if path.suffix.lower() == ".npy":
        return ["x"]
    try:
        with np.load(path, allow_pickle=False) as archive:
            return archive.files
    except (OSError, EOFError, ValueError, AttributeError, TypeError,
            zipfile.BadZipFile) as error:
        raise InputError(
            f"{path} is not an .npz that can be read; write it with "
            "numpy.savez_compressed"
        ) from error


def find(present, kind, split, arguments, path):
    """Which arrays serve as the columns.

    Args:
        present: the names of all arrays.

    Returns:
        (list of names, the splits that are cut from "train" in them)
    """
    if not kind.keys:
        raise InputError(
            f"kind {kind.name!r} cannot be had from an .npz ({path}); give "
            f"{kind.instead}"
        )
    for names in kind.wanted(arguments):
        own = {
            ending: [f"{name}_{ending}" for name in names]
            for ending in _ENDINGS
        }
        own = {e: keys for e, keys in own.items() if set(keys) <= set(present)}
        if split != "train" and split in own:
            return own[split], ()
        whole = own.get("train") or list(names)
        if set(whole) <= set(present):
            return whole, tuple(e for e in _ENDINGS[1:] if e not in own)
    looked = " or ".join(
        " ".join(name + ending for name in names)
        for names in kind.keys for ending in ("_train", "")
    )
    raise InputError(
        f"kind {kind.name!r} looks for arrays {looked} in {path}, found "
        f"{' '.join(present) or 'none'}; rename them or use another kind"
    )


def archived(path):
    """The arrays of an .npz; that of an .npy under the name x."""
    if path.suffix.lower() != ".npy":
        return np.load(path, allow_pickle=False)
    try:
        return contextlib.nullcontext({"x": np.load(path, allow_pickle=False)})
    except (OSError, EOFError, ValueError) as error:
        raise InputError(
            f"{path} is not an .npy that can be read ({error}); write it with "
            "numpy.save"
        ) from error


def read(path, keys):
    """The arrays of these names."""
    found = []
    with archived(path) as archive:
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


def other_splits(key, present):
    """The names of the same array of the other splits, those that there
    are."""
    name, _, ending = key.rpartition("_")
    if ending not in _ENDINGS:
        return []
    return [
        f"{name}_{other}" for other in _ENDINGS
        if other != ending and f"{name}_{other}" in present
    ]


def names(path, key):
    """The strings of the array `key`, None where there is none."""
    if key not in keys_in(path):
        return None
    (found,) = read(path, [key])
    if found.dtype.kind != "U" or found.ndim != 1:
        raise InputError(
            f"array {key} of {path} is {found.dtype} {found.shape}; give the "
            "names of all of them in order, np.array(['cat', ...])"
        )
    # Words may be the end of a line, names are not.
    plain = str if key == "vocabulary" else splits.printable
    return tuple(plain(str(name)) for name in found)
