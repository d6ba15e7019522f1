"""Pictures."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from keras_gen import atomic
from keras_gen.values.levels import Levels


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
        """The pictures themselves, as square as possible; of several
        channels the first three, or the first of two."""
        return shown(items), columns or int(np.ceil(np.sqrt(len(items))))

    def ending_of(self, item: np.ndarray) -> str:
        return self.ending if is_image(item) else ".npy"

    def save(self, item: np.ndarray, path: str | Path) -> None:
        """Writes a picture file, or the array itself where `path` ends in
        .npy."""
        from keras_gen import plot

        if Path(path).suffix == ".npy":
            with atomic.replacing(path) as aside:
                np.save(aside, item)
        else:
            plot.save(image(item), path)


class Picture16(Picture):
    """Pictures whose levels are 0 ... 65535 in data: 16 bits are kept."""

    __slots__ = ()

    name = "picture16"
    plural = "pictures of 16 bits"
    dtype = "uint16"
    tops = {"uint8": 255, "uint16": 65535}
    blank = 65535

    @property
    def expected(self) -> str:
        return (
            "uint16 or uint8 pictures, other whole numbers of 0 ... 65535, or "
            "floats in [-1, 1],"
        )

    def _accepted(self, array, what, count, known):
        """As of all levels; whole numbers, but for uint8, as uint16."""
        if array.dtype == np.uint16:
            return array
        whole = array.dtype.kind in "iu" and array.dtype != np.uint8
        if whole and 255 < array.max() <= 65535 and array.min() >= 0:
            return array.astype(np.uint16)
        levels = super()._accepted(array, what, count, known)
        return levels * np.uint16(257) if whole else levels

    def watched(self, items: np.ndarray) -> np.ndarray:
        return eight_bits(super().watched(items))


def image(item: ArrayLike) -> Image.Image:
    """uint8 (height, width, 1 or 3), or uint16 (height, width, 1), as a PIL
    image."""
    item = np.asarray(item)
    return Image.fromarray(item[..., 0] if item.shape[-1] == 1 else item)


def is_image(item: np.ndarray) -> bool:
    """Whether `image` takes an item as it is."""
    channels = (1,) if item.dtype == np.uint16 else (1, 3)
    return item.shape[-1] in channels


def eight_bits(pictures: np.ndarray) -> np.ndarray:
    """uint16 0 ... 65535 as uint8, rounded; uint8 as it is."""
    if pictures.dtype == np.uint16:
        return ((pictures + np.uint32(128)) // 257).astype(np.uint8)
    return pictures


def shown(pictures: ArrayLike) -> np.ndarray:
    """Pictures (..., channels) as they can be seen: uint8, grey or the first
    three channels."""
    pictures = np.asarray(pictures)
    seen = 1 if pictures.shape[-1] < 3 else 3
    return eight_bits(pictures[..., :seen])


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
