"""Which values of pictures are black and white: found, told, or given.

Most files say it by their type, 0 ... 255 or 0 ... 65535. Those that use a
small part of it (12 bits in files of 16, masks of 0 and 1), and numbers whose
type says nothing, are told on standard error, with what to set.
"""

import dataclasses
import sys
from collections.abc import Callable, Iterable

import numpy as np

from keras_gen.errors import InputError

# What a type says by itself.
OF_TYPE = {"bool": (0, 1), "uint8": (0, 255), "uint16": (0, 65535)}
# Files of a column that are looked into.
SAMPLE = 16
ENOUGH = 2**24
# Below this share of the range pictures look black.
_SMALL = 0.3
# Of numbers whose type says nothing: the first that holds them all.
_FLOATS, _WHOLE = ((0, 1), (-1, 1), (0, 255)), ((0, 255),)
# What cameras, scanners and masks fill: 1, 4, 8, 10, 12 and 14 bits.
_FULL = tuple(2**bits - 1 for bits in (1, 4, 8, 10, 12, 14))

_told: set[str] = set()


@dataclasses.dataclass
class Found:
    """What pictures hold.

    Attributes:
        spans: {name of a NumPy dtype: [lowest, highest value]}.
        channels: the numbers of channels, without alpha.
        count: of pictures.
        outside: the share of values outside of the range that was given.
        rgba: whether four channels are taken as RGBA.
    """

    spans: dict = dataclasses.field(default_factory=dict)
    channels: set = dataclasses.field(default_factory=set)
    count: int = 0
    outside: float = 0.0
    rgba: bool = False

    @property
    def low(self) -> float:
        """The lowest of all values."""
        return min(low for low, _ in self.spans.values())

    @property
    def high(self) -> float:
        """The highest of all values."""
        return max(high for _, high in self.spans.values())

    @property
    def untyped(self) -> tuple | None:
        """[lowest, highest] of numbers whose type says no range."""
        spans = [
            span for name, span in self.spans.items() if name not in OF_TYPE
        ]
        if not spans:
            return None
        return min(low for low, _ in spans), max(high for _, high in spans)

    @property
    def usual(self) -> tuple:
        """The range that is taken where none is given."""
        names = [name for name in self.spans if name in OF_TYPE]
        return self.assumed or OF_TYPE[names[0] if names else "uint8"]

    def likely(self, given: tuple | None = None) -> tuple:
        """The range that is given or, where the values fill a small part of
        it, one that they may fill."""
        span = given or self.usual
        if not self.spans or not is_small(self.high, span):
            return span
        if self.low < 0 or not self.whole:
            return self.low, self.high
        return 0, next(
            (full for full in _FULL if self.high <= full), self.high
        )

    @property
    def whole(self) -> bool:
        """Whether numbers whose type says no range are all whole ones."""
        return all(
            np.dtype(name).kind != "f" for name in self.spans
        )

    @property
    def assumed(self) -> tuple | None:
        """The range of `untyped`, where it can be told."""
        return self.untyped and assumed(*self.untyped, self.whole)


def assumed(low: float, high: float, whole: bool) -> tuple | None:
    """The range of numbers whose type says none, None where it cannot be
    told: 0 ... 1, -1 ... 1 or 0 ... 255, of whole numbers 0 ... 255.

    Args:
        low, high: the smallest and the largest.
        whole: whether the type is of whole numbers.
    """
    return next((
        span for span in (_WHOLE if whole else _FLOATS)
        if span[0] <= low and high <= span[1]
    ), None)


def measure(
    pictures: Iterable[tuple[np.ndarray, bool]], given: tuple | None = None
) -> Found:
    """Looks into pictures.

    Args:
        pictures: (array (..., channels), whether the last one is alpha) each.
        given: the range that was set.
    """
    found, outside, total = Found(), 0, 0
    for array, alpha in pictures:
        found.count += 1
        array = array[..., :-1] if alpha else array
        found.channels.add(array.shape[-1])
        if array.dtype.kind == "f":
            array = array[np.isfinite(array)]
        if not array.size:
            continue
        low, high = array.min().item(), array.max().item()
        name = array.dtype.name
        before = found.spans.get(name, (low, high))
        found.spans[name] = min(low, before[0]), max(high, before[1])
        if given:
            beyond = (array < given[0]) | (array > given[1])
            outside, total = outside + beyond.sum(), total + array.size
    found.outside = float(outside / total) if total else 0.0
    return found


