"""Rows seen beside the others of their batch."""

import keras
import numpy as np
import pytest
from keras import ops

from check import array, needs, tensor
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.layers import MinibatchDeviation, MinibatchDiscrimination
from keras_gen.layers.minibatch import group_size
from keras_gen.networks import dcgan
from keras_gen.objectives.base.tensors import mixing_layer

ROWS, FEATURES, KERNELS, DIM = 6, 7, 4, 3


def rows(seed=0, n=ROWS):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, FEATURES)).astype("float32")


def maps(seed=0, n=8):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 2, 3, 5)).astype("float32")


def distance(bias=-1.0, dtype="float32"):
    """A layer of known weights."""
    layer = MinibatchDiscrimination(KERNELS, DIM, dtype=dtype)
    layer.build((None, FEATURES))
    kernel = np.random.default_rng(1).normal(size=(FEATURES, KERNELS * DIM))
    layer.set_weights([0.2 * kernel, np.full(KERNELS, bias)])
    return layer


def by_hand(x, layer):
    """Section 3.2 of 1606.03498, number by number."""
    kernel, bias = (w.astype("float64") for w in layer.get_weights())
    compared = (x @ kernel).reshape(len(x), KERNELS, DIM)
    found = np.tile(bias, (len(x), 1))
    for i in range(len(x)):
        for j in set(range(len(x))) - {i}:
            for b in range(KERNELS):
                apart = np.abs(compared[i, b] - compared[j, b]).sum()
                found[i, b] += np.exp(-apart)
    return found


