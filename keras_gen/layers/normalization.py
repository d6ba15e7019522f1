"""Normalisation layers by the names that recipes use."""

from typing import Any

import keras
from keras import ops

from keras_gen.backend.normalize import instance_normalized
from keras_gen.errors import InputError
from keras_gen.layers.batch_normalization import (
    BatchNormalization,
    gain_and_offset,
)

NAMES = ("batch", "instance", "layer", "none")


@keras.saving.register_keras_serializable(package="keras_gen")
class GroupNormalization(keras.layers.GroupNormalization):
    """Group normalisation of maps, with a right second derivative.

    It shares variables and weight files with
    `keras.layers.GroupNormalization`, whose variance on TensorFlow stops the
    gradient at the mean: the first derivative is right all the same, but a
    gradient penalty, which takes the second, is not.

    Input: (n, ..., channels), any range. Output: the same shape, each group
    of channels of an item with mean beta and standard deviation gamma; 0 and
    1 with `center` and `scale` False.

    Paper: Wu and He, 1803.08494.
    """

    def call(self, inputs: Any) -> Any:
        outputs = None
        pictures = len(inputs.shape) == 4
        affine = gain_and_offset(self, inputs.shape[-1])
        if pictures and self.groups == inputs.shape[-1]:
            outputs = instance_normalized(inputs, *affine, self.epsilon)
        return self._composed(inputs, *affine) if outputs is None else outputs

    def _composed(self, inputs, gain, offset):
        x = ops.cast(inputs, "float32")
        x = x - self._group_means(x)
        variance = self._group_means(ops.square(x))
        x = x * (ops.rsqrt(variance + self.epsilon) * gain)
        return ops.cast(x + offset, inputs.dtype)

    def _group_means(self, x):
        inner = range(1, len(x.shape) - 1)
        means = ops.mean(x, tuple(inner), keepdims=True)
        channels = x.shape[-1]
        if self.groups == channels:
            return means
        # Channels stay innermost: reducing a reshaped (n, height, width,
        # groups, channels / groups) would transpose every map.
        means = ops.reshape(
            means, (-1, self.groups, channels // self.groups)
        )
        means = ops.repeat(ops.mean(means, -1), channels // self.groups, -1)
        return ops.reshape(means, (-1, *(1 for _ in inner), channels))


def normalization(name: str, layer_name: str | None = None) -> keras.Layer:
    """A new normalisation layer.

    "batch" is `BatchNormalization`; "instance" normalises each channel of
    each picture (1607.08022), "layer" all channels of a picture together
    (1607.06450); "none" passes its input on. Gains start as N(1, 0.02), as
    in the published DCGAN and pix2pix code.

    The layer takes and gives (n, ..., channels), pictures, videos or voxels,
    in any range.

    Args:
        name: one of "batch", "instance", "layer", "none".
        layer_name: of the layer; Keras' own by default.

    Raises:
        InputError: for another name.
    """
    if name not in NAMES:
        raise InputError(
            f"unknown normalization {name!r}: use one of {', '.join(NAMES)}"
        )
    if name == "none":
        return keras.layers.Identity(name=layer_name)
    gain = keras.initializers.RandomNormal(1.0, 0.02)
    if name == "batch":
        return BatchNormalization(gamma_initializer=gain, name=layer_name)
    return GroupNormalization(
        groups=-1 if name == "instance" else 1,
        epsilon=1e-5,
        gamma_initializer=gain,
        name=layer_name,
    )
