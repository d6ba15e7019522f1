"""Normalisation in one operation of the backend.

Written in Keras operations it would read and write the maps about ten times,
in float32; the backends' own kernels do it in two passes, in the maps' own
precision, and keep float32 for all sums.
"""

import keras
from keras import ops

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
else:
    import torch


# Pictures that are normalised one by one: the backends have no operation for
# the instances of a batch (PyTorch's takes 9 ms where this takes 1), and more
# would make TensorFlow's graph long.
_UNROLLED = 16


def batch_normalized(x, gamma, beta, epsilon):
    """Normalises maps by the mean and variance of this batch.

    Args:
        x: maps of shape (n, height, width, channels), any float dtype.
        gamma, beta: float32 (channels,), the new deviation and mean.
        epsilon: added to the variance.

    Returns:
        `(y, mean, variance)`: y of x's shape and dtype, and x's moments,
        float32 (channels,); the variance is divided by n, not n - 1.
    """
    y, mean, spread = _fused(x, gamma, beta, epsilon)
    if keras.backend.backend() == "tensorflow":
        count = tf.cast(tf.size(x) // tf.size(mean), "float32")
        # Of a single value the kernel's variance, over n - 1, may be no number.
        return y, mean, tf.math.multiply_no_nan(spread, (count - 1) / count)
    return y, mean, spread**-2 - epsilon


def _fused(x, gamma, beta, epsilon):
    """`(y, mean, spread)` of `batch_normalized`: the spread is the variance
    over n - 1 on TensorFlow, one over the deviation on PyTorch."""
    if keras.backend.backend() == "tensorflow":
        return tf.raw_ops.FusedBatchNormV3(
            x=x, scale=gamma, offset=beta, mean=[], variance=[],
            epsilon=epsilon, is_training=True,
        )[:3]
    y, mean, inverse = torch.native_batch_norm(
        x.permute(0, 3, 1, 2), gamma, beta, None, None, True, 0.0, epsilon
    )
    return y.permute(0, 2, 3, 1), mean, inverse


def instance_normalized(x, gamma, beta, epsilon):
    """Normalises each channel of each picture by its own moments.

    Args:
        x: maps of shape (n, height, width, channels), any float dtype.
        gamma, beta: float32 (channels,), the new deviation and mean.
        epsilon: added to the variance.

    Returns:
        Maps of x's shape and dtype; None for large or unknown n.
    """
    if x.shape[0] is None or not 0 < x.shape[0] <= _UNROLLED:
        return None
    # Their moments are not asked for: a dozen operations for each picture of
    # each layer, a third of the time that tracing pix2pix's step would take.
    return ops.concatenate([
        _fused(picture, gamma, beta, epsilon)[0]
        for picture in ops.split(x, x.shape[0])
    ])
