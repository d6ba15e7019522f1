"""Colours that stand for labels, in pictures of labels."""

from typing import Any

import numpy as np

from keras_gen.errors import InputError

# Further than this from every colour a pixel is of none; what JPEG makes of
# two that meet is, too.
_FAR = 64


def colours(given: Any, what: str) -> tuple[tuple[int, ...], ...]:
    """A table of colours, that of label 0 first.

    Args:
        given: [[red, green, blue], ...], or [[grey], ...].
        what: its name in messages.

    Returns:
        tuple of tuples of ints.

    Raises:
        InputError: fewer than two, two that are equal, or no levels 0 ... 255.
    """
    try:
        table = np.array(given)
    except ValueError:
        table = np.empty(0)
    good = table.ndim == 2 and table.dtype.kind in "iu" and len(table) > 1
    if not good or table.shape[1] not in (1, 3) or (
        table.min() < 0 or table.max() > 255
    ):
        raise InputError(
            f"{what} must be a list of two or more colours, each [red, green, "
            f"blue] or [grey] in whole numbers 0 ... 255, not {given!r}"
        )
    found = tuple(map(tuple, table.tolist()))
    twice = [colour for colour in found if found.count(colour) > 1]
    if twice:
        raise InputError(
            f"{what} has the colour {list(twice[0])} twice: each label must "
            "have its own"
        )
    return found


def painted(ids: np.ndarray, table: tuple) -> np.ndarray:
    """Labels (...) as their colours, uint8 (..., channels)."""
    return np.array(table, np.uint8)[ids]


def nearest(picture: np.ndarray, table: tuple) -> tuple[np.ndarray, float]:
    """The label of each pixel, whose colour is nearest; of two as near the
    first.

    Args:
        picture: uint8 (height, width, channels).
        table: of `colours`, of as many channels.

    Returns:
        (int (height, width), share of the pixels that are far from all
        colours).
    """
    levels = picture.astype(np.int32)
    least = np.full(picture.shape[:2], np.iinfo(np.int32).max, np.int32)
    found = np.zeros(picture.shape[:2], np.intp)
    # One after the other: of a large picture all together take gigabytes.
    for label, colour in enumerate(table):
        distance = np.square(levels - np.array(colour, np.int32)).sum(-1)
        nearer = distance < least
        found[nearer], least[nearer] = label, distance[nearer]
    return found, float((least > _FAR**2).mean())
