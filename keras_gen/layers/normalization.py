"""Normalisation layers by the names that recipes use."""

import keras

from keras_gen.errors import InputError
from keras_gen.layers.batch_normalization import BatchNormalization

NAMES = ("batch", "instance", "layer", "none")


def normalization(name):
    """A new normalisation layer.

    "batch" is `BatchNormalization`; "instance" normalises each channel of
    each picture (1607.08022), "layer" all channels of a picture together
    (1607.06450); "none" passes its input on. Gains start as N(1, 0.02), as
    in the published DCGAN and pix2pix code.

    The layer takes and gives (n, height, width, channels) in any range.

    Args:
        name: one of "batch", "instance", "layer", "none".

    Raises:
        InputError: for another name.
    """
    if name not in NAMES:
        raise InputError(
            f"unknown normalization {name!r}: use one of {', '.join(NAMES)}"
        )
    if name == "none":
        return keras.layers.Identity()
    gain = keras.initializers.RandomNormal(1.0, 0.02)
    if name == "batch":
        return BatchNormalization(gamma_initializer=gain)
    return keras.layers.GroupNormalization(
        groups=-1 if name == "instance" else 1,
        epsilon=1e-5,
        gamma_initializer=gain,
    )
