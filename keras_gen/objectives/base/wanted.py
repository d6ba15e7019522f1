"""The arrays that a model takes: which is which, of which type and shape."""

from typing import Any, NamedTuple

import keras
import numpy as np

from keras_gen import arrays, values
from keras_gen.errors import InputError
from keras_gen.values.levels import Levels


class Latents(values.Points):
    """Latents and codes: numbers of any size."""

    __slots__ = ()

    name = "latents"
    plural = "latents"
    axes = ("latent_dim",)


LATENTS = Latents()


class Wanted(NamedTuple):
    """One of the arrays that a model takes.

    Args:
        value: its type, of `keras_gen.values`, or `Latents`.
        shape: of an item, None where any length will do; by default any of
            this type.
        count: of whole numbers, how many there are; None: not known.
    """

    value: values.Value
    shape: tuple | None = None
    count: int | None = None

    def accept(self, x: Any, what: str, known: arrays.Known) -> np.ndarray:
        """See `values.Value.accept`."""
        return self.value.accept(x, what, self.shape, self.count, known)

    @property
    def item(self) -> tuple:
        """Shape of an item, None where any length will do."""
        free = (n if isinstance(n, int) else None for n in self.value.axes)
        return tuple(free) if self.shape is None else self.shape

    def settled(self, x: Any) -> bool:
        """Whether a tensor, or what stands for one in a graph, needs no look
        at its numbers: levels of the right shape, uint8 0 ... 255."""
        if not isinstance(self.value, Levels):
            return False
        rank = getattr(x.shape, "rank", len(x.shape))
        return (
            keras.backend.standardize_dtype(x.dtype) in self.value.tops
            and rank == len(self.item) + 1
            and all(w in (None, s) for w, s in zip(self.item, x.shape[1:]))
        )

    def accepted_dtype(self, dtype: Any) -> str:
        """Name of the dtype of what `accept` makes of this one."""
        if not isinstance(self.value, Levels):
            return self.value.dtype
        dtype = keras.backend.standardize_dtype(dtype)
        if "float" in dtype:
            return "float32"
        return dtype if dtype in self.value.tops else self.value.dtype


def named(
    model: keras.Model, wanted: dict[str, Wanted], x: Any, y: Any
) -> dict[str, Any]:
    """Which of what is given is which column."""
    if isinstance(x, dict):
        model.refuse_missing(x, wanted)
        return {column: x[column] for column in wanted}
    if isinstance(x, (list, tuple)) and len(x) == len(wanted) > 1 and (
        y is None
    ):
        return dict(zip(wanted, x))
    if isinstance(x, (list, tuple)) and any(map(np.ndim, x)):
        raise InputError(
            f"{model.name}: expected one array, got a {type(x).__name__} of "
            f"{len(x)}: give np.stack(x), or a dict of {', '.join(wanted)}"
        )
    given = (x,) if y is None else (x, y)
    found = dict(zip(wanted, given))
    model.refuse_missing(found, wanted)
    return found


def accepted(
    model: keras.Model, found: dict[str, Any], wanted: dict[str, Wanted],
    known: arrays.Known,
) -> dict[str, np.ndarray]:
    """Columns checked and converted, all of as many rows."""
    found = {
        column: wanted[column].accept(x, column, known)
        for column, x in found.items()
    }
    same_rows({column: len(x) for column, x in found.items()})
    model.check_sides({column: x.shape[1:] for column, x in found.items()})
    return found


def same_rows(rows: dict[str, int]) -> None:
    """Raises an InputError unless all columns have as many."""
    if len(set(rows.values())) > 1:
        counts = ", ".join(f"{n} of {column}" for column, n in rows.items())
        raise InputError(f"expected as many of each, got {counts}")


def put_back(
    wanted: dict[str, Wanted], x: Any, y: Any, found: dict[str, Any]
) -> tuple:
    """`(x, y)` in the form they came in, of the columns found."""
    if isinstance(x, (dict, list, tuple)):
        return found, y
    return tuple([*found.values(), y][:2])


def without_extra(
    model: keras.Model, wanted: dict[str, Wanted], x: Any, y: Any
) -> Any:
    """y, or None where the model has no use for it: labels, which is said,
    or x again.

    Raises:
        InputError: pictures to compare with, which it does not do.
    """
    if y is None or y is x:
        return None
    if not isinstance(x, dict) and len(wanted) > 1:
        return y
    if len(getattr(y, "shape", ()) or ()) > 2:
        raise InputError(
            f"{model.name} trains on {', '.join(wanted)} alone: leave y out"
        )
    model.given.say("y", (
        f"left out, for {type(model).__name__} trains on "
        f"{', '.join(wanted)} alone"
    ))
    return None
