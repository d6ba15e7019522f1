"""Figures of lessons: of one width, without Matplotlib's global state."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from keras_gen import plot

# Pixels, and pixels to an inch.
WIDTH, _DPI = 800, 100
# Those of a figure that is kept: it takes a fraction of the bytes.
_COLOURS = 256
# Apart to those who do not see all colours, too: what is real, what is made,
# what the mathematics says, and others.
REAL, MADE, EXACT = "#0072b2", "#d55e00", "#222222"
OTHERS = ("#009e73", "#cc79a7", "#e69f00", "#56b4e9")


def figure(height: int) -> Figure:
    """An empty figure of the common width.

    Args:
        height: in pixels.
    """
    return Figure((WIDTH / _DPI, height / _DPI), _DPI, layout="constrained")


def picture(drawn: Figure, small: bool = False) -> Image.Image:
    """A figure as a PIL image, marked as a figure.

    Args:
        drawn: the figure.
        small: of so few colours that its file is small.
    """
    canvas = FigureCanvasAgg(drawn)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[..., :3]
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if small:
        image = image.quantize(_COLOURS)
    image.info["comment"] = plot.MARK
    return image
