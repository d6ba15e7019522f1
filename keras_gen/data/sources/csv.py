"""Points from a .csv: two numbers in a line, under a line of names or not."""

import numpy as np

from keras_gen.data.dataset import Dataset
from keras_gen.data.sources import cuts, npz
from keras_gen.errors import InputError


def takes(path):
    """Whether a path is for this module."""
    return path.is_file() and path.suffix.lower() == ".csv"


def load(path, kind, split, arguments, seed):
    """The Dataset in a .csv; see keras_gen.data.load."""
    name, column, array = checked(path, kind)
    cut = ("validation", "test")
    parts = npz.cut_up({name: array}, False, cut, arguments)
    chosen = array[cuts.chosen(parts[name], split, path)]
    return Dataset(
        {name: column.fitted(chosen, column.shape(arguments))},
        types=kind.types, account=npz.accounted("lines", parts, cut),
    )


def properties(path, kind, arguments):
    """See keras_gen.data.properties."""
    checked(path, kind)
    return None, ()


def short_sides(path, kind, arguments):
    """See keras_gen.data.short_sides: there are no pictures."""
    checked(path, kind)


def checked(path, kind):
    """(name, Column, its array) of a kind of one column of numbers."""
    if not kind.in_csv:
        raise InputError(
            f"kind {kind.name!r} cannot be had from a .csv ({path}); give "
            f"{kind.instead}"
        )
    ((name, column),) = kind.columns.items()
    array = read(path)
    column.check(array, "x y", path)
    return name, column, array


def read(path):
    """float64 (lines, numbers), without a first line of names."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
        lines = [line for line in lines if line.strip()]
        if lines and not _numbers(lines[0]):
            del lines[0]
        return np.array([list(map(float, line.split(","))) for line in lines])
    except ValueError as error:
        raise InputError(
            f"{path} cannot be read ({error}); give equally many numbers in "
            "each line, with commas between them"
        ) from error


def _numbers(line):
    try:
        return [float(word) for word in line.split(",")]
    except ValueError:
        return None
