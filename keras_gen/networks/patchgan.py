"""The PatchGAN discriminator of pix2pix and CycleGAN, and several of them on
smaller and smaller pictures, of pix2pixHD and SPADE.

Papers: Isola et al., 1611.07004; Zhu et al., 1703.10593; Wang et al.,
1711.11585; Park et al., 1903.07291.
"""

from collections.abc import Sequence

import keras

from keras_gen.errors import InputError
from keras_gen.layers import (
    Conv2D,
    HalvingPooling2D,
    LabelColours,
    SpectralConv2D,
)
from keras_gen.layers import normalization as normalize
from keras_gen.networks import sizes


def discriminator(
    channels: int = 3, condition_channels: int = 0, width: int = 64,
    layers: int = 3, normalization: str = "batch", spectral: bool = False,
    labels: Sequence[Sequence[int]] = (),
) -> keras.Model:
    """Judges each patch of `receptive_field(layers)` pixels by itself.

    Input: "image" (n, height, width, channels) in [-1, 1]; with a condition
    a dict {"input", "image"}, input (n, height, width, condition_channels).
    Output: (n, h, w, 1) logits; 30 x 30 of 256 x 256 pixels with 3 layers.
    Its layers "maps_0" ... "maps_<layers>" make the maps before them; see
    `networks.taps`.

    Args:
        channels: channels of the judged picture.
        condition_channels: channels of the picture it must belong to, 0 for
            none.
        width: features of the first layer; doubled by each layer up to
            eight times.
        layers: number of halvings; 3 sees 70 x 70 pixels, 1 sees 16 x 16.
        normalization: "batch", "instance", "layer" or "none". The inner
            convolutions have biases only with "none".
        spectral: whether the inner convolutions have spectral normalization,
            too, as SPADE's; see `keras_gen.layers.SpectralConv2D`.
        labels: of a condition that is a picture of labels, the colour of
            each; see `keras_gen.networks.unet`. Empty for others.

    Raises:
        InputError: if an argument is out of its range.
    """
    sizes.check_positive(channels=channels, width=width, layers=layers)
    inputs, x = _inputs(channels, condition_channels, labels)
    logits = _judged(x, width, layers, normalization, spectral)
    return keras.Model(inputs, logits, name="discriminator")


def multiscale(
    scales: int = 2, channels: int = 3, condition_channels: int = 0,
    width: int = 64, layers: int = 3, normalization: str = "instance",
    spectral: bool = False, labels: Sequence[Sequence[int]] = (),
) -> keras.Model:
    """Equal judges, each with weights of its own, of the picture and of its
    means at 1/2, 1/4, ... of the size: the coarsest sees the most of it.

    A condition of labels is made channels first and then halved: a mean of
    two labels' colours would be a third's.

    Input: as of `discriminator`.
    Output: dict {"logits_0", "logits_1", ...}, each (n, h, w, 1) and about
    half as high and wide as the one before. The layers "maps_0_0" ...
    "maps_<scale>_<layers>" make the maps before them.

    Args:
        scales: how many sizes; pix2pixHD has 3 at 2048 x 1024 pixels, SPADE
            2.
        channels, condition_channels, width, layers: as of `discriminator`.
        normalization, spectral, labels: likewise.

    Raises:
        InputError: if an argument is out of its range.
    """
    sizes.check_positive(
        scales=scales, channels=channels, width=width, layers=layers
    )
    inputs, x = _inputs(channels, condition_channels, labels)
    logits = {}
    for scale in range(scales):
        if scale:
            x = HalvingPooling2D(name=f"halved_{scale}")(x)
        logits[f"logits_{scale}"] = _judged(
            x, width, layers, normalization, spectral, scale
        )
    return keras.Model(inputs, logits, name="discriminator")


def receptive_field(layers: int) -> int:
    """Side of the patch of pixels that one logit depends on.

    Args:
        layers: as for `discriminator`.

    Raises:
        InputError: if `layers` is not a whole number of at least 1.
    """
    sizes.check_positive(layers=layers)
    field = 1
    for stride in (1, 1) + (2,) * layers:
        field = field * stride + 4 - stride
    return field


def _inputs(channels, condition_channels, labels):
    image = keras.Input((None, None, channels), name="image")
    if condition_channels == 0:
        if labels:
            raise InputError(
                "labels are the colours of a condition: set "
                "condition_channels, or leave labels out"
            )
        return image, image
    sizes.check_positive(condition_channels=condition_channels)
    condition = keras.Input((None, None, condition_channels), name="input")
    shown = LabelColours(labels)(condition) if labels else condition
    x = keras.layers.Concatenate()([shown, image])
    return {"input": condition, "image": image}, x


def _judged(x, width, layers, normalization, spectral, scale=None):
    """The logits of a picture's patches; of one scale of several, whose
    number its layers' names then have."""
    of_scale = "" if scale is None else f"_{scale}"
    bias = normalization == "none"
    x = _convolution(width, 2, True)(x)
    x = keras.layers.LeakyReLU(0.2, name=f"maps{of_scale}_0")(x)
    for level in range(1, layers + 1):
        stride = 2 if level < layers else 1
        if stride == 1:
            x = keras.layers.ZeroPadding2D(1)(x)
        x = _convolution(
            width * min(2**level, 8), stride, bias,
            SpectralConv2D if spectral else Conv2D,
        )(x)
        x = normalize(normalization)(x)
        x = keras.layers.LeakyReLU(0.2, name=f"maps{of_scale}_{level}")(x)
    x = keras.layers.ZeroPadding2D(1)(x)
    x = _convolution(1, 1, True, name=of_scale and f"judge{of_scale}")(x)
    return keras.layers.Activation(
        "linear", dtype="float32",
        name=f"logits{of_scale}" if of_scale else "logit",
    )(x)


def _convolution(filters, stride, bias, kind=Conv2D, name=""):
    return kind(
        filters,
        4,
        stride,
        "same" if stride == 2 else "valid",
        use_bias=bias,
        kernel_initializer=keras.initializers.RandomNormal(0.0, 0.02),
        name=name or None,
    )
