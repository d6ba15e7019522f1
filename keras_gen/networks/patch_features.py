"""What a contrastive loss compares places of pictures by.

Paper: Park et al., "Contrastive Learning for Unpaired Image-to-Image
Translation", 2007.15651.
"""

import keras
from keras import layers

from keras_gen.networks import sizes


def head(channels: int, width: int = 256) -> keras.Model:
    """Maps at some places through two dense layers, place by place.

    Input: "features" (n, places, channels), any range.
    Output: (n, places, width), vectors of which only the direction counts;
    see `losses.patch_nce`.

    Args:
        channels: of the maps.
        width: features of both layers; the paper's 256.

    Raises:
        InputError: if an argument is not a whole number of at least 1.
    """
    sizes.check_positive(channels=channels, width=width)
    features = keras.Input((None, channels), name="features")
    x = layers.ReLU()(_dense(features, width))
    x = _dense(x, width)
    x = layers.Activation("linear", dtype="float32", name="direction")(x)
    return keras.Model(features, x, name="head")


def _dense(x, width):
    return layers.Dense(
        width, kernel_initializer=keras.initializers.RandomNormal(0.0, 0.02)
    )(x)
