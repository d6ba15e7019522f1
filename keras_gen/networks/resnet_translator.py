"""The residual generator of CycleGAN.

Papers: Zhu et al., "Unpaired Image-to-Image Translation using
Cycle-Consistent Adversarial Networks", 1703.10593; the architecture is that
of Johnson et al., 1603.08155.
"""

import keras
from keras import layers

from keras_gen.layers import Conv2D, Conv2DTranspose, ReflectionPadding2D
from keras_gen.layers import normalization as normalize
from keras_gen.networks import sizes


def generator(
    channels_in: int = 3, channels_out: int = 3, width: int = 64,
    blocks: int = 9,
) -> keras.Model:
    """c7s1-64, d128, d256, residual blocks, u128, u64, c7s1-3.

    Input: "input" (n, height, width, channels_in) in [-1, 1]; height and
    width are multiples of 4 (see `sizes.pad_to_multiple` for others), and at
    least 8.
    Output: (n, height, width, channels_out) in [-1, 1].
    Taps: "maps_half" and "maps_quarter", the convolutions that halve the
    size, and "maps_block_1", ..., what the residual blocks make.

    Args:
        channels_in: channels of the input picture.
        channels_out: channels of the output picture.
        width: features at full size; the paper's 64.
        blocks: residual blocks; the paper takes 6 at 128 pixels and 9 at
            256.

    Raises:
        InputError: if an argument is not a whole number of at least 1.
    """
    sizes.check_positive(
        channels_in=channels_in,
        channels_out=channels_out,
        width=width,
        blocks=blocks,
    )
    image = keras.Input((None, None, channels_in), name="input")
    x = _activate(_convolution(ReflectionPadding2D(3)(image), width, 7))
    x = _activate(_convolution(x, 2 * width, 3, 2, "maps_half"))
    x = _activate(_convolution(x, 4 * width, 3, 2, "maps_quarter"))
    for number in range(1, blocks + 1):
        x = _residual(x, 4 * width, f"maps_block_{number}")
    x = _activate(_transposed(x, 2 * width))
    x = _activate(_transposed(x, width))
    x = _convolution(ReflectionPadding2D(3)(x), channels_out, 7)
    x = layers.Activation("tanh", dtype="float32", name="pixels")(x)
    return keras.Model(image, x, name="generator")


def _residual(x, filters, name):
    y = _convolution(ReflectionPadding2D(1)(x), filters, 3)
    y = _convolution(ReflectionPadding2D(1)(_activate(y)), filters, 3)
    return layers.Add(name=name)([x, normalize("instance")(y)])


def _activate(x):
    return layers.ReLU()(normalize("instance")(x))


def _convolution(x, filters, kernel, stride=1, name=None):
    return Conv2D(
        filters,
        kernel,
        stride,
        "valid" if stride == 1 else "same",
        kernel_initializer=keras.initializers.RandomNormal(0.0, 0.02),
        name=name,
    )(x)


def _transposed(x, filters):
    return Conv2DTranspose(
        filters,
        3,
        2,
        "same",
        kernel_initializer=keras.initializers.RandomNormal(0.0, 0.02),
    )(x)
