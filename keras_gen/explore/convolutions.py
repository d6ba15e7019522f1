"""The arithmetic of convolutions: sizes, weights, and what a unit sees, by
formulas and measured on a network.

Dumoulin and Visin, "A guide to convolution arithmetic for deep learning",
https://arxiv.org/abs/1603.07285.
"""

from collections.abc import Sequence

import keras
import numpy as np
from keras import ops

from keras_gen.accepted import accepted, at_least, shown
from keras_gen.errors import InputError
from keras_gen.seeds import generator


@accepted
def output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0,
    transposed: bool = False,
) -> int:
    """Pixels of a side after a convolution: floor((W - F + 2 P) / S) + 1; of
    a transposed one, which is the way back, (W - 1) S + F - 2 P.

    Args:
        size: W, of a side before it.
        kernel: F, of a side of the kernel.
        stride: S.
        padding: P, zeros on each side.
        transposed: whether it is a transposed one.

    Raises:
        InputError: the kernel is larger than the padded picture.
    """
    at_least(1, size=size, kernel=kernel, stride=stride)
    at_least(0, padding=padding)
    found = (
        (size - 1) * stride + kernel - 2 * padding if transposed
        else (size - kernel + 2 * padding) // stride + 1
    )
    if found < 1:
        raise InputError(
            f"nothing is left of {size} pixels after a kernel of {kernel} "
            f"with padding {padding}: take a smaller kernel, or more padding"
        )
    return found


@accepted
def convolution_weights(
    kernel: int, channels_in: int, channels_out: int, bias: bool = True
) -> int:
    """Numbers of a layer: F^2 C K, and K biases.

    Args:
        kernel: F, of a side.
        channels_in: C.
        channels_out: K.
        bias: whether it has biases.
    """
    at_least(
        1, kernel=kernel, channels_in=channels_in, channels_out=channels_out
    )
    return channels_out * (kernel * kernel * channels_in + bias)


@accepted
def receptive_field(layers: Sequence[Sequence[int]]) -> int:
    """Pixels of a side that a unit behind convolutions sees: 1 + the sum of
    (F - 1) times the strides before it.

    Args:
        layers: (kernel, stride) of each, from the picture on.
    """
    field, stride_so_far = 1, 1
    for layer in layers:
        if len(layer) != 2:
            raise InputError(
                f"a layer is (kernel, stride), got {tuple(layer)}"
            )
        kernel, stride = layer
        at_least(1, kernel=kernel, stride=stride)
        field += (kernel - 1) * stride_so_far
        stride_so_far *= stride
    return field


def seen(network: keras.Model, size: int, seed: int = 0) -> tuple[int, int]:
    """What the unit in the middle of a network's output sees, measured: the
    rows and columns of a random picture of which it does not stay the same.

    Args:
        network: of one picture, (n, size, size, channels), that makes maps
            (n, h, w, k) or numbers (n, k); of several outputs the first
            counts. It is run as at inference.
        size: pixels of a side, larger than what is to be found: the unit
            sees no further than the border.
        seed: of the picture.

    Returns:
        (height, width) in pixels, from the first to the last.

    Raises:
        InputError: it takes something else than one picture, or pictures of
            another size.
    """
    at_least(1, size=size)
    taken = network.input if isinstance(network, keras.Model) else None
    if not isinstance(taken, keras.KerasTensor) or taken.ndim != 4:
        raise InputError(
            f"{getattr(network, 'name', shown(network))} takes something "
            "else than one picture: give a network that does"
        )
    if any(side not in (None, size) for side in taken.shape[1:3]):
        raise InputError(
            f"{network.name} takes pictures of {taken.shape[1]} x "
            f"{taken.shape[2]} pixels: give that size, got {size}"
        )
    random = generator(seed)
    channels = network.input.shape[-1]
    picture, other = random.uniform(
        -1, 1, (2, size, size, channels)
    ).astype("float32")
    return tuple(
        _span(network, picture, other, axis) for axis in (0, 1)
    )


def _span(network, picture, other, axis):
    """Pixels along an axis from the first that counts to the last."""
    size = len(picture)
    changed = np.repeat(picture[None], size + 1, 0)
    for i in range(size):
        line = (i, slice(None)) if axis == 0 else (slice(None), i)
        changed[(i, *line)] = other[line]
    outputs = ops.convert_to_numpy(
        keras.tree.flatten(network(changed, training=False))[0]
    )
    if outputs.ndim == 4:
        _, height, width, _ = outputs.shape
        outputs = outputs[:, height // 2, width // 2]
    moved = np.flatnonzero((outputs[:-1] != outputs[-1]).any(-1))
    return int(moved[-1] - moved[0] + 1) if moved.size else 0
