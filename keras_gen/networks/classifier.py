"""Small residual classifiers, whose features also measure pictures.

Paper: He et al., "Deep Residual Learning for Image Recognition", 1512.03385.
"""

import keras
from keras import layers

from keras_gen.layers import Conv2D, Dropout
from keras_gen.layers import normalization as normalize
from keras_gen.networks import sizes


def residual(
    size: int = 28, channels: int = 1, classes: int = 10, width: int = 16,
    dropout: float = 0.0,
) -> keras.Model:
    """A 3x3 convolution, then at each halving, down to 4 or 7 pixels, one of
    stride 2 and a residual block; the mean over the last maps; a linear map.

    Input: "image" (n, size, size, channels) in [-1, 1].
    Output: {"features", "logits"}: (n, width * 2^k) of at least 0, after k
    halvings, and (n, classes), unbounded.

    Args:
        size: pixels of a side, 4 * 2^k or 7 * 2^k with k >= 2.
        channels: channels of a picture.
        classes: number of classes or attributes.
        width: features at full size; doubled for each halving.
        dropout: share of the features that are left out in training.

    Raises:
        InputError: if an argument is out of its range.
    """
    _, steps = sizes.pyramid(size)
    sizes.check_positive(channels=channels, classes=classes, width=width)
    image = keras.Input((size, size, channels), name="image")
    x = _activate(_convolution(image, width))
    for step in range(1, steps + 1):
        x = _activate(_convolution(x, width << step, stride=2))
        x = _block(x, width << step, f"maps_{size >> step}")
    # In float32: a mean over many pixels needs more than bfloat16 holds.
    features = layers.GlobalAveragePooling2D(
        dtype="float32", name="features"
    )(x)
    logits = layers.Dense(classes)(Dropout(dropout)(features))
    logits = layers.Activation("linear", dtype="float32", name="logits")(
        logits
    )
    return keras.Model(
        image, {"features": features, "logits": logits}, name="classifier"
    )


def _block(x, filters, name):
    y = _convolution(_activate(_convolution(x, filters)), filters)
    x = layers.Add()([x, normalize("batch")(y)])
    return layers.ReLU(name=name)(x)


def _activate(x):
    return layers.ReLU()(normalize("batch")(x))


def _convolution(x, filters, stride=1):
    return Conv2D(
        filters, 3, stride, "same", use_bias=False,
        kernel_initializer="he_normal",
    )(x)
