"""Pictures of half the size by means of what is inside them."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_gen")
class HalvingPooling2D(keras.layers.Layer):
    """Means over 3 x 3 pixels at every second one, the first included; at a
    border over those that there are.

    It is what pix2pixHD (Wang et al. 2018, https://arxiv.org/abs/1711.11585)
    shrinks pictures by for its judges of coarser scales, PyTorch's
    `AvgPool2d(3, 2, 1, count_include_pad=False)`. Means that counted zeros
    beyond the border would darken it, and Keras' own "same" begins at
    another pixel where a side is even.

    Input: (n, height, width, channels), any range. Output: (n, ceil(height /
    2), ceil(width / 2), channels), same range.
    """

    def call(self, inputs: Any) -> Any:
        inside = ops.ones_like(inputs[:1, :, :, :1], dtype="float32")
        # What counts zeros, over the share of what is none.
        times = ops.cast(1 / _means(inside), inputs.dtype)
        return _means(inputs) * times

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        n, *sides, channels = input_shape
        halves = (None if side is None else -(-side // 2) for side in sides)
        return (n, *halves, channels)


def _means(x):
    border = ((0, 0), (1, 1), (1, 1), (0, 0))
    return ops.average_pool(ops.pad(x, border), 3, 2, "valid", "channels_last")
