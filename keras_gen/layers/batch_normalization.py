"""Batch normalisation for networks that several players share."""

from typing import Any

import keras
from keras import ops

from keras_gen.backend import moving_statistics
from keras_gen.backend.normalize import batch_normalized
from keras_gen.backend.replication import replicas


@keras.saving.register_keras_serializable(package="keras_gen")
class BatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation over all axes but the last.

    It differs from `keras.layers.BatchNormalization`, whose variables and
    weight files it shares, in these points: on TensorFlow the statistics of a
    batch are those of all replicas together; inside `state.freeze` the
    moving statistics stay; it takes no mask; and the momentum lets the
    moving statistics follow within a short run.

    Input: (n, ..., channels), any range. Output: the same shape, in training
    with mean beta and standard deviation gamma in every channel; 0 and 1 with
    `center` and `scale` False.

    Args:
        momentum: share of a moving statistic that survives a step.
        epsilon: added to the variance.
        **kwargs: other arguments of `keras.layers.BatchNormalization`.

    Paper: Ioffe and Szegedy, 1502.03167.
    """

    def __init__(self, momentum: float = 0.9, epsilon: float = 1e-5, **kwargs):
        super().__init__(momentum=momentum, epsilon=epsilon, **kwargs)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not (training and self.trainable):
            return self._by_moving_statistics(inputs)
        normalize = self._fused if replicas() == 1 else self._synchronized
        outputs, mean, variance = normalize(inputs)
        self._move(self.moving_mean, mean)
        self._move(self.moving_variance, variance)
        return outputs

    def _by_moving_statistics(self, inputs):
        # In float32: one multiply and add in bfloat16 would be no faster.
        mean = ops.convert_to_tensor(self.moving_mean)
        variance = ops.convert_to_tensor(self.moving_variance)
        return self._scaled(ops.cast(inputs, "float32"), mean, variance)

    def _fused(self, inputs):
        maps = inputs
        if len(inputs.shape) != 4:
            maps = ops.reshape(inputs, (-1, 1, 1, inputs.shape[-1]))
        maps, mean, variance = batch_normalized(
            maps, *gain_and_offset(self, maps.shape[-1]), self.epsilon
        )
        return ops.reshape(maps, ops.shape(inputs)), mean, variance

    def _synchronized(self, inputs):
        inputs = ops.cast(inputs, "float32")
        mean, variance = ops.moments(
            inputs,
            axes=list(range(len(inputs.shape) - 1)),
            synchronized=True,
        )
        # E[x^2] - E[x]^2 can round to just below zero.
        variance = ops.maximum(variance, 0)
        return self._scaled(inputs, mean, variance), mean, variance

    def _scaled(self, inputs, mean, variance):
        gain, offset = gain_and_offset(self, inputs.shape[-1])
        scale = ops.rsqrt(variance + self.epsilon) * gain
        offset = offset - mean * scale
        return ops.cast(inputs * scale + offset, self.compute_dtype)

    def _move(self, variable, value):
        if not moving_statistics.frozen(variable):
            variable.assign(
                variable * self.momentum + value * (1 - self.momentum)
            )


def gain_and_offset(layer: keras.Layer, channels: int) -> tuple[Any, Any]:
    """The deviation and the mean that a normalisation layer gives to each
    channel, float32 (channels,): 1 and 0 where it was built without."""
    gain = ops.ones((channels,), "float32")
    offset = ops.zeros((channels,), "float32")
    if layer.scale:
        gain = ops.convert_to_tensor(layer.gamma)
    if layer.center:
        offset = ops.convert_to_tensor(layer.beta)
    return gain, offset