def deviations(x, size):
    """Section 3 of 1710.10196 of each row."""
    found = []
    for group in np.split(x.astype("float64"), len(x) // size):
        found += [np.sqrt(group.var(0) + 1e-8).mean()] * size
    return np.float64(found)


# -- minibatch discrimination --------------------------------------------------


def test_closeness_is_what_the_paper_says():
    layer, x = distance(), rows()
    y = array(layer(tensor(x)))
    assert y.shape == (ROWS, FEATURES + KERNELS)
    np.testing.assert_array_equal(y[:, :FEATURES], x)
    wanted = by_hand(x, layer)
    assert wanted.std() > 0.1
    np.testing.assert_allclose(y[:, FEATURES:], wanted, atol=1e-5)


def test_it_starts_with_100_kernels_of_5_and_biases_of_minus_1():
    layer = MinibatchDiscrimination()
    layer.build((None, 2000))
    kernel, bias = layer.get_weights()
    np.testing.assert_array_equal(bias, np.full(100, -1))
    assert kernel.shape == (2000, 500)
    lengths = np.linalg.norm(kernel, axis=0)
    assert lengths.mean() == pytest.approx(1, abs=0.02)


def test_equal_rows_are_as_near_as_rows_can_be():
    same = np.tile(rows(n=1), (ROWS, 1))
    layer = distance(bias=0.0)
    found = array(layer(tensor(same)))[:, FEATURES:]
    np.testing.assert_allclose(found, ROWS - 1, rtol=1e-6)
    others = array(layer(tensor(rows())))[:, FEATURES:]
    assert (0 < others).all() and (others < ROWS - 1).all()
    # A row alone is near none.
    alone = array(layer(tensor(same[:1])))[:, FEATURES:]
    np.testing.assert_allclose(alone, 0, atol=1e-6)


@pytest.mark.parametrize("make, x, order", [
    (distance, rows(), np.random.default_rng(3).permutation(ROWS)),
    # Whole groups, and within them.
    (MinibatchDeviation, maps(), [6, 5, 7, 4, 2, 0, 1, 3]),
], ids=["distance", "deviation"])
def test_the_order_of_the_rows_is_that_of_the_outputs(make, x, order):
    layer = make()
    plain, turned = (array(layer(tensor(r))) for r in (x, x[order]))
    np.testing.assert_allclose(turned, plain[order], atol=1e-6)
    assert np.abs(turned - plain).max() > 0.1


def test_the_gradient_by_a_row_is_that_of_finite_differences():
    """Also by way of the other rows, that the row is near or far to."""
    layer, x = distance(), rows()
    weights = np.random.default_rng(4).normal(size=(ROWS, KERNELS))

    def loss(x):
        return ops.sum(layer(x)[:, FEATURES:] * tensor(weights))

    found = array(gradients.gradient_wrt_input(loss, tensor(x)))
    wanted = np.zeros_like(x)
    for place in np.ndindex(*x.shape):
        moved = np.zeros(x.shape)
        moved[place] = 1e-5
        up, down = (
            (by_hand(x + sign * moved, layer) * weights).sum()
            for sign in (1, -1)
        )
        wanted[place] = (up - down) / 2e-5
    np.testing.assert_allclose(found, wanted, atol=1e-3)
    assert np.abs(wanted).max() > 0.1


@pytest.mark.parametrize("make, x", [
    (distance, rows(n=1)), (MinibatchDeviation, maps(n=1)),
], ids=["distance", "deviation"])
def test_gradients_at_equal_rows_are_finite(make, x):
    layer, x = make(), np.concatenate([x] * 8)
    found = array(gradients.gradient_wrt_input(
        lambda x: ops.sum(ops.square(layer(x))), tensor(x)
    ))
    assert np.isfinite(found).all() and np.abs(found).max() > 0


def test_only_rows_of_features_have_distances():
    with pytest.raises(InputError, match="put a Flatten before"):
        MinibatchDiscrimination().build((None, 4, 4, 3))
    for arguments in ({"kernels": 0}, {"kernel_dim": 0}):
        with pytest.raises(InputError, match="at least 1"):
            MinibatchDiscrimination(**arguments)


# -- minibatch deviation -------------------------------------------------------


@pytest.mark.parametrize("n, size", [
    (8, 4), (4, 4), (12, 4), (3, 3), (6, 6), (10, 5), (7, 7), (9, 9), (1, 1),
])
def test_the_deviation_is_that_of_groups_of_consecutive_rows(n, size):
    x = maps(n=n) * np.linspace(1, 3, n).reshape(-1, 1, 1, 1)
    x = x.astype("float32")
    y = array(MinibatchDeviation()(tensor(x)))
    np.testing.assert_array_equal(y[..., :-1], x)
    wanted = deviations(x, size)
    np.testing.assert_allclose(
        y[..., -1], np.broadcast_to(wanted[:, None, None], (n, 2, 3)),
        rtol=1e-4,
    )
    if n > size:
        assert np.unique(wanted.round(3)).size == n // size


@needs("tensorflow")
@pytest.mark.parametrize("make, many", [
    (MinibatchDeviation, maps), (distance, rows),
], ids=["deviation", "distance"])
def test_rows_may_be_known_late(make, many):
    import tensorflow as tf

    layer = make()
    late = tf.function(layer, input_signature=[
        tf.TensorSpec((None, *many(n=1).shape[1:]), tf.float32)
    ])
    for n in (8, 7, 10, 3, 1):
        x = tensor(many(n=n))
        np.testing.assert_allclose(
            array(late(x)), array(layer(x)), atol=1e-6
        )


def test_the_size_of_a_group_divides_the_rows():
    for rows in range(1, 40):
        for least in (2, 4, 5):
            size = group_size(rows, least)
            assert rows % size == 0 and size >= min(least, rows)
            between = range(min(least, rows), size)
            assert not any(rows % other == 0 for other in between)


def test_equal_rows_do_not_deviate():
    x = np.concatenate([maps(n=1)] * 4 + [maps(seed=1, n=4)])
    y = array(MinibatchDeviation()(tensor(x)))
    np.testing.assert_allclose(y[:4, ..., -1], 1e-4, rtol=1e-3)
    assert y[4:, ..., -1].min() > 0.5
    with pytest.raises(InputError, match="at least 2"):
        MinibatchDeviation(1)


# -- both ----------------------------------------------------------------------


@pytest.mark.parametrize("make, x", [
    (distance, rows()), (MinibatchDeviation, maps()),
], ids=["distance", "deviation"])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_low_precision_is_compared_in_float32(make, x, dtype):
    # Far from 0, where differences are lost in sums of half the bits.
    x = ops.cast(tensor(8 * x + 64), dtype)
    exact = array(make()(ops.cast(x, "float32")))
    y = make(dtype=keras.DTypePolicy(f"mixed_{dtype}"))(x)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    known = x.shape[-1]
    if make is MinibatchDeviation:
        np.testing.assert_allclose(
            array(ops.cast(y, "float32"))[..., known:], exact[..., known:],
            rtol=1e-2,
        )
    assert np.isfinite(array(ops.cast(y, "float32"))).all()


@pytest.mark.parametrize("minibatch", ["distance", "deviation"])
def test_a_class_is_told_of_a_row_by_itself(minibatch):
    network = dcgan.discriminator(
        size=16, width=4, classes=3, normalization="none", class_head=True,
        minibatch=minibatch,
    )
    for weight in network.trainable_variables:
        shape = tuple(weight.shape)
        weight.assign(np.random.default_rng(0).normal(0, 0.1, shape))
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (4, 16, 16, 3)).astype("float32")
    plain = network(tensor(x), training=True)
    x[1:] = rng.uniform(-1, 1, (3, 16, 16, 3))
    beside = network(tensor(x), training=True)
    found = {
        name: np.abs(array(plain[name][0] - beside[name][0])).max()
        for name in plain
    }
    assert found["logits"] > 1e-3 and found["classes"] < 1e-5
    assert mixing_layer(network).name == "minibatch"
