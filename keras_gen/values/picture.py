"""Pictures."""

import numpy as np
from PIL import Image

from keras_gen.values.base import Levels


class Picture(Levels):
    """Pictures (height, width, channels)."""

    __slots__ = ()

    name = "picture"
    column = "image"
    plural = "pictures"
    axes = ("height", "width", "channels")
    height_axis = -3
    in_a_picture = True
    ending = ".png"

    def picture_in_graph(self, items):
        return items

    def sheet(self, items, columns=None):
        """The pictures themselves, as square as possible."""
        return items, columns or int(np.ceil(np.sqrt(len(items))))

    def save(self, item, path):
        from keras_gen import plot

        plot.save(image(item), path)


def image(item):
    """uint8 (height, width, 1 or 3) as a PIL image."""
    item = np.asarray(item)
    return Image.fromarray(item[..., 0] if item.shape[-1] == 1 else item)


def enlarged(pictures, side=64):
    """Pictures (n, height, width, channels), each pixel repeated as often as
    the longer side needs to be at least `side`."""
    times = -(-side // max(pictures.shape[1:3]))
    return pictures.repeat(times, 1).repeat(times, 2)
