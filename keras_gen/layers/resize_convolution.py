"""Resize-convolution: enlarging that leaves no grid.

Odena et al., "Deconvolution and Checkerboard Artifacts", 2016,
https://doi.org/10.23915/distill.00003. A transposed convolution may make a
pattern that repeats every two pixels out of an even map, and has to learn not
to. Where pixels are repeated first and a plain convolution follows, it cannot.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen.layers.convolutions import Conv2DTranspose

# What it shares with a transposed convolution, and no one chooses.
_FIXED = {"kernel_size": 4, "strides": 2, "padding": "same"}
# Which taps of 3, or of 3 x 3, a tap of 4, or of 4 x 4, is the sum of.
_BLOCK = np.eye(4, 3, dtype="float32") + np.eye(4, 3, -1, dtype="float32")
_BLOCKS = np.kron(_BLOCK, _BLOCK)
_LEFT_OUT = (*_FIXED, "output_padding", "data_format", "dilation_rate")


@keras.saving.register_keras_serializable(package="keras_gen")
class ResizeConv2D(Conv2DTranspose):
    """Each pixel repeated in a block of 2 x 2, then a 3 x 3 convolution with
    padding "same".

    It is computed as one transposed convolution of kernel 4 and stride 2, the
    same numbers in 4/9 of the products: to repeat pixels is one itself, with
    a kernel of 2 x 2 ones. The variable `kernel` (3, 3, filters, channels) is
    laid out as that of a transposed convolution, which is a convolution's
    turned by 180 degrees with its last two axes exchanged.

    Input: (n, height, width, channels), any range. Output: (n, 2 height, 2
    width, filters).

    Args:
        filters: channels of the output.
        **options: what `keras.layers.Conv2DTranspose` takes beside kernel
            size, strides, padding, data format and dilation.
    """

    def __init__(self, filters: int, **options):
        super().__init__(filters, **_FIXED, **options)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = input_shape[-1]
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={-1: channels})
        self.small = self.add_weight(
            name="kernel", shape=(3, 3, self.filters, channels),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            # Summed in all its digits, whatever the layer computes in.
            autocast=False,
        )
        self.bias = self.add_weight(
            name="bias", shape=(self.filters,),
            initializer=self.bias_initializer,
            regularizer=self.bias_regularizer,
            constraint=self.bias_constraint,
        ) if self.use_bias else None

    @property
    def kernel(self) -> Any:
        """(4, 4, filters, channels): the small one seen through blocks."""
        _, _, *channels = self.small.shape
        # A product: the gradient of what is cut and added takes ten times as
        # long as the convolution's.
        both = ops.matmul(_BLOCKS, ops.reshape(self.small, (9, -1)))
        both = ops.reshape(both, (4, 4, *channels))
        return ops.cast(both, self.compute_dtype)

    def get_config(self) -> dict:
        config = super().get_config()
        return {k: v for k, v in config.items() if k not in _LEFT_OUT}
