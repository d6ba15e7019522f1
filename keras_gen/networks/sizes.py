"""Which picture sizes a network takes, and how to make others fit."""

import math
from collections.abc import Collection

import keras
import numpy as np
from numpy.typing import ArrayLike

from keras_gen.accepted import at_least
from keras_gen.errors import InputError

_BASES = (4, 7)


def check_positive(**arguments) -> None:
    """Check that each argument is a whole number of at least 1.

    Raises:
        InputError: naming the first argument that is not.
    """
    at_least(1, **arguments)


def check_choice(name: str, value: object, choices: Collection) -> None:
    """Check that `value` is one of `choices`.

    Raises:
        InputError: naming the argument, the value and the choices.
    """
    if value not in choices:
        raise InputError(
            f"unknown {name} {value!r}: use one of {', '.join(choices)}"
        )


def pyramid(size: int) -> tuple[int, int]:
    """How a square picture is built by doubling.

    Args:
        size: pixels of a side: 4 or 7 times a power of two, at least 16.

    Returns:
        (base, steps): `size == base * 2 ** steps`, base 4 or 7, steps >= 2.

    Raises:
        InputError: if there is no such pair; the message names the sizes.
    """
    check_positive(size=size)
    for base in _BASES:
        steps = int(math.log2(size / base)) if size >= base else 0
        if steps >= 2 and size == base << steps:
            return base, steps
    raise InputError(
        f"size {size} cannot be built by doubling: use 16, 28, 32, 56, 64, "
        "112, 128 or another 4 * 2^k or 7 * 2^k with k >= 2"
    )


def features(width: int, step: int) -> int:
    """Features of maps that have been halved `step` times: `width`, doubled
    by each halving up to 8 times as many. More would cost most numbers where
    there are fewest pixels."""
    return width * min(1 << step, 8)


def multiple(network: keras.Model) -> int:
    """The number of which a network's picture sizes must be multiples.

    It is the product of the strides of the (not transposed) convolutions and
    of the poolings by the largest, read from the layers, so that it holds for
    a reloaded model too.

    Args:
        network: functional keras.Model in which these form one chain.

    Returns:
        int, 1 for a network without strides.
    """
    strides = 1
    for layer in network.layers:
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.MaxPooling2D)):
            strides *= max(layer.strides)
    return strides


def legal_side(network: keras.Model, at_least: int = 64) -> int:
    """The smallest side of a square picture, from `at_least` on, that a
    network with free sizes takes."""
    unit = multiple(network)
    return -(-at_least // unit) * unit


def scale(network: keras.Model) -> int:
    """How many times as high and wide as its input a network's pictures are.

    Args:
        network: keras.Model from pictures (n, height, width, channels) to
            such pictures.

    Returns:
        int, 1 where both have the same size.

    Raises:
        InputError: it is no whole number, or another one for the width.
    """
    _, *sides, channels = network.input_shape
    sides = [side or legal_side(network) for side in sides]
    made = network.compute_output_shape((1, *sides, channels))[1:3]
    times = made[0] // sides[0]
    if times < 1 or tuple(made) != tuple(times * side for side in sides):
        raise InputError(
            f"{network.name} makes {' x '.join(map(str, made))} pictures of "
            f"{' x '.join(map(str, sides))} ones: a translator's are as large "
            "as its input, or a whole number of times as high and wide"
        )
    return times


def pad_to_multiple(images: ArrayLike, multiple: int) -> tuple:
    """Pad pictures by reflection to the next legal height and width.

    Args:
        images: array (n, height, width, channels), any range and dtype.
        multiple: number that height and width must be multiples of.

    Returns:
        (padded, crop): the padded array, with the picture in its middle, and
        a function `crop(outputs, scale=1)` that cuts the middle out of an
        array (or tensor) whose height and width are `scale` times the padded
        ones.

    Raises:
        InputError: if the array is not 4-D, or a side is so short that its
            mirror image cannot fill the padding; the message names the
            nearest size that works.
    """
    check_positive(multiple=multiple)
    images = np.asarray(images)
    if images.ndim != 4 or images.size == 0:
        raise InputError(
            "pictures must have shape (n, height, width, channels), not "
            f"{images.shape}"
        )
    height, width = images.shape[1:3]
    (top, bottom), (left, right) = _paddings(height, width, multiple)
    padded = np.pad(
        images, ((0, 0), (top, bottom), (left, right), (0, 0)), "reflect"
    )

    def crop(outputs, scale=1):
        return outputs[
            :, scale * top:scale * (top + height),
            scale * left:scale * (left + width),
        ]

    return padded, crop


def _paddings(height, width, multiple):
    if not (_fits(height, multiple) and _fits(width, multiple)):
        nearest = " x ".join(
            str(_nearest(side, multiple)) for side in (height, width)
        )
        raise InputError(
            f"{height} x {width} pictures are too small to be padded to a "
            f"multiple of {multiple}: resize them to {nearest}"
        )
    return _padding(height, multiple), _padding(width, multiple)


def _padding(side, multiple):
    total = -side % multiple
    return total // 2, total - total // 2


def _fits(side, multiple):
    # A reflection leaves the edge out: it has side - 1 pixels to give.
    return max(_padding(side, multiple)) <= side - 1


def _nearest(side, multiple):
    sides = range(1, max(side, multiple) + 1)
    return min(
        (s for s in sides if _fits(s, multiple)), key=lambda s: abs(s - side)
    )
