"""SPADE's generator: pictures from maps of labels, which every normalisation
sees again.

Park et al. 2019, "Semantic Image Synthesis with Spatially-Adaptive
Normalization", https://arxiv.org/abs/1903.07291. Where the map goes in at
the input alone, as into pix2pix's U-Net, the normalisations after it subtract
what is the same all over a picture: of maps with one class everywhere it
makes one and the same. Here gains and offsets are functions of the map.
"""

import functools
from collections.abc import Sequence

import keras
from keras import layers

from keras_gen.accepted import at_least
from keras_gen.layers import (
    ConditionalNormalization,
    Conv2D,
    LabelColours,
    NoiseMap,
    SpectralConv2D,
)
from keras_gen.networks import sizes


def generator(
    size: int = 256, channels_in: int = 3, channels_out: int = 3,
    width: int = 64, hidden: int = 128, latent_dim: int = 0,
    normalization: str = "batch", spectral: bool = True,
    labels: Sequence[Sequence[int]] = (),
) -> keras.Model:
    """The map at its smallest, then residual blocks, two where maps have been
    doubled once, else one at each size, up to the picture's.

    A block is twice normalisation by the map (`ConditionalNormalization`),
    leaky rectifier and 3 x 3 convolution, beside a shortcut: the identity, or
    where features change the third normalisation and a 1 x 1 convolution.
    Maps are halved by the nearest: a pixel keeps one label.

    Input: "input" (n, height, width, channels_in) in [-1, 1]; height and
    width are multiples of 2^k (see `sizes.pad_to_multiple` for others).
    Output: (n, height, width, channels_out) in [-1, 1].

    Args:
        size: pixels of the smaller side at which the smallest maps are 4 x 4
            or 7 x 7: 4 * 2^k or 7 * 2^k with k >= 2, the doublings.
        channels_in: channels of the input picture.
        channels_out: channels of the output picture.
        width: features of the largest maps; doubled for each halving, up to
            8 times as many, where the paper has 16.
        hidden: features between the map and its gains and offsets.
        latent_dim: numbers of a latent, uniform in [-1, 1], beside the map at
            its smallest: noise of training, and of `dropout_at_test`; see
            `keras_gen.layers.NoiseMap`. 0 for none.
        normalization: what gains and offsets follow, "batch" or "instance".
        spectral: whether the blocks' convolutions have spectral
            normalization.
        labels: of pictures of labels, the colour of each, [[red, green,
            blue], ...]: the map is their one-hot channels; see
            `keras_gen.layers.LabelColours`. Empty for other pictures.

    Raises:
        InputError: if an argument is out of its range.
    """
    _, steps = sizes.pyramid(size)
    sizes.check_positive(
        channels_in=channels_in, channels_out=channels_out, width=width,
        hidden=hidden,
    )
    at_least(0, latent_dim=latent_dim)
    image = keras.Input((None, None, channels_in), name="input")
    maps = _maps(LabelColours(labels)(image) if labels else image, steps)
    x = NoiseMap(latent_dim)(maps[-1]) if latent_dim else maps[-1]
    x = Conv2D(sizes.features(width, steps), 3, padding="same")(x)
    block = functools.partial(
        _block, convolution=SpectralConv2D if spectral else Conv2D,
        normalization=normalization, hidden=hidden,
    )
    x = block(x, maps[-1], x.shape[-1])
    for step in reversed(range(steps)):
        x = layers.UpSampling2D(2)(x)
        features = sizes.features(width, step)
        for _ in range(2 if step == steps - 1 else 1):
            x = block(x, maps[step], features)
    x = Conv2D(channels_out, 3, padding="same")(layers.LeakyReLU(0.2)(x))
    x = layers.Activation("tanh", dtype="float32", name="pixels")(x)
    return keras.Model(image, x, name="generator")


def _maps(x, steps):
    """The map, and what is left of it after each halving: every second
    pixel."""
    maps = [x]
    for _ in range(steps):
        maps.append(layers.MaxPooling2D(1, 2)(maps[-1]))
    return maps


def _block(x, condition, features, convolution, normalization, hidden):
    def normalized(x):
        return ConditionalNormalization(normalization, hidden=hidden)(
            x, condition
        )

    between = min(x.shape[-1], features)
    y = layers.LeakyReLU(0.2)(normalized(x))
    # Its offset would be lost in the normalisation that follows.
    y = convolution(between, 3, padding="same", use_bias=False)(y)
    y = layers.LeakyReLU(0.2)(normalized(y))
    y = convolution(features, 3, padding="same")(y)
    if x.shape[-1] != features:
        x = convolution(features, 1, use_bias=False)(normalized(x))
    return layers.Add()([x, y])
