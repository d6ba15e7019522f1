"""What the pixels of the built-in shapes show: masks and label maps."""

import numpy as np

from keras_gen.data.sources import scenes
from keras_gen.data.sources.geometry import CLASSES, coverage, distance

# What the numbers of a label map mean.
NAMES = ("ground", *CLASSES)


def mask(alpha):
    """uint8 (n, size, size, 1) of how much of each pixel is covered: 255
    where that is half of it or more."""
    return ((alpha >= 0.5) * np.uint8(255))[..., None]


def label_ids(set_, indices, size):
    """uint8 (n, size, size), indices into NAMES.

    Args:
        set_: from scenes.sample.
        indices: which, int (n,).
        size: pixels.
    """
    canvas = np.zeros((len(indices), size, size), np.uint8)
    scenes.strokes(canvas, scenes.chosen(set_, indices), [_number])
    return canvas


def _number(number, x, y, radius, window, size):
    inside = coverage(distance(number, x, y, radius), size) >= 0.5
    return np.where(inside, np.uint8(number + 1), window)
