"""Arrays that users give: read one way everywhere, or refused in one line.

What is meant to be pictures (videos, solids ...) holds

- whole numbers of any type, 0 ... 255: uint8 and others are the same; or
- floats, whose scale is told from all of them together, or in a stream of
  batches from the first ones, and then holds for all that follow:
    - 0 ... 255, where one is above 2. A twentieth of them may lie up to 64
      beyond, as bicubic scaling leaves them, and are clipped;
    - [-1, 1], where one is below 0;
    - [0, 1], where none is below 0 or above 1, and nothing else is possible:
      they are whole 255ths of which some are even (in [-1, 1] those of uint8
      pictures are odd: k / 127.5 - 1 is (2 k - 255) / 255), or three items
      are black at their darkest (below 0.05, which in [-1, 1] would be the
      very middle grey). This is said once on standard error;
- bool, which is black and white.

Where [0, 1] and [-1, 1] are both possible, the scale counts that the same
model was given before; else the array is refused, like everything that fits
none of these. Nothing is broadcast: of shapes only an axis of length 1 at the
end may be missing, or be too many.
"""

from typing import Any

import numpy as np

from keras_gen.arrays.forms import dtype_of, fits, numpy, shaped
from keras_gen.arrays.scales import (
    LEVELS,
    SIGNED,
    UNIT,
    Known,
    TwoScales,
    levels,
    scale_of,
    signed,
)
from keras_gen.errors import InputError

__all__ = [
    "LEVELS", "SIGNED", "UNIT", "Known", "TwoScales", "as_uint8", "finite",
    "fits", "levels", "numpy", "pictures", "scale_of", "shaped", "signed",
    "whole",
]


def whole(
    array: np.ndarray, what: str, count: int | None = None
) -> np.ndarray:
    """Labels or the like.

    Args:
        array: of numbers, at least one.
        what: its name in messages.
        count: how many there are, 0 ... count - 1; None where that is not
            known.

    Returns:
        int32, of the array's shape.

    Raises:
        InputError: numbers that are not whole, or beyond 0 ... count - 1.
    """
    if array.dtype.kind == "f" and not (
        np.isfinite(array).all() and (array == np.round(array)).all()
    ):
        raise InputError(
            f"{what}: expected whole numbers, got {dtype_of(array)} with some "
            "that are not"
        )
    low, high = int(array.min()), int(array.max())
    last = 2**31 - 1 if count is None else count - 1
    if low < 0 or high > last:
        hint = ""
        if low == -1:
            hint = ": -1 stands for an unknown class, leave these out"
        if (low, high) == (1, count):
            hint = ": subtract 1"
        raise InputError(
            f"{what} must go from 0 to {last}, got {low} to {high}{hint}"
        )
    return array.astype("int32")


def finite(array: np.ndarray, what: str) -> np.ndarray:
    """Numbers of any size as float32; InputError unless all are finite."""
    with np.errstate(over="ignore"):
        array = array.astype("float32", copy=False)
    if not np.isfinite(array).all():
        raise InputError(
            f"{what}: expected finite numbers, got some that are not (NaN or "
            "infinite): check what made them"
        )
    return array


def pictures(x: Any, what: str = "pictures") -> np.ndarray:
    """uint8 (n, height, width, channels), of whatever `levels` takes."""
    expected = "uint8 pictures, or floats in [-1, 1],"
    array = shaped(numpy(x, what), (None, None, None), what, expected)
    return as_uint8(levels(array, what))


def as_uint8(array: np.ndarray) -> np.ndarray:
    """What `levels` gives as uint8 0 ... 255."""
    if array.dtype == np.uint8:
        return array
    return np.clip(np.round((array + 1) * 127.5), 0, 255).astype("uint8")
