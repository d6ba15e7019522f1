"""Run by test_batch_normalization.py: two CPU replicas against one, of layers
that look at all rows of a batch."""

import numpy as np
import tensorflow as tf

from keras_gen.backend import moving_statistics, noise
from keras_gen.layers import (
    BatchNormalization,
    Dropout,
    MinibatchDeviation,
    MinibatchDiscrimination,
)


def step(norm, dropout, x, weights, replica, replicas):
    """Output, input gradient and gain gradient of a weighted sum."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        with noise.using(noise.Stream(3, replica, replicas)):
            y = dropout(norm(x, training=True), training=True)
        loss = tf.reduce_sum(y * weights)
    return y, *tape.gradient(loss, [x, norm.gamma.value])


def split_cpu():
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * 2
    )


def batch():
    rng = np.random.default_rng(0)
    # The halves differ, so that statistics of one's own would show.
    x = rng.standard_normal((6, 4, 4, 3)).astype("float32")
    x[3:] = 5 + 3 * x[3:]
    return x, rng.standard_normal(x.shape).astype("float32")


def check(strategy, one, norm, two, mirrored):
    y, dx, dgamma = map(strategy.experimental_local_results, two)
    np.testing.assert_allclose(np.concatenate(y), one[0], atol=1e-5)
    np.testing.assert_allclose(np.concatenate(dx), one[1], atol=1e-5)
    np.testing.assert_allclose(sum(dgamma), one[2], rtol=1e-4, atol=1e-4)
    for ours, theirs in (
        (norm.moving_mean, mirrored.moving_mean),
        (norm.moving_variance, mirrored.moving_variance),
    ):
        for value in strategy.experimental_local_results(theirs.value):
            np.testing.assert_allclose(value, ours.value, rtol=1e-5)


def compare(strategy, x, weights):
    norm, dropout = BatchNormalization(), Dropout(0.5)
    norm.build(x.shape)
    one = step(norm, dropout, tf.constant(x), tf.constant(weights), 0, 1)

    with strategy.scope():
        mirrored, dropout = BatchNormalization(), Dropout(0.5)
        mirrored.build(x.shape)

    @tf.function
    def run(freeze):
        def replica_step():
            number = tf.distribute.get_replica_context()
            number = number.replica_id_in_sync_group
            rows = slice(3 * number, 3 * number + 3)
            frozen = mirrored.variables if freeze else []
            with moving_statistics.freeze(frozen):
                return step(
                    mirrored, dropout, tf.constant(x)[rows],
                    tf.constant(weights)[rows], number, 2
                )

        return strategy.run(replica_step)

    run(True)
    for value in strategy.experimental_local_results(
        mirrored.moving_mean.value
    ):
        np.testing.assert_array_equal(value, 0 * value)
    check(strategy, one, norm, run(False), mirrored)


def beside(layer, x, weights, replica, replicas):
    """Output, input gradient, and those by the layer's own variables."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        with noise.using(noise.Stream(3, replica, replicas)):
            y = layer(x, training=True)
        loss = tf.reduce_sum(y[..., -weights.shape[-1]:] * weights)
    own = [v.value for v in layer.trainable_variables]
    return [y, *tape.gradient(loss, [x, *own])]


def compare_rows(strategy, make, x, channels):
    """A layer that shows each row beside all others: as of one device where
    each of two replicas holds three of six rows, and where both hold all."""
    one = make()
    one.build(x.shape)
    weights = np.random.default_rng(2).normal(size=(*x.shape[:-1], channels))
    x, weights = tf.constant(x), tf.constant(weights, tf.float32)
    wanted = beside(one, x, weights, 0, 1)
    with strategy.scope():
        layer = make()
        layer.build(x.shape)
    layer.set_weights(one.get_weights())

    @tf.function
    def run(shared):
        def replica_step():
            number = tf.distribute.get_replica_context()
            number = number.replica_id_in_sync_group
            if not shared:
                return beside(layer, x, weights, 0, 1)
            rows = slice(3 * number, 3 * number + 3)
            return beside(layer, x[rows], weights[rows], number, 2)

        return strategy.run(replica_step)

    for shared in (True, False):
        y, dx, *own = map(strategy.experimental_local_results, run(shared))
        # Of both together, where each has a loss of its own.
        if shared:
            y, dx = [np.concatenate(y)], [np.concatenate(dx)]
        else:
            dx = [sum(dx) / 2]
        for found, right in [(y[-1], wanted[0]), (dx[0], wanted[1])]:
            np.testing.assert_allclose(found, right, atol=1e-5)
        for found, right in zip(own, wanted[2:]):
            found = sum(found) / (1 if shared else 2)
            np.testing.assert_allclose(found, right, rtol=1e-4, atol=1e-4)


def main():
    split_cpu()
    # One for all: what another one of this process sums and gathers would be
    # taken for this one's.
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    x, weights = batch()
    compare(strategy, x, weights)
    # As voxels or videos.
    shape = (6, 2, 2, 4, 3)
    compare(strategy, x.reshape(shape), weights.reshape(shape))
    # No three rows make a group of four.
    compare_rows(strategy, MinibatchDeviation, x, 1)
    compare_rows(
        strategy, lambda: MinibatchDiscrimination(4, 2),
        x.reshape(6, -1) / 20, 4,
    )
    print("equal")


if __name__ == "__main__":
    main()
