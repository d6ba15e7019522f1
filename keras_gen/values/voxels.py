"""Solids of voxels."""

from pathlib import Path

import numpy as np
from PIL import Image

from keras_gen import atomic
from keras_gen.values import rendering
from keras_gen.values.levels import Levels

# Views of a full turn.
_VIEWS = 24
# From where a solid shows most of its sides, in degrees.
_ANGLE = 30


class Voxels(Levels):
    """Solids (depth, height, width, 1): how much of each voxel is filled,
    255 for all. The height goes downwards, the depth away from the viewer."""

    __slots__ = ()

    name = "voxels"
    column = "voxels"
    plural = "solids"
    axes = ("depth", "height", "width", 1)
    moving = True
    shown = 36
    blank = 0
    ending = ".npy"

    def sheet(
        self, items: np.ndarray, columns: int | None = None
    ) -> tuple[np.ndarray, int]:
        """Each solid rendered, as square as possible."""
        side = _side(items)
        pictures = next(rendering.views(items, [_ANGLE], side))
        return pictures, columns or int(np.ceil(np.sqrt(len(items))))

    def frames(
        self, items: np.ndarray, columns: int | None = None
    ) -> list[Image.Image]:
        """A full turn in 24 views, each a grid of all solids."""
        from keras_gen import plot

        angles = _ANGLE + np.arange(_VIEWS) * 360 / _VIEWS
        return [
            plot.grid(pictures, columns=columns)
            for pictures in rendering.views(items, angles, _side(items))
        ]

    def save(self, item: np.ndarray, path: str | Path) -> None:
        """Writes the uint8 array itself."""
        with atomic.replacing(path) as aside:
            np.save(aside, np.asarray(item, "uint8"))


def _side(items):
    """Pixels across a rendered solid: two for a voxel, so that the corners
    of its cube find room, and never less than 64."""
    return max(64, 2 * max(np.shape(items)[1:4]))
