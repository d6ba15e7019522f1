"""Points in the plane."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gen import arrays, atomic
from keras_gen.export import signature
from keras_gen.values.base import Value

_SIDE = 256
# Halves of the frame's side, of which the smallest that fits is taken.
_LIMITS = (3.0, 5.0, 10.0, 30.0, 100.0)
# Of a dot, in pixels.
_RADIUS = 1.2
# Ground, a single dot, and where most dots lie upon each other.
_COLOURS = np.array([[255, 255, 255], [92, 150, 220], [12, 20, 70]], float)
_AXIS = 225
_SINGLE = 0.5


class Points(Value):
    """Points (2,), of any size."""

    __slots__ = ()

    name = "points"
    column = "points"
    plural = "points"
    dtype = "float32"
    axes = (2,)
    shown = 2048
    blank = np.nan
    ending = ".csv"
    saves_together = True

    def _accepted(self, array, what, count, known):
        return arrays.finite(array, what)

    def prepare(self, x: Any) -> Any:
        """Numbers as float32, unchanged."""
        from keras import ops

        return ops.cast(ops.convert_to_tensor(x), "float32")

    def restore(self, array: ArrayLike) -> np.ndarray:
        """float32, unchanged."""
        return np.asarray(array, "float32")

    def restore_in_graph(self, tensor: Any) -> Any:
        import tensorflow as tf

        return tf.cast(tensor, tf.float32)

    def input(self, shape: tuple, multiple: int = 1) -> signature.Input:
        return signature.Input(shape, "float32", multiple=multiple)

    def sheet(
        self, items: np.ndarray, columns: int | None = None,
        limit: float | None = None,
    ) -> tuple[np.ndarray, int]:
        """One square picture of all points, of 256 pixels; where more dots
        lie upon each other it is darker.

        Args:
            items: float (n, 2); the first number goes right, the second up.
            limit: the frame goes from -limit to limit; by default 3, or the
                first of 5, 10, 30 and 100 that leaves at most a twentieth of
                the points outside.
        """
        points = np.asarray(items, "float64")
        points = points[np.isfinite(points).all(1)]
        ink = _ink(points, limit or _limit(points))
        return _coloured(ink)[None], 1

    def save(self, item: np.ndarray, path: str | Path) -> None:
        """Writes all points (n, 2) as a table of x and y; nine digits tell
        any two float32 apart."""
        with atomic.replacing(path) as aside:
            np.savetxt(
                aside, np.reshape(item, (-1, 2)), "%.9g", ",",
                header="x,y", comments="",
            )

    def watched(self, items: np.ndarray) -> np.ndarray:
        """The points as features, float32 (n, 2)."""
        return np.asarray(items, "float32")


def _limit(points):
    reach = np.abs(points).max(1, initial=0)
    for limit in _LIMITS[:-1]:
        if (reach > limit).sum() * 20 <= len(points):
            return limit
    return _LIMITS[-1]


def _ink(points, limit):
    """How many dots lie on each pixel: float64 (side, side)."""
    x = (points[:, 0] / limit + 1) / 2 * _SIDE - 0.5
    y = (1 - points[:, 1] / limit) / 2 * _SIDE - 0.5
    inside = (np.abs(x) < 2 * _SIDE) & (np.abs(y) < 2 * _SIDE)
    x, y = x[inside], y[inside]
    column, row = np.round(x).astype(int), np.round(y).astype(int)
    ink = np.zeros(_SIDE * _SIDE)
    for down in range(-2, 3):
        for right in range(-2, 3):
            i, j = row + down, column + right
            away = np.sqrt((j - x) ** 2 + (i - y) ** 2)
            covered = np.clip(_RADIUS + 0.5 - away, 0, 1)
            seen = (i >= 0) & (i < _SIDE) & (j >= 0) & (j < _SIDE)
            ink += np.bincount(
                (i * _SIDE + j)[seen], covered[seen], _SIDE * _SIDE
            )
    return ink.reshape(_SIDE, _SIDE)


def _coloured(ink):
    """uint8 (side, side, 3). A single dot is seen well; more of them darken
    it by their logarithm."""
    most = np.log(max(ink.max(), 10))
    more = np.log(np.maximum(ink, 1)) / most
    shade = _SINGLE * np.minimum(ink, 1) + (1 - _SINGLE) * more
    picture = np.stack([
        np.interp(shade, [0, _SINGLE, 1], levels) for levels in _COLOURS.T
    ], -1)
    middle = _SIDE // 2
    for line in (picture[middle], picture[:, middle]):
        line[:] = np.minimum(line, _AXIS)
    return np.round(picture).astype("uint8")
