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

import dataclasses
import os
import sys
from typing import Any

import numpy as np

from keras_gen.errors import InputError

LEVELS, UNIT, SIGNED = "0 ... 255", "[0, 1]", "[-1, 1]"
_ROUNDING = 1e-3
# Floats of 0 ... 255 beyond their ends: how far, and which share.
_BEYOND, _SHARE = 64, 0.05
# Items that look at their darkest like black.
_DARK, _ENOUGH = 0.05, 3
# Values that are looked at one by one, of at least a few items.
_LOOKED_AT = 2**22
# Whole numbers up to this look black.
_BLACKISH = 16


class TwoScales(InputError):
    """Floats that may be of either of two scales: more of them would tell."""


@dataclasses.dataclass
class Known:
    """What is known of the arrays that one model, or one stream, is given.

    Attributes:
        name: of the model, in notices.
        scales: {what: `UNIT` or `SIGNED`}, seen before.
        fixed: whether `scales` hold for every array, not only for those that
            could be either.
        said: the notices that were given.
    """

    name: str = ""
    scales: dict = dataclasses.field(default_factory=dict)
    fixed: bool = False
    said: set = dataclasses.field(default_factory=set)

    def say(self, what: str, text: str) -> None:
        """Tells once on standard error."""
        if (what, text) not in self.said:
            self.said.add((what, text))
            of = f"{self.name}: " if self.name else ""
            print(f"{of}{what}: {text}", file=sys.stderr)


# Of functions that belong to no model.
_NOBODY = Known()


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
        f"{_dtype(x)} of shape {shape}{_hint(shape, wanted)}"
    )


def _dtype(x):
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


def levels(
    array: np.ndarray, what: str, known: Known | None = None
) -> np.ndarray:
    """Pictures or the like, as the head of this file says.

    Args:
        array: of numbers, at least one item.
        what: its name in messages.
        known: what the same model was given before; is added to.

    Returns:
        uint8 0 ... 255 for whole numbers and bool, else float32 in [-1, 1].

    Raises:
        InputError: numbers of no scale, or of two.
    """
    known = known or _NOBODY
    if array.dtype.kind == "b":
        return array.astype("uint8") * np.uint8(255)
    if array.dtype.kind in "iu":
        return _whole_levels(array, what, known)
    scale = scale_of(array, what, known)
    array = array.astype("float32", copy=False)
    if scale == LEVELS:
        array = array.clip(0, 255)
    return signed(array, scale)


def signed(x: Any, scale: str) -> Any:
    """Floats of a scale, an array or a tensor, in [-1, 1]."""
    if scale == LEVELS:
        return x / 127.5 - 1
    return 2 * x - 1 if scale == UNIT else x


def _whole_levels(array, what, known):
    low, high = int(array.min()), int(array.max())
    if low < 0 or high > 255:
        raise InputError(
            f"{what}: expected whole numbers from 0 to 255, or floats in "
            f"[-1, 1], got {_dtype(array)} from {low} to {high}: scale them"
            f"{' by 255 / 65535' if 255 < high < 65536 and low >= 0 else ''}"
        )
    if len(array) >= _ENOUGH:
        _tell_dark(high, what, known)
    return array.astype("uint8", copy=False)


def _tell_dark(high, what, known):
    if 0 < high <= _BLACKISH and not known.fixed:
        known.say(what, (
            f"the largest number is {high:g}, and 255 is white: nearly "
            "black; scale them if that is not meant"
        ))


def scale_of(array: np.ndarray, what: str, known: Known | None = None) -> str:
    """The scale of floats: `LEVELS`, `UNIT` or `SIGNED`.

    Args, Raises:
        as of `levels`.
    """
    known = known or _NOBODY
    low, high = float(array.min()), float(array.max())
    if not np.isfinite(low) or not np.isfinite(high):
        raise InputError(
            f"{what}: expected finite numbers, got some that are not (NaN or "
            "infinite): check what made them"
        )
    before = known.scales.get(what)
    if known.fixed and before:
        _refuse_change(low, high, what, before)
        return before
    scale = _told(array, low, high)
    if scale is None and before and _within(low, high, before):
        scale = before
    if scale is None:
        _refuse_scale(array, low, high, what)
    if known is not _NOBODY:
        known.scales[what] = scale
    if scale == UNIT:
        known.say(what, (
            f"floats from {low:g} to {high:g}, none below 0: taken as [0, 1], "
            "0 is black"
        ))
    elif scale == LEVELS:
        _tell_dark(high, what, known)
    return scale


def _told(array, low, high):
    """The only scale that is possible, or None."""
    if high > 2:
        if low >= -_BEYOND and high <= 255 + _BEYOND:
            inside = low >= 0 and high <= 255
            if inside or ((array < 0) | (array > 255)).mean() <= _SHARE:
                return LEVELS
        return None
    if high > 1 + _ROUNDING or low < -1 - _ROUNDING:
        return None
    if low < -_ROUNDING:
        return SIGNED
    some = array[:max(_ENOUGH, _LOOKED_AT // array[0].size)]
    some = some.reshape(len(some), -1)
    steps = some.astype("float64") * 255
    whole = np.round(steps)
    if np.abs(steps - whole).max() < 0.1:
        return SIGNED if (whole % 2 == 1).all() else UNIT
    dark = (some.min(1) < _DARK).sum()
    return UNIT if dark >= _ENOUGH else None


def _within(low, high, scale):
    least, most = {
        LEVELS: (-_BEYOND, 255 + _BEYOND), UNIT: (0, 1), SIGNED: (-1, 1)
    }[scale]
    return low >= least - _ROUNDING and high <= most + _ROUNDING


def _refuse_change(low, high, what, scale):
    """One more batch of a stream must be of the first ones' scale."""
    if not _within(low, high, scale):
        raise InputError(
            f"{what}: the first batches were floats in {scale}, then came "
            f"one from {low:g} to {high:g}: scale all alike"
        )


def _refuse_scale(array, low, high, what):
    came = f"got {_dtype(array)} from {low:g} to {high:g}"
    if low >= -_ROUNDING and high <= 1 + _ROUNDING:
        raise TwoScales(
            f"{what}: {came}, which may be [0, 1] or the bright half of "
            "[-1, 1]: give uint8 from 0 to 255, or more of them at once"
        )
    raise InputError(
        f"{what}: expected numbers from 0 to 255, or floats in [-1, 1] or "
        f"[0, 1], {came}: scale them"
    )


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
            f"{what}: expected whole numbers, got {_dtype(array)} with some "
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
