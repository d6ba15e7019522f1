"""Self-attention over the places of a map.

Zhang et al. 2018 (SAGAN), https://arxiv.org/abs/1805.08318, with the pooling
that its authors' code has and its text has not.
"""

from typing import Any

import keras
from keras import ops

from keras_gen.layers.convolutions import Conv2D
from keras_gen.layers.spectral import SpectralConv2D


@keras.saving.register_keras_serializable(package="keras_gen")
class SelfAttention(keras.layers.Layer):
    """x + gamma * what each place gathers from all others, with gamma 0 at
    first.

    Each place has a query of c / 8 numbers; keys of as many and values of
    c / 2 are the largest of blocks of 2 x 2 places. A place gathers the
    values, weighted by the softmax of its query's products with the keys.

    Input: (n, height, width, c), sides of at least 2, any range.
    Output: the same shape.

    Args:
        spectral: whether its four convolutions are `SpectralConv2D`.
    """

    def __init__(self, spectral: bool = True, **kwargs):
        super().__init__(**kwargs)
        self.spectral = spectral

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = input_shape[-1]
        half, eighth = max(1, channels // 2), max(1, channels // 8)
        self.query = self._convolution(eighth, "query")
        self.key = self._convolution(eighth, "key")
        self.value = self._convolution(half, "value")
        self.gathered = self._convolution(channels, "gathered")
        self.pool = keras.layers.MaxPooling2D(2, dtype=self.dtype_policy)
        for layer in (self.query, self.key, self.value):
            layer.build(input_shape)
        self.gathered.build((*input_shape[:-1], half))
        self.gamma = self.add_weight(
            name="gamma", shape=(), initializer="zeros"
        )

    def _convolution(self, filters, name):
        convolution = SpectralConv2D if self.spectral else Conv2D
        return convolution(
            filters, 1, use_bias=False, kernel_initializer="orthogonal",
            name=name, dtype=self.dtype_policy, trainable=self.trainable,
        )

    def weights_of(self, inputs: Any, training: bool = False) -> Any:
        """How much each place takes from each block, float32 (n, height *
        width, blocks); rows sum to 1."""
        query = _places(self.query(inputs, training=training))
        key = _places(self.pool(self.key(inputs, training=training)))
        products = ops.matmul(query, ops.transpose(key, (0, 2, 1)))
        # bfloat16 has no digits for small weights beside large ones.
        return ops.softmax(ops.cast(products, "float32"), axis=-1)

    def call(self, inputs: Any, training: bool = False) -> Any:
        weights = self.weights_of(inputs, training)
        value = _places(self.pool(self.value(inputs, training=training)))
        gathered = ops.matmul(ops.cast(weights, value.dtype), value)
        _, height, width, _ = inputs.shape
        gathered = ops.reshape(
            gathered, (-1, height, width, value.shape[-1])
        )
        return inputs + self.gamma * self.gathered(
            gathered, training=training
        )

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "spectral": self.spectral}


def _places(maps):
    """(n, height, width, c) -> (n, height * width, c)."""
    _, height, width, channels = maps.shape
    return ops.reshape(maps, (-1, height * width, channels))
