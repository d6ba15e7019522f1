"""Maps of the pixels of a picture: masks and label ids."""

from pathlib import Path

import numpy as np
from PIL import Image

from keras_gen.errors import InputError
from keras_gen.values.numbers import Numbers
from keras_gen.values.picture import Picture


class Mask(Picture):
    """Masks (height, width, 1): 255 for what is kept, 0 for what is not."""

    __slots__ = ()

    name = "mask"
    column = "mask"
    plural = "masks"
    axes = ("height", "width", 1)


class LabelIds(Numbers):
    """The class of each pixel (height, width), 0, 1, ..."""

    __slots__ = ()

    name = "label_ids"
    column = "label_ids"
    plural = "label maps"
    axes = ("height", "width")
    height_axis = -2
    ending = ".png"

    def sheet(
        self, items: np.ndarray, columns: int | None = None
    ) -> tuple[np.ndarray, int]:
        """Each class in a colour of its own (of 256), which is the same in
        all pictures, as square as possible; what is no class is white."""
        items = np.asarray(items)
        pictures = palette()[items % 256]
        pictures[items < 0] = 255
        return pictures, columns or int(np.ceil(np.sqrt(len(items))))

    def save(self, item: np.ndarray, path: str | Path) -> None:
        """Writes a PNG whose pixels are the ids, shown by the palette."""
        from keras_gen import plot

        item = np.asarray(item)
        if item.min() < 0 or item.max() > 255:
            raise InputError(
                f"a label map's file holds ids 0 ... 255, not {item.min()} "
                f"... {item.max()}: keep the array itself"
            )
        picture = Image.fromarray(item.astype("uint8")).convert("P")
        picture.putpalette(palette().tobytes())
        plot.save(picture, path)


def palette() -> np.ndarray:
    """The colours of the ids, uint8 (256, 3), those of PASCAL VOC: the bits
    of an id, lowest first, are dealt to red, green and blue in turn, the
    first to their highest bits. Id 0 is black."""
    bits = np.arange(256)[:, None] >> np.arange(8) & 1
    colours = np.zeros((256, 3), int)
    for bit in range(8):
        colours[:, bit % 3] |= bits[:, bit] << (7 - bit // 3)
    return colours.astype("uint8")
