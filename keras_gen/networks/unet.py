"""The U-Net generator of pix2pix.

Paper: Isola et al., "Image-to-Image Translation with Conditional
Adversarial Networks", 1611.07004.
"""

from collections.abc import Sequence

import keras
from keras import layers

from keras_gen.errors import InputError
from keras_gen.layers import (
    Conv2D,
    Conv2DTranspose,
    Dropout,
    LabelColours,
    ResizeConv2D,
)
from keras_gen.layers import normalization as normalize
from keras_gen.networks import sizes


def generator(
    size: int = 256, channels_in: int = 3, channels_out: int = 3,
    width: int = 64, normalization: str = "batch", dropout: float = 0.5,
    growth: int = 8, upsampling: str = "transposed",
    labels: Sequence[Sequence[int]] = (),
) -> keras.Model:
    """Halvings down to one pixel for `size`, and back up with skips.

    Input: "input" (n, height, width, channels_in) in [-1, 1]; height and
    width are multiples of `size` (see `sizes.pad_to_multiple` for others).
    Output: (n, height, width, channels_out) in [-1, 1].

    Args:
        size: the smallest side, a power of two of at least 16; its logarithm
            is the depth.
        channels_in: channels of the input picture.
        channels_out: channels of the output picture.
        width: features of the first layer; doubled by each halving.
        normalization: "batch", "instance", "layer" or "none". The inner
            convolutions have biases only with "none".
        dropout: rate in the three innermost decoder blocks, the paper's
            source of noise.
        growth: the most features, in widths; half of the paper's 8 leaves
            less than a third of the parameters.
        upsampling: how the decoder doubles: "transposed", the paper's
            transposed convolutions of 4 x 4, or "resize", pixels repeated
            and a 3 x 3 convolution, which leaves no grid and takes the same
            time; see `keras_gen.layers.ResizeConv2D`.
        labels: of pictures of labels, the colour of each, [[red, green,
            blue], ...]: the network sees one-hot channels; see
            `keras_gen.layers.LabelColours`. Empty for other pictures.

    Raises:
        InputError: if an argument is out of its range.
    """
    depth = _check(size, channels_in, channels_out, width, growth)
    sizes.check_choice("upsampling", upsampling, _DOUBLINGS)
    doubled = _DOUBLINGS[upsampling]
    features = [width * min(2**level, growth) for level in range(depth)]
    image = keras.Input((None, None, channels_in), name="input")
    x = LabelColours(labels)(image) if labels else image
    maps = _encode(x, features, normalization)
    x = _decode(maps, features, normalization, dropout, doubled)
    x = doubled(channels_out, True)(x)
    x = layers.Activation("tanh", dtype="float32", name="pixels")(x)
    return keras.Model(image, x, name="generator")


def _encode(x, features, normalization):
    maps = []
    for level, filters in enumerate(features):
        x = _halved(filters, normalization == "none")(x)
        # The innermost map is one pixel: an instance norm would erase it.
        if 0 < level < len(features) - 1:
            x = normalize(normalization)(x)
        x = layers.LeakyReLU(0.2)(x)
        maps.append(x)
    return maps


def _decode(maps, features, normalization, dropout, doubled):
    x, bias = maps[-1], normalization == "none"
    noisy = min(3, len(features) - 2)
    for block in range(len(features) - 1):
        level = -2 - block
        x = doubled(features[level], bias)(x)
        x = normalize(normalization)(x)
        if block < noisy:
            x = Dropout(dropout)(x)
        x = layers.Concatenate()([layers.ReLU()(x), maps[level]])
    return x


def _check(size, channels_in, channels_out, width, growth):
    sizes.check_positive(
        size=size,
        channels_in=channels_in,
        channels_out=channels_out,
        width=width,
        growth=growth,
    )
    if size < 16 or size & (size - 1):
        raise InputError(
            f"a U-Net cannot have size {size}: use 16, 32, 64, 128, 256 or "
            "another power of two"
        )
    return int(size).bit_length() - 1


def _halved(filters, bias):
    return Conv2D(filters, 4, 2, "same", **_options(bias))


def _transposed(filters, bias):
    return Conv2DTranspose(filters, 4, 2, "same", **_options(bias))


def _resized(filters, bias):
    return ResizeConv2D(filters, **_options(bias))


def _options(bias):
    return {
        "use_bias": bias,
        "kernel_initializer": keras.initializers.RandomNormal(0.0, 0.02),
    }


_DOUBLINGS = {"transposed": _transposed, "resize": _resized}
