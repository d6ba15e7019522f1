"""What kinds of data take, and what each of these may be: `says`, in words
that follow "give"."""

import dataclasses
import math

import numpy as np

from keras_gen.arrays import colours
from keras_gen.errors import InputError


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of several values."""

    values: tuple
    default: object

    def checked(self, name, value, others):
        """The value, or InputError. `others`: the arguments so far."""
        # True is no 1 here.
        if any(value is one or (type(value), value) == (type(one), one)
               for one in self.values):
            return value
        raise InputError(f"{name} is {value!r}; give {self.says}")

    @property
    def says(self):
        """What it may be, in words."""
        return f"one of {', '.join(map(repr, self.values))}"


@dataclasses.dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`, None for any."""

    low: int
    high: int | None
    default: int | None

    def checked(self, name, value, others):
        """See Choice."""
        if not whole(value, self.low, self.high):
            raise InputError(f"{name} is {value!r}; give {self.says}")
        return int(value)

    @property
    def says(self):
        """See Choice."""
        if self.high is None:
            return f"a whole number of {self.low} or more"
        return f"a whole number {self.low} ... {self.high}"


@dataclasses.dataclass(frozen=True)
class Size:
    """n, for n in each direction, or a number for each of `axes`."""

    low: int
    high: int
    default: int
    axes: tuple = ("height", "width")

    def checked(self, name, value, others):
        """A tuple, with a number for each axis; see Choice."""
        given = [value] * len(self.axes)
        if isinstance(value, (list, tuple)):
            given = list(value)
        if len(given) == len(self.axes) and all(
            whole(side, self.low, self.high) for side in given
        ):
            return tuple(map(int, given))
        raise InputError(f"{name} is {value!r}; give {self.says}")

    @property
    def says(self):
        """See Choice."""
        return (
            f"a whole number {self.low} ... {self.high}, or "
            f"[{', '.join(self.axes)}] of such"
        )


class Crop:
    """Pixels to cut away, at most the shorter side."""

    default = 0
    says = "a whole number 0 ... the size's shorter side"

    def checked(self, name, value, others):
        """See Choice."""
        return Whole(0, min(others["size"]), 0).checked(name, value, others)


class Channels:
    """1, 3, or as many as the source has."""

    default = 3
    # What hyperspectral cameras have.
    _allowed = Whole(1, 1024, 3)
    says = _allowed.says

    def checked(self, name, value, others):
        """See Choice."""
        return self._allowed.checked(name, value, others)


class Range:
    """Two values, [low, high]: what is black and what is white."""

    default = None
    says = (
        "[low, high], two numbers, the value that is black and the larger one "
        "that is white"
    )

    def checked(self, name, value, others):
        """(low, high); see Choice."""
        if isinstance(value, (list, tuple)) and len(value) == 2 and all(
            isinstance(end, (int, float, np.integer, np.floating))
            and not isinstance(end, bool) and math.isfinite(end)
            for end in value
        ) and value[0] < value[1]:
            return tuple(
                end.item() if isinstance(end, np.generic) else end
                for end in value
            )
        raise InputError(f"{name} is {value!r}; give {self.says}")


class Share:
    """A part of the whole, from 0 to a half."""

    default = 0.05
    says = (
        "the share of the training items that is kept for it, from 0, for "
        "none, to 0.5"
    )

    def checked(self, name, value, others):
        """A float; see Choice."""
        if isinstance(value, (int, float, np.integer, np.floating)) and (
            not isinstance(value, bool) and 0 <= value <= 0.5
        ):
            return float(value)
        raise InputError(f"{name} is {value!r}; give {self.says}")


class Labels:
    """The colours of labels, which are the first column's, or none."""

    default = None
    says = "a colour for each label, [[red, green, blue], ...], [[grey], ...]"

    def checked(self, name, value, others):
        """A PerColumn of a table of `arrays.colours` and None; see Choice."""
        if isinstance(value, (list, tuple)) and not value:
            return None
        return PerColumn((colours.colours(value, name), None))


class PerColumn(tuple):
    """A value for each column of a kind."""


@dataclasses.dataclass(frozen=True)
class Each:
    """An argument for all columns alike, or a list with one for each."""

    one: object
    columns: tuple

    @property
    def default(self):
        """That of the argument."""
        return self.one.default

    @property
    def says(self):
        """See Choice."""
        return (
            f"{self.one.says}, or one for each column, "
            f"[{', '.join(self.columns)}]"
        )

    def checked(self, name, value, others):
        """The value, or a PerColumn where they differ; see Choice."""
        try:
            return self.one.checked(name, value, others)
        except InputError as error:
            if not isinstance(value, (list, tuple)) or not any(
                isinstance(each, (list, tuple)) for each in value
            ) and isinstance(self.one, Range):
                raise InputError(
                    f"{error}, or one for each column, "
                    f"[{', '.join(self.columns)}]"
                ) from error
        if len(value) != len(self.columns):
            raise InputError(
                f"{name} is {value!r}; give one for each column, "
                f"[{', '.join(self.columns)}], or one for all"
            )
        found = PerColumn(
            self.one.checked(name, each, others) for each in value
        )
        return found if len(set(found)) > 1 else found[0]


def whole(value, low, high):
    """Whether a value is a whole number from low to high, None for any."""
    return (
        isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        and low <= value and (high is None or value <= high)
    )


SIZE = Size(8, 1024, 64)
CHANNELS = Choice((1, 3), 3)
MANY_CHANNELS = Channels()
BITS = Choice((8, 16), 8)
RANGE = Range()
DIRECTION = Choice(("AtoB", "BtoA"), "AtoB")
LABELS = Labels()
FLAG = Choice((False, True), False)
VALIDATION = Share()
# What every kind takes whose columns are pictures, in this order: the size
# says what crops there can be.
OF_PICTURES = {
    "size": SIZE, "channels": CHANNELS, "crop": Crop(), "range": RANGE,
    "validation": VALIDATION,
}