def settle(
    found: Found, what: str, given: tuple | None, setting: Callable,
    keeps: str | None = None,
) -> tuple | None:
    """Tells what is unusual, a line for each; what the range of numbers is
    whose type says none, None without such.

    Args:
        found: of a column.
        what: the column and where it is from.
        given: the range that was set.
        setting: makes of a range the words by which to set it.
        keeps: how 16 bits are kept, where they could be: "" where they are;
            None for kinds of data that have neither these nor more channels.

    Raises:
        InputError: numbers whose range cannot be told.
    """
    assumed = None
    if given is None and found.untyped:
        assumed = found.assumed
        if assumed is None:
            raise InputError(
                f"{what} has values {_number(found.low)} ... "
                f"{_number(found.high)}, and nothing says which are black and "
                f"white; give {setting((found.low, found.high))}, or other "
                "bounds"
            )
    for line in lines(found, what, given, setting, assumed, keeps):
        tell(line)
    return assumed


def tell(line: str) -> None:
    """Writes a line to standard error, once."""
    if line not in _told:
        _told.add(line)
        print(line, file=sys.stderr)


def lines(found, what, given, setting, assumed, keeps):
    """What `settle` tells: a line for each type of numbers, and for what is
    clipped."""
    for name, (low, high) in found.spans.items():
        span = given or OF_TYPE.get(name) or assumed
        parts = []
        if name not in OF_TYPE and not given:
            parts.append(
                f"{text(span)} is taken as black to white, which "
                f"{setting(span)} says"
            )
        small = is_small(high, span)
        if small:
            likely = found.likely(given)
            parts.append(
                f"a small part of {_number(span[0])} ... {_number(span[1])}, "
                f"nearly black: give {setting(likely)} if white is "
                f"{_number(likely[1])}"
            )
        if keeps and name == "uint16" and high > 255:
            parts.append(f"16 bits are rounded to 8, which {keeps} keeps")
        if parts:
            yield (
                f"{'warning: ' * small}{what}: values {_number(low)} ... "
                f"{_number(high)} in {found.count} pictures looked at: "
                f"{'; '.join(parts)}"
            )
    if found.rgba and keeps is not None:
        yield (
            f"{what}: four channels are taken as RGBA, over white; --set "
            "data.channels=4 keeps all four"
        )
    if found.outside:
        yield (
            f"warning: {what}: {_percent(found.outside)} of the values in "
            f"{found.count} pictures looked at lie outside of {text(given)} "
            "and are clipped to it"
        )


def is_small(high: float, span: tuple) -> bool:
    """Whether values up to `high` fill a small part of a range, its dark
    end."""
    return high - span[0] <= _SMALL * (span[1] - span[0])


def levels(
    array: np.ndarray, span: tuple, top: int
) -> np.ndarray:
    """Numbers scaled linearly, float32: what is at `span[0]` becomes 0, at
    `span[1]` `top`; what lies outside is clipped.

    Raises:
        ValueError: some are not finite.
    """
    array = np.asarray(array, np.float64)
    if not np.isfinite(array).all():
        raise ValueError(
            "values that are not finite (NaN or infinite); replace them by "
            "numbers"
        )
    low, high = span
    scaled = (array - low) * (top / (high - low))
    return np.clip(scaled, 0, top).astype(np.float32)


def text(span: tuple) -> str:
    """A range as TOML has it."""
    return f"[{_number(span[0])},{_number(span[1])}]"


def _number(value):
    """As TOML has it: whole numbers of floats keep no zero."""
    return f"{value:.0f}" if value == round(value) else f"{value:.4g}"


def _percent(share):
    return "less than 0.1 %" if share < 0.001 else f"{100 * share:.1f} %"
