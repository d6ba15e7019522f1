"""Pictures."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from keras_gen.values.base import Levels


class Picture(Levels):
    """Pictures (height, width, channels)."""

    __slots__ = ()

    name = "picture"
    column = "image"
    plural = "pictures"
    axes: tuple[str | int, ...] = ("height", "width", "channels")
    height_axis = -3
    in_a_picture = True
    ending = ".png"

    def picture_in_graph(self, items: Any) -> Any:
        return items

    def sheet(
        self, items: np.ndarray, columns: int | None = None
    ) -> tuple[np.ndarray, int]:
        """The pictures themselves, as square as possible."""
        return items, columns or int(np.ceil(np.sqrt(len(items))))

    def save(self, item: np.ndarray, path: str | Path) -> None:
        from keras_gen import plot

        plot.save(image(item), path)


def image(item: ArrayLike) -> Image.Image:
    """uint8 (height, width, 1 or 3) as a PIL image."""
    item = np.asarray(item)
    return Image.fromarray(item[..., 0] if item.shape[-1] == 1 else item)


def resized(pictures: np.ndarray, sides: tuple[int, int]) -> np.ndarray:
    """uint8 pictures (n, height, width, 1 or 3) scaled to (height, width) by
    bicubic interpolation."""
    return np.stack([
        np.asarray(
            image(item).resize(sides[::-1], Image.Resampling.BICUBIC)
        ).reshape(*sides, -1)
        for item in pictures
    ])


def enlarged(pictures: np.ndarray, side: int = 64) -> np.ndarray:
    """Pictures (n, height, width, channels), each pixel repeated as often as
    the longer side needs to be at least `side`."""
    times = -(-side // max(pictures.shape[1:3]))
    return pictures.repeat(times, 1).repeat(times, 2)
