"""Networks at inference with fewer and larger operations.

In a TensorFlow graph, `applied` computes what `network(inputs)` does, with
batch normalization folded into the kernel of the convolution or dense layer
before it, unless that has so many numbers that it is cheaper to scale what it
makes, and with transposed convolutions of few pixels as matrix products. All
is computed from the network's own variables in each call: nothing is kept that
could become old, and an export stores no number twice.
"""

import math
from typing import Any

import keras
from keras import ops

from keras_gen.backend import products
from keras_gen.layers import convolutions
from keras_gen.layers.batch_normalization import BatchNormalization

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

# By type, not by class: a subclass may compute something else.
_NORMALIZATIONS = (BatchNormalization, keras.layers.BatchNormalization)
_CONVOLUTIONS = (
    convolutions.Conv2D, convolutions.Conv3D,
    keras.layers.Conv2D, keras.layers.Conv3D,
)
_TRANSPOSED = (
    convolutions.Conv2DTranspose, convolutions.Conv3DTranspose,
    keras.layers.Conv2DTranspose, keras.layers.Conv3DTranspose,
)
_LINEAR = (keras.layers.Dense, *_CONVOLUTIONS, *_TRANSPOSED)
# Numbers of a kernel up to which a normalization is folded into it. It costs
# more to scale larger ones, in each call, than the few pixels that they make.
_SMALL = 2**16


def applied(
    network: keras.Model, inputs: Any, training: bool = False
) -> Any:
    """`network(inputs, training=training)`.

    Where that is inference in a TensorFlow graph it is computed as said
    above, equal but for rounding; in training, in eager calls, on PyTorch,
    and of networks that are no graph of layers, it is that very call.
    PyTorch runs operation by operation, so that folding a kernel in each call
    would cost more than it spares.

    Args:
        network: a `keras.Model`.
        inputs: what it takes.
        training: whether in training mode.

    Returns:
        What it returns.
    """
    if training or not _in_graph(network, inputs):
        return network(inputs, training=training)
    tensors = [
        ops.convert_to_tensor(x, dtype=known.dtype)
        for x, known in zip(keras.tree.flatten(inputs), network.inputs)
    ]
    outputs = network._run_through_graph(tensors, call_fn=_called)
    return keras.tree.map_structure(_value, outputs)


def _in_graph(network, inputs):
    """Whether `applied` does anything of its own."""
    if keras.backend.backend() != "tensorflow" or tf.executing_eagerly():
        return False
    # A functional model, none of a class with a `call` of its own.
    own = type(network).__module__.partition(".")[0] == "keras"
    if not (own and isinstance(network, keras.Function)):
        return False
    tensors = keras.tree.flatten(inputs)
    try:
        keras.tree.assert_same_structure(inputs, network.input)
    except ValueError:
        return False
    return not any(isinstance(x, keras.KerasTensor) for x in tensors) and all(
        len(x.shape) == len(known.shape)
        for x, known in zip(tensors, network.inputs)
    )


class _Linear:
    """The output of a linear layer that is not computed yet: what comes next
    may belong into it.

    Args:
        layer: of `_LINEAR`.
        inputs: its input.
        reshape: the layer `Reshape` after it, if there is one.
    """

    def __init__(self, layer, inputs, reshape=None):
        self.layer, self.inputs, self.reshape = layer, inputs, reshape
        self._plain = None

    def value(self):
        """The output as the layers make it."""
        if self._plain is None:
            transposed = type(self.layer) in _TRANSPOSED
            made = _computed if transposed else type(self.layer).__call__
            self._plain = self._reshaped(made(self.layer, self.inputs))
        return self._plain

    def normalized(self, normalization):
        """The output of a batch normalization after it."""
        scale, offset = _affine(normalization)
        # Of a dense layer whose output is reshaped to maps.
        times = _features(self.layer) // scale.shape[0]
        if times > 1:
            scale, offset = ops.tile(scale, times), ops.tile(offset, times)
        outputs = _computed(self.layer, self.inputs, scale, offset)
        return ops.cast(
            self._reshaped(outputs), normalization.compute_dtype
        )

    def takes(self, normalization):
        """Whether a layer is a batch normalization that can be folded."""
        if type(normalization) not in _NORMALIZATIONS:
            return False
        return (
            normalization.axis == -1
            and self.layer.activation is keras.activations.linear
            and math.prod(self.layer.kernel.shape) <= _SMALL
            and _features(self.layer) % normalization.moving_mean.shape[0] == 0
        )

    def _reshaped(self, outputs):
        return outputs if self.reshape is None else self.reshape(outputs)


