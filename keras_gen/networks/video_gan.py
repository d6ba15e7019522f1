"""VideoGAN in one stream: videos by convolutions over space and time.

Paper: Vondrick, Pirsiavash and Torralba, "Generating Videos with Scene
Dynamics", 1609.02612.
"""

import keras
from keras import layers

from keras_gen.errors import InputError
from keras_gen.layers import Conv3D, Conv3DTranspose
from keras_gen.layers import normalization as normalize
from keras_gen.networks import sizes


def generator(
    frames: int = 32, size: int = 64, channels: int = 3, latent_dim: int = 100,
    width: int = 64, normalization: str = "batch",
) -> keras.Model:
    """A projection, then doublings of height and width up to `size`, the
    last ones of the time too.

    Input: "latent" (n, latent_dim), usually N(0, 1).
    Output: (n, frames, size, size, channels) in [-1, 1].

    Args:
        frames: of a video, a power of two of at least 4.
        size: pixels of a side, 4 * 2^k or 7 * 2^k with k >= 2.
        channels: channels of a frame.
        latent_dim: length of a latent vector.
        width: features before the last layer; doubled for each halving.
        normalization: "batch", "instance", "layer" or "none" (with biases).

    Raises:
        InputError: if an argument is out of its range.
    """
    sizes.check_positive(
        channels=channels, latent_dim=latent_dim, width=width
    )
    base, strides = _check(frames, size)
    bias = normalization == "none"
    steps = len(strides)
    start = frames // 2 ** strides.count(2)
    features = width << (steps - 1)
    latent = keras.Input((latent_dim,), name="latent")
    x = layers.Dense(
        start * base * base * features, use_bias=bias,
        kernel_initializer=_normal(),
    )(latent)
    x = layers.Reshape((start, base, base, features))(x)
    x = layers.ReLU()(normalize(normalization)(x))
    for step in reversed(range(1, steps)):
        x = _up(x, width << (step - 1), strides[step], bias)
        x = layers.ReLU()(normalize(normalization)(x))
    x = _up(x, channels, strides[0], bias)
    x = layers.Activation("tanh", dtype="float32", name="pixels")(x)
    return keras.Model(latent, x, name="generator")


def discriminator(
    frames: int = 32, size: int = 64, channels: int = 3, width: int = 64,
    normalization: str = "batch",
) -> keras.Model:
    """Halvings of height and width, the first ones of the time too.

    Input: "video" (n, frames, size, size, channels) in [-1, 1].
    Output: (n, 1) logits.

    Args:
        frames: of a video, a power of two of at least 4.
        size: pixels of a side, 4 * 2^k or 7 * 2^k with k >= 2.
        channels: channels of a frame.
        width: features of the first layer; doubled by each halving.
        normalization: "batch", "instance", "layer" or "none" (with biases);
            not "batch" under a gradient penalty.

    Raises:
        InputError: if an argument is out of its range.
    """
    sizes.check_positive(channels=channels, width=width)
    _, strides = _check(frames, size)
    bias = normalization == "none"
    video = keras.Input((frames, size, size, channels), name="video")
    x = layers.LeakyReLU(0.2)(_down(video, width, strides[0], bias))
    for step, stride in enumerate(strides[1:], 1):
        x = _down(x, width << step, stride, bias)
        x = layers.LeakyReLU(0.2)(normalize(normalization)(x))
    x = layers.Flatten()(x)
    x = layers.Dense(1, use_bias=bias, kernel_initializer=_normal())(x)
    x = layers.Activation("linear", dtype="float32", name="logit")(x)
    return keras.Model(video, x, name="discriminator")


def _check(frames, size):
    """The smallest side, and the stride in time of each halving, the one at
    full size first: 2 until two frames are left, then 1."""
    sizes.check_positive(frames=frames)
    if frames < 4 or frames & (frames - 1):
        raise InputError(
            f"frames must be a power of two of at least 4, not {frames}: use "
            "4, 8, 16 or 32"
        )
    base, steps = sizes.pyramid(size)
    halvings = min(steps, int(frames).bit_length() - 2)
    return base, [2] * halvings + [1] * (steps - halvings)


def _normal():
    return keras.initializers.RandomNormal(0.0, 0.02)


def _kernel(stride):
    # Without a stride an even one would shift the video in time.
    return (4 if stride == 2 else 3, 4, 4)


def _up(x, filters, stride, bias):
    return Conv3DTranspose(
        filters, _kernel(stride), (stride, 2, 2), "same", use_bias=bias,
        kernel_initializer=_normal(),
    )(x)


def _down(x, filters, stride, bias):
    return Conv3D(
        filters, _kernel(stride), (stride, 2, 2), "same", use_bias=bias,
        kernel_initializer=_normal(),
    )(x)
