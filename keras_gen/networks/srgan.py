"""SRGAN: pictures two or four times as large.

Paper: Ledig et al., "Photo-Realistic Single Image Super-Resolution Using a
Generative Adversarial Network", 1609.04802. Trained on the mean square error
alone, the generator is the paper's SRResNet.
"""

import keras
from keras import layers

from keras_gen.errors import InputError
from keras_gen.layers import Conv2D
from keras_gen.layers import normalization as normalize
from keras_gen.layers.pixel_shuffle import PixelShuffle, Repeated
from keras_gen.networks import sizes

_HALVINGS = 4


def generator(
    scale: int = 4, channels: int = 3, width: int = 64, blocks: int = 16,
    normalization: str = "batch",
) -> keras.Model:
    """Residual blocks at the small size, a skip around all of them, then
    doublings by sub-pixel convolutions.

    Input: "input" (n, height, width, channels) in [-1, 1], of any size.
    Output: (n, scale * height, scale * width, channels) in [-1, 1].

    Args:
        scale: how many times as high and wide, 2 or 4.
        channels: channels of a picture.
        width: features; the paper's 64.
        blocks: residual blocks; the paper's 16.
        normalization: "batch", "instance", "layer" or "none".

    Raises:
        InputError: if an argument is out of its range.
    """
    sizes.check_positive(channels=channels, width=width, blocks=blocks)
    if scale not in (2, 4):
        raise InputError(f"scale must be 2 or 4, not {scale!r}")
    picture = keras.Input((None, None, channels), name="input")
    first = x = _prelu(_convolution(picture, width, 9))
    for _ in range(blocks):
        y = normalize(normalization)(_convolution(x, width, 3))
        y = _convolution(_prelu(y), width, 3)
        x = layers.Add()([x, normalize(normalization)(y)])
    x = normalize(normalization)(_convolution(x, width, 3))
    x = layers.Add()([first, x])
    for _ in range(scale // 2):
        x = _convolution(x, 4 * width, 3, Repeated("glorot_uniform", 2))
        x = _prelu(PixelShuffle(2)(x))
    x = _convolution(x, channels, 9)
    x = layers.Activation("tanh", dtype="float32", name="pixels")(x)
    return keras.Model(picture, x, name="generator")


def discriminator(
    size: int = 96, channels: int = 3, width: int = 64,
    normalization: str = "batch",
) -> keras.Model:
    """Eight convolutions, every second one a halving, and two dense layers.

    Input: "image" (n, size, size, channels) in [-1, 1].
    Output: (n, 1) logits.

    Args:
        size: pixels of a side, a multiple of 16.
        channels: channels of a picture.
        width: features of the first layer; doubled by each halving but the
            last. The first dense layer has 16 times as many.
        normalization: "batch", "instance", "layer" or "none"; not "batch"
            under a gradient penalty.

    Raises:
        InputError: if an argument is out of its range.
    """
    sizes.check_positive(size=size, channels=channels, width=width)
    if size % 2**_HALVINGS:
        near = max(1, round(size / 2**_HALVINGS)) * 2**_HALVINGS
        raise InputError(
            f"size must be a multiple of {2**_HALVINGS}, not {size}: use "
            f"{near}"
        )
    image = x = keras.Input((size, size, channels), name="image")
    for number in range(2 * _HALVINGS):
        x = _convolution(x, width << number // 2, 3, stride=1 + number % 2)
        if number:
            x = normalize(normalization)(x)
        x = layers.LeakyReLU(0.2)(x)
    x = layers.Dense(16 * width)(layers.Flatten()(x))
    x = layers.Dense(1)(layers.LeakyReLU(0.2)(x))
    x = layers.Activation("linear", dtype="float32", name="logit")(x)
    return keras.Model(image, x, name="discriminator")


def _prelu(x):
    return layers.PReLU(
        alpha_initializer=keras.initializers.Constant(0.25),
        shared_axes=[1, 2],
    )(x)


def _convolution(x, filters, kernel, initializer="glorot_uniform", stride=1):
    return Conv2D(
        filters, kernel, stride, "same", kernel_initializer=initializer
    )(x)
