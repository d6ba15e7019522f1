"""Inputs that are made of the targets: "pairs" from pictures alone.

A transform is made after flips and crops, and the same function makes it for
training, for tests and for whoever is served. To add one, write a function
of uint8 pictures (n, height, width, channels), and what it makes of a shape,
into TRANSFORMS.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image

from keras_gen.data import pictures
from keras_gen.errors import InputError


class Transform(NamedTuple):
    """A function of uint8 (n, height, width, channels), and what it makes of
    the shape (height, width, channels)."""

    function: Callable
    shape: Callable


def names() -> tuple[str, ...]:
    """The names of all transforms."""
    return tuple(TRANSFORMS)


def apply(name: str, given: np.ndarray) -> np.ndarray:
    """What a transform makes of pictures.

    Args:
        name: "grey", "edges" or "quarter".
        given: uint8 (n, height, width, 1 or 3).

    Returns:
        uint8: of `shape(name, ...)`.
    """
    given = np.asarray(given)
    shape(name, given.shape[1:])
    return TRANSFORMS[name].function(given)


def shape(name, whole):
    """(height, width, channels) of what a transform makes of that shape;
    InputError for a name that there is not, or a shape it cannot take."""
    if name not in TRANSFORMS:
        raise InputError(
            f"input is {name!r}; give one of "
            f"{', '.join(map(repr, TRANSFORMS))}"
        )
    return TRANSFORMS[name].shape(*whole)


def grey(given):
    """Brightness (ITU-R 601), as pictures are read with one channel."""
    if given.shape[-1] == 1:
        return given.copy()
    red, green, blue = (given[..., part].astype(np.uint32) for part in
                        range(3))
    # What Pillow does, to the last bit.
    light = red * 19595 + green * 38470 + blue * 7471 + 0x8000 >> 16
    return light.astype(np.uint8)[..., None]


def edges(given):
    """How fast the brightness changes: the length of Sobel's gradient, 255
    for that of a step from black to white, or more."""
    light = grey(given)[..., 0].astype(np.int32)
    light = np.pad(light, ((0, 0), (1, 1), (1, 1)), "edge")
    down = light[:, :-2] + 2 * light[:, 1:-1] + light[:, 2:]
    right = light[:, :, :-2] + 2 * light[:, :, 1:-1] + light[:, :, 2:]
    across = down[:, :, 2:] - down[:, :, :-2]
    along = right[:, 2:] - right[:, :-2]
    # Whole numbers and one square root: the same bytes on every machine.
    length = np.sqrt((across * across + along * along).astype(np.float64)) / 4
    return np.minimum(length + 0.5, 255).astype(np.uint8)[..., None]


def quarter(given):
    """A quarter of the height and width, by bicubic antialiasing, as in
    super-resolution."""
    height, width, channels = shape("quarter", given.shape[1:])
    result = np.empty((len(given), height, width, channels), np.uint8)
    for place, picture in enumerate(given):
        result[place] = pictures.as_array(pictures.as_image(picture).resize(
            (width, height), Image.Resampling.BICUBIC
        ))
    return result


def _one_channel(height, width, channels):
    return height, width, 1


def _quarter_shape(height, width, channels):
    if height % 4 or width % 4:
        raise InputError(
            f"input 'quarter' needs a size that is a multiple of 4, not "
            f"{height} x {width}"
        )
    return height // 4, width // 4, channels


TRANSFORMS = {
    "grey": Transform(grey, _one_channel),
    "edges": Transform(edges, _one_channel),
    "quarter": Transform(quarter, _quarter_shape),
}
