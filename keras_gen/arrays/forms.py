"""Anything that holds numbers as an array of the shape that is wanted."""

import os
from typing import Any

import numpy as np

from keras_gen.errors import InputError


def numpy(x: Any, what: str) -> np.ndarray:
    """Anything that holds numbers as a NumPy array.

    Raises:
        InputError: words, objects, or lists of unequal lengths.
    """
    if isinstance(x, (str, bytes, os.PathLike)):
        raise InputError(
            f"{what}: expected an array of numbers, got {x!r}: read files "
            "with keras_gen.data.load"
        )
    if hasattr(x, "detach"):
        x = x.detach().cpu()
        # PyTorch has types that NumPy lacks.
        x = x.float() if x.is_floating_point() else x
    try:
        array = np.asarray(x)
    except Exception as error:  # each library raises its own
        raise InputError(
            f"{what}: expected an array of numbers, got {_kind(x)}"
        ) from error
    if array.dtype.kind == "V" and "float" in array.dtype.name:
        array = array.astype("float32")
    if array.dtype.kind not in "biuf":
        words = array.dtype.kind in "USO" and array.size and isinstance(
            array.flat[0], (str, bytes)
        )
        hint = ": give numbers, such as those of np.unique(names, " \
            "return_inverse=True)" if words else ""
        raise InputError(
            f"{what}: expected an array of numbers, got {_kind(x)} of "
            f"{'words' if words else array.dtype}{hint}"
        )
    return array


def _kind(x):
    return "None" if x is None else type(x).__name__


def fits(shape: tuple, wanted: tuple) -> bool:
    """Whether a shape is the wanted one; None in either stands for any
    length."""
    return len(shape) == len(wanted) and all(
        w is None or s is None or s == w for s, w in zip(shape, wanted)
    )


def shaped(x: Any, wanted: tuple, what: str, expected: str) -> Any:
    """An array, or a tensor, of items of the wanted shape.

    Args:
        wanted: shape of an item, None where any length will do.
        what: the array's name in the message.
        expected: what it should hold, in the message.

    Raises:
        InputError: another shape, or no item at all.
    """
    shape = tuple(x.shape)
    if shape and 0 not in shape:
        if fits(shape[1:], wanted):
            return x
        if shape[-1] == 1 and len(shape) > 1 and fits(shape[1:-1], wanted):
            return x[..., 0]
        if wanted and wanted[-1] == 1 and fits(shape[1:], wanted[:-1]) and (
            # Not one item without the batch's axis.
            shape[-1] != 1
        ):
            return x[..., None]
    axes = ", ".join("any" if w is None else str(w) for w in wanted)
    wish = f"(n, {axes})" if wanted else "(n,)"
    raise InputError(
        f"{what}: expected {expected} of shape {wish}, got "
        f"{dtype_of(x)} of shape {shape}{_hint(shape, wanted)}"
    )


def dtype_of(x):
    """Name of the dtype of an array or tensor of any library."""
    return getattr(x.dtype, "name", str(x.dtype).rpartition(".")[2])


def _hint(shape, wanted):
    """What to do about a shape that does not fit."""
    if 0 in shape:
        return ": there is nothing in it"
    if wanted and fits(shape, wanted):
        return ": a single one needs the batch's axis, x[None]"
    if len(wanted) > 1 and len(shape) == len(wanted) + 1:
        if fits((*shape[2:], shape[1]), wanted):
            return ": put the channels last, np.moveaxis(x, 1, -1)"
        if wanted[-1] not in (None, shape[-1]):
            return f": it has {shape[-1]} channels, not {wanted[-1]}"
        if len(wanted) == 3:
            return ": resize them first"
    if not wanted and len(shape) == 2:
        return ": one number for each item; of one-hot rows y.argmax(-1)"
    return ""
