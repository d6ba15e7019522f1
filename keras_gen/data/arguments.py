"""What kinds of data take, and what each of these may be."""

import dataclasses

import numpy as np

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
        choices = ", ".join(map(repr, self.values))
        raise InputError(f"{name} is {value!r}; give one of {choices}")


@dataclasses.dataclass(frozen=True)
class Whole:
    """A whole number from `low` to `high`, None for any."""

    low: int
    high: int | None
    default: int | None

    def checked(self, name, value, others):
        """See Choice."""
        if not whole(value, self.low, self.high):
            allowed = f"{self.low} ... {self.high}"
            if self.high is None:
                allowed = f"of {self.low} or more"
            raise InputError(
                f"{name} is {value!r}; give a whole number {allowed}"
            )
        return int(value)


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
        raise InputError(
            f"{name} is {value!r}; give a whole number {self.low} ... "
            f"{self.high}, or [{', '.join(self.axes)}] of such"
        )


class Crop:
    """Pixels to cut away, at most the shorter side."""

    default = 0

    def checked(self, name, value, others):
        """See Choice."""
        return Whole(0, min(others["size"]), 0).checked(name, value, others)


def whole(value, low, high):
    """Whether a value is a whole number from low to high, None for any."""
    return (
        isinstance(value, (int, np.integer)) and not isinstance(value, bool)
        and low <= value and (high is None or value <= high)
    )


SIZE = Size(8, 1024, 64)
CHANNELS = Choice((1, 3), 3)
DIRECTION = Choice(("AtoB", "BtoA"), "AtoB")
FLAG = Choice((False, True), False)
# What every kind takes whose columns are pictures, in this order: the size
# says what crops there can be.
OF_PICTURES = {"size": SIZE, "channels": CHANNELS, "crop": Crop()}
