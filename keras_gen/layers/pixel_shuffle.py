"""Sub-pixel upsampling: channels become pixels.

Papers: Shi et al., 1609.05158; for the start of the kernels Aitken et al.,
"Checkerboard artifact free sub-pixel convolution", 1707.02937.
"""

from typing import Any

import keras
from keras import ops

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


@keras.saving.register_keras_serializable(package="keras_gen")
class PixelShuffle(keras.layers.Layer):
    """Each pixel of `factor`^2 * c channels becomes `factor` x `factor`
    pixels of c channels.

    Input: (n, height, width, factor^2 * c), any range; the channels are c of
    the block's first pixel, c of the pixel to its right, and so on, row by
    row. Output: (n, factor * height, factor * width, c).

    Args:
        factor: how many times as high and wide.
    """

    def __init__(self, factor: int = 2, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor
        self.built = True

    def call(self, inputs: Any) -> Any:
        if keras.backend.backend() == "tensorflow":
            # In half of the time of what follows.
            return tf.nn.depth_to_space(inputs, self.factor)
        factor, channels = self.factor, inputs.shape[-1] // self.factor**2
        _, height, width, _ = ops.shape(inputs)
        # Only the batch may be -1.
        x = ops.reshape(
            inputs, (-1, height, width, factor, factor, channels)
        )
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
        return ops.reshape(
            x, (-1, factor * height, factor * width, channels)
        )

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        n, *sides, channels = input_shape
        sides = [side and side * self.factor for side in sides]
        return (n, *sides, channels and channels // self.factor**2)

    def get_config(self) -> dict:
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable(package="keras_gen")
class Repeated(keras.initializers.Initializer):
    """For a convolution before a `PixelShuffle`: all pixels of a block start
    with the same kernel, so that no grid is seen until one is learnt (ICNR).

    Args:
        initializer: of the kernel of one pixel.
        factor: of the `PixelShuffle`.
    """

    def __init__(
        self, initializer: str | keras.initializers.Initializer, factor: int = 2
    ):
        self.initializer = keras.initializers.get(initializer)
        self.factor = factor

    def __call__(self, shape: tuple[int, ...], dtype: str | None = None) -> Any:
        block = self.factor**2
        one = self.initializer((*shape[:-1], shape[-1] // block), dtype)
        return ops.tile(one, (1,) * (len(shape) - 1) + (block,))

    def get_config(self) -> dict:
        return {
            "initializer": keras.saving.serialize_keras_object(
                self.initializer
            ),
            "factor": self.factor,
        }

    @classmethod
    def from_config(cls, config: dict) -> "Repeated":
        initializer = keras.saving.deserialize_keras_object(
            config["initializer"]
        )
        return cls(initializer, config["factor"])
