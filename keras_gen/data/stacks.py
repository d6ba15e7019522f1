"""Arrays of many pictures, (number, height, width) or (number, height, width,
channels), of any numbers."""

import numpy as np

from keras_gen.data import native
from keras_gen.errors import InputError


def check(array: np.ndarray, key: str, path, channels: int) -> None:
    """InputError unless an .npz's array `key` can be pictures.

    Args:
        array: the array.
        key, path: its name, and the file's.
        channels: that they are read with.
    """
    what = f"array {key} of {path}"
    shape = array.shape
    if array.dtype.kind not in "biuf":
        raise InputError(f"{what} is {array.dtype}; give numbers")
    if array.ndim not in (3, 4) or not array.size:
        raise InputError(
            f"{what} has shape {shape}; give (number, height, width) or "
            "(number, height, width, channels)"
        )
    if array.ndim == 3 and shape[2] in (1, 2, 3, 4, channels):
        raise InputError(
            f"{what} has shape {shape}: that looks like one picture (height, "
            "width, channels); give it a first axis, x[None], for (number, "
            "height, width, channels)"
        )
    if native.channels_first(shape[1:]):
        raise InputError(
            f"{what} has shape {shape}; give (number, height, width, "
            "channels), the channels last: x.transpose(0, 2, 3, 1)"
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise InputError(
            f"{what} has values that are not finite (NaN or infinite); "
            "replace them by numbers, or leave these pictures out"
        )
    whole = with_channels(array)
    there = native.gives(whole.shape[3], native.may_be_rgba(whole))
    if channels not in there:
        raise InputError(
            f"{what} has shape {shape}, and channels says {channels}; give "
            f"channels {there[-1]}, if the kind of data takes it"
        )


def with_channels(array: np.ndarray) -> np.ndarray:
    """(number, height, width) as (number, height, width, 1)."""
    return array if array.ndim == 4 else array[..., None]


def channels(array: np.ndarray) -> int:
    """How many there are, without alpha."""
    whole = with_channels(array)
    return whole.shape[-1] - native.may_be_rgba(whole)
