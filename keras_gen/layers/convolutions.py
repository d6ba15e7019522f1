"""Keras' convolutions in the fastest operations of each backend.

On TensorFlow the kernels of some get their gradient from other operations,
see `strided`. On PyTorch, Keras pads a map in memory before a "same"
convolution, and computes a larger map and cuts it after a transposed one.
Where the border is the same on all sides PyTorch can do both by itself.
Variables, weight files and numbers are those of Keras.
"""

from typing import Any

import keras
from keras import ops

from keras_gen.backend import gradients, strided

if keras.backend.backend() == "torch":
    from torch.nn import functional


@keras.saving.register_keras_serializable(package="keras_gen")
class Conv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D`.

    Input: (n, height, width, channels), any range. Output: (n, ceil(height /
    stride), ceil(width / stride), filters) with padding "same".
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        height, width = inputs.shape[1:3]
        if keras.backend.backend() == "torch":
            border = self._border((height, width))
            if border is not None:
                return _called(self, functional.conv2d, inputs, border)
        elif training and self.groups == 1 and strided.suits(
            self, *_half(height, width)
        ):
            return _trained(self, strided.convolved, inputs)
        return super().call(inputs)

    def _border(self, size):
        """Zeros on each side, (height, width); None where the sides
        differ."""
        if not _plain(self) or self.groups != 1:
            return None
        if self.padding == "valid":
            return [0, 0]
        # What the last window reaches beyond the map, over both sides.
        more = [
            max(0, (-(-n // s) - 1) * s + k - n)
            for n, k, s in zip(size, self.kernel_size, self.strides)
        ]
        return None if any(m % 2 for m in more) else [m // 2 for m in more]


@keras.saving.register_keras_serializable(package="keras_gen")
class Conv3D(keras.layers.Conv3D):
    """`keras.layers.Conv3D`.

    Input: (n, depth, height, width, channels), any range. Output: with
    padding "same" each side divided by its stride, rounded up.
    """

    def convolution_op(self, inputs, kernel):
        inputs, kernel = _widened(inputs, kernel)
        result = super().convolution_op(inputs, kernel)
        return ops.cast(result, self.compute_dtype)


@keras.saving.register_keras_serializable(package="keras_gen")
class Conv3DTranspose(keras.layers.Conv3DTranspose):
    """`keras.layers.Conv3DTranspose`.

    Input: (n, depth, height, width, channels), any range. Output: with
    padding "same" each side times its stride.
    """

    def call(self, inputs):
        inputs, kernel = _widened(inputs, self.kernel)
        result = ops.conv_transpose(
            inputs, kernel, list(self.strides), padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate, data_format=self.data_format,
        )
        result = ops.cast(result, self.compute_dtype)
        if self.use_bias:
            result = result + self.bias
        return self.activation(result)


def _widened(inputs, kernel):
    """Both as float32 where they are bfloat16 on a CPU.

    There oneDNN leaves memory as it was in some gradients of kernels with
    three axes (seen in PyTorch 2.13 and TensorFlow 2.21: 1e24, now and then).
    """
    if keras.backend.standardize_dtype(inputs.dtype) == "bfloat16" and (
        not gradients.accelerated(inputs)
    ):
        return ops.cast(inputs, "float32"), ops.cast(kernel, "float32")
    return inputs, kernel


@keras.saving.register_keras_serializable(package="keras_gen")
class Conv2DTranspose(keras.layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose`.

    Input: (n, height, width, channels), any range. Output: (n, height *
    stride, width * stride, filters) with padding "same".
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        border = self._border()
        if keras.backend.backend() == "torch" and border is not None:
            return _called(self, functional.conv_transpose2d, inputs, border)
        if training and border and strided.suits(self, *inputs.shape[1:3]):
            return _trained(self, strided.transposed, inputs)
        return super().call(inputs)

    def _border(self):
        """Pixels that "same" cuts from each side, (height, width); None
        where the sides differ."""
        more = [k - s for k, s in zip(self.kernel_size, self.strides)]
        same = self.padding == "same" and self.output_padding is None
        if not (same and _plain(self)) or any(m < 0 or m % 2 for m in more):
            return None
        return [m // 2 for m in more]


def _half(*size):
    """Half of the sizes, or None where they are odd or not known."""
    return [None if n is None or n % 2 else n // 2 for n in size]


def _plain(layer):
    return layer.data_format == "channels_last" and set(
        layer.dilation_rate
    ) == {1}


def _trained(layer, convolution, inputs):
    """A layer in training, by a function of `strided`."""
    outputs = convolution(inputs, ops.convert_to_tensor(layer.kernel))
    if layer.use_bias:
        outputs = outputs + ops.convert_to_tensor(layer.bias)
    return layer.activation(outputs)


def _called(layer, convolution, inputs, border):
    outputs = convolution(
        inputs.permute(0, 3, 1, 2),
        ops.convert_to_tensor(layer.kernel).permute(3, 2, 0, 1),
        ops.convert_to_tensor(layer.bias) if layer.use_bias else None,
        stride=layer.strides,
        padding=border,
    )
    return layer.activation(outputs.permute(0, 2, 3, 1))