def _called(operation, *arguments, **keywords):
    """An operation of a network at inference, or what is to become of it."""
    first = arguments[0] if arguments else None
    if isinstance(first, _Linear):
        if first.takes(operation):
            return first.normalized(operation)
        if type(operation) is keras.layers.Reshape and first.reshape is None:
            return _Linear(first.layer, first.inputs, operation)
    arguments, keywords = keras.tree.map_structure(
        _value, (arguments, keywords)
    )
    if type(operation) in _LINEAR and _plain(operation):
        return _Linear(operation, arguments[0])
    return operation(*arguments, **keywords)


def _value(x):
    return x.value() if isinstance(x, _Linear) else x


def _plain(layer):
    """Whether a layer's kernel is a variable, and features are last."""
    return isinstance(layer.kernel, keras.Variable) and (
        getattr(layer, "data_format", "channels_last") == "channels_last"
    )


def _features(layer):
    return layer.units if isinstance(
        layer, keras.layers.Dense
    ) else layer.filters


def _affine(normalization):
    """(scale, offset) by which a batch normalization maps each channel,
    float32 (channels,)."""
    mean = ops.convert_to_tensor(normalization.moving_mean)
    variance = ops.convert_to_tensor(normalization.moving_variance)
    scale = ops.rsqrt(variance + normalization.epsilon)
    if normalization.scale:
        scale = scale * ops.convert_to_tensor(normalization.gamma)
    if not normalization.center:
        return scale, -mean * scale
    return scale, ops.convert_to_tensor(normalization.beta) - mean * scale


def _computed(layer, inputs, scale=None, offset=None):
    """A linear layer's output, times `scale` and plus `offset`, which come
    before its activation."""
    dtype = layer.compute_dtype
    inputs = ops.cast(inputs, dtype)
    kernel = ops.convert_to_tensor(layer.kernel)
    if layer.use_bias:
        bias = ops.convert_to_tensor(layer.bias)
        offset = bias if scale is None else offset + bias * scale
    if scale is not None:
        # A transposed kernel has its features before what it takes.
        transposed = type(layer) in _TRANSPOSED
        kernel = kernel * (scale[:, None] if transposed else scale)
    outputs = _product(layer, inputs, ops.cast(kernel, dtype))
    if offset is not None:
        outputs = tf.nn.bias_add(outputs, ops.cast(offset, dtype))
    return layer.activation(outputs)


def _product(layer, inputs, kernel):
    """What a linear layer makes with this kernel, without its bias."""
    if isinstance(layer, keras.layers.Dense):
        return ops.matmul(inputs, kernel)
    if type(layer) in _CONVOLUTIONS:
        return layer.convolution_op(inputs, kernel)

    def plain():
        return ops.conv_transpose(
            inputs, kernel, list(layer.strides), layer.padding,
            layer.output_padding, layer.data_format, layer.dilation_rate,
        )

    few = products.suits(layer) and products.few(inputs, kernel)
    if isinstance(few, bool):
        return products.transposed(
            inputs, kernel, layer.strides
        ) if few else plain()
    return tf.cond(
        few, lambda: products.transposed(inputs, kernel, layer.strides), plain
    )
