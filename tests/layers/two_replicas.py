"""Run by test_batch_normalization.py: two CPU replicas against one."""

import numpy as np
import tensorflow as tf

from keras_gen import noise
from keras_gen.layers import BatchNormalization, Dropout, state


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


def compare(x, weights):
    norm, dropout = BatchNormalization(), Dropout(0.5)
    norm.build(x.shape)
    one = step(norm, dropout, tf.constant(x), tf.constant(weights), 0, 1)

    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
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
            with state.freeze(frozen):
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


def main():
    split_cpu()
    x, weights = batch()
    compare(x, weights)
    # As voxels or videos.
    compare(x.reshape(6, 2, 2, 4, 3), weights.reshape(6, 2, 2, 4, 3))
    print("equal")


if __name__ == "__main__":
    main()
