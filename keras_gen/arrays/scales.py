"""On which scale numbers are meant that stand for black to white."""

import dataclasses
import sys
from typing import Any

import numpy as np

from keras_gen.arrays.forms import dtype_of
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
            f"[-1, 1], got {dtype_of(array)} from {low} to {high}: scale them"
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
    came = f"got {dtype_of(array)} from {low:g} to {high:g}"
    if low >= -_ROUNDING and high <= 1 + _ROUNDING:
        raise TwoScales(
            f"{what}: {came}, which may be [0, 1] or the bright half of "
            "[-1, 1]: give uint8 from 0 to 255, or more of them at once"
        )
    raise InputError(
        f"{what}: expected numbers from 0 to 255, or floats in [-1, 1] or "
        f"[0, 1], {came}: scale them"
    )
