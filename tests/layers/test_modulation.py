"""Normalisation by a condition: values, gradients, and who sees whom."""

import keras
import numpy as np
import pytest
from keras import ops

from check import array, tensor
from keras_gen.backend import gradients, moving_statistics
from keras_gen.errors import InputError
from keras_gen.layers import ConditionalNormalization, precision
from keras_gen.objectives.base.tensors import mixes_rows

CLASSES, NUMBERS, CHANNELS = 5, 4, 3
BOTH = pytest.mark.parametrize("normalization", ["batch", "instance"])
OF_BOTH = pytest.mark.parametrize("labelled", [True, False])


def maps(*sides, rows=6, seed=0):
    rng = np.random.default_rng(seed)
    scale = rng.uniform(0.5, 3, (rows, *(1 for _ in sides), CHANNELS))
    x = 2 + scale * rng.standard_normal((rows, *sides, CHANNELS))
    return x.astype("float32")


def conditions(labelled, rows=6):
    rng = np.random.default_rng(1)
    if labelled:
        return rng.integers(0, CLASSES, rows).astype("int32")
    return rng.standard_normal((rows, NUMBERS)).astype("float32")


def built(normalization="batch", labelled=True, random=True, **options):
    layer = ConditionalNormalization(
        normalization, CLASSES if labelled else 0, **options
    )
    layer.build(
        (None, 4, 5, CHANNELS), (None,) if labelled else (None, NUMBERS)
    )
    rng = np.random.default_rng(2)
    for weight in layer.affine.weights * random:
        weight.assign(rng.standard_normal(weight.shape))
    return layer


def plain(x, normalization):
    axes = tuple(range(int(normalization == "instance"), x.ndim - 1))
    mean, variance = (f(axes, keepdims=True) for f in (x.mean, x.var))
    return (x - mean) / np.sqrt(variance + 1e-5)


def affine(layer, c, rank):
    """Gains and offsets of the rows."""
    if layer.classes:
        numbers = array(layer.affine.embeddings)[c]
    else:
        kernel, bias = layer.affine.get_weights()
        numbers = c @ kernel + bias
    shape = (len(c), *(1 for _ in range(rank - 2)), CHANNELS)
    return (n.reshape(shape) for n in np.split(numbers, 2, axis=1))


@BOTH
@OF_BOTH
@pytest.mark.parametrize("sides", [(4, 5), (2, 4, 5)])
def test_it_is_the_formula(normalization, labelled, sides):
    x, c = maps(*sides), conditions(labelled)
    layer = ConditionalNormalization(normalization, CLASSES * labelled)
    layer.build((None, *sides, CHANNELS), (None, *c.shape[1:]))
    for weight in layer.affine.weights:
        weight.assign(np.random.default_rng(2).normal(size=weight.shape))
    gamma, beta = affine(layer, c, x.ndim)
    np.testing.assert_allclose(
        array(layer(x, c, training=True)),
        (1 + gamma) * plain(x, normalization) + beta, atol=2e-5,
    )


@BOTH
@OF_BOTH
def test_at_first_gains_are_1_and_offsets_0(normalization, labelled):
    layer = built(normalization, labelled, random=False)
    found = layer(maps(4, 5), conditions(labelled), training=True)
    np.testing.assert_array_equal(
        array(found), array(layer.normalize(maps(4, 5), training=True))
    )


@BOTH
def test_equal_items_of_two_labels_differ_by_their_tables_rows(normalization):
    x = maps(4, 5)
    x[1] = x[0]
    layer, c = built(normalization), np.array([3, 1, 0, 0, 2, 4], "int32")
    normal = array(layer.normalize(x, training=True))
    np.testing.assert_array_equal(normal[0], normal[1])
    y = array(layer(x, c, training=True))
    table = array(layer.affine.embeddings)
    gammas, betas = table[:, :CHANNELS], table[:, CHANNELS:]
    for row, label in ((0, 3), (1, 1)):
        expected = (1 + gammas[label]) * normal[0] + betas[label]
        np.testing.assert_allclose(y[row], expected, rtol=1e-5, atol=1e-5)
    assert np.abs(y[0] - y[1]).max() > 0.5


@pytest.mark.parametrize("normalization, mixes", [
    ("batch", True), ("instance", False)
])
def test_who_sees_whom(normalization, mixes):
    """Of the batch an item sees the others' maps, never their conditions."""
    layer, x, c = built(normalization), maps(4, 5), conditions(True)
    before = array(layer(x, c, training=True))
    other = x.copy()
    other[4] *= 3
    changed = array(layer(other, c, training=True)) != before
    assert changed[4].any() and changed[:4].any() == mixes
    other = c.copy()
    other[4] = (c[4] + 1) % CLASSES
    changed = array(layer(x, other, training=True)) != before
    assert changed[4].any() and not np.delete(changed, 4, 0).any()
    inputs = keras.Input((4, 5, CHANNELS)), keras.Input((), dtype="int32")
    network = keras.Model(inputs, layer(*inputs))
    assert mixes_rows(network) == mixes


@BOTH
def test_only_rows_of_labels_that_there_are_get_a_gradient(normalization):
    layer, x = built(normalization), maps(4, 5)
    c = np.array([3, 1, 3, 3, 1, 1], "int32")
    weights = np.random.default_rng(3).normal(size=x.shape).astype("float32")
    before = array(layer.affine.embeddings)
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build(layer.trainable_variables)
    gradients.minimize(
        lambda: (ops.sum(layer(x, c, training=True) * tensor(weights)), {}),
        layer.trainable_variables, optimizer,
    )
    moved = before - array(layer.affine.embeddings)
    normal = plain(x, normalization)
    for label in range(CLASSES):
        rows = c == label
        gamma = (normal * weights)[rows].sum((0, 1, 2))
        beta = weights[rows].sum((0, 1, 2))
        np.testing.assert_allclose(
            moved[label], np.concatenate([gamma, beta]), atol=1e-3
        )
    assert (moved[[0, 2, 4]] == 0).all() and (moved[[1, 3]] != 0).all()


def test_inference_is_by_moving_statistics_that_training_moves():
    layer, x, c = built(), maps(4, 5), conditions(True)
    inner = layer.normalize
    with moving_statistics.freeze(layer.non_trainable_variables):
        layer(x, c, training=True)
    np.testing.assert_array_equal(array(inner.moving_mean), 0)
    layer(x, c, training=True)
    mean = 0.1 * x.mean((0, 1, 2))
    variance = 0.9 + 0.1 * x.var((0, 1, 2))
    np.testing.assert_allclose(array(inner.moving_mean), mean, rtol=1e-5)
    gamma, beta = affine(layer, c, 4)
    expected = (x - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(
        array(layer(x, c)), (1 + gamma) * expected + beta, atol=2e-5
    )


def test_what_is_not_trainable_stays_so_in_a_copy():
    layer = built()
    layer.trainable = False
    copy = ConditionalNormalization.from_config(layer.get_config())
    x, c = maps(4, 5), conditions(True)
    copy(x, c, training=True)
    assert not copy.trainable_variables
    np.testing.assert_array_equal(array(copy.normalize.moving_mean), 0)


@BOTH
@OF_BOTH
def test_a_saved_network_computes_the_same(normalization, labelled, tmp_path):
    c = conditions(labelled)
    x = keras.Input((4, 5, CHANNELS))
    condition = keras.Input(c.shape[1:], dtype=str(c.dtype))
    layer = built(normalization, labelled)
    network = keras.Model([x, condition], layer(x, condition))
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    expected = array(network([maps(4, 5), c]))
    np.testing.assert_array_equal(array(loaded([maps(4, 5), c])), expected)
    low = precision.computing_in(network, "bfloat16")
    found = array(ops.cast(low([maps(4, 5), c]), "float32"))
    error, scale = np.abs(found - expected), np.abs(expected)
    assert 0 < error.max() < 0.02 * scale.max()


def test_a_network_of_vectors_alone():
    layer = ConditionalNormalization()
    x = np.random.default_rng(0).normal(3, 2, (64, CHANNELS))
    c = conditions(False, 64)
    y = array(layer(x.astype("float32"), c, training=True))
    np.testing.assert_allclose(y.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(0), 1, atol=1e-4)


@pytest.mark.parametrize("options, condition, says", [
    ({"normalization": "layer"}, (6,), "batch, instance"),
    ({"classes": 3}, (6, 4), "labels"),
    ({}, (6,), "vectors"),
    ({}, (6, 4, 5, 3), "vectors"),
    ({"hidden": 2}, (6, 4), "maps"),
    ({"hidden": 2, "classes": 3}, (6,), "not both"),
    ({"hidden": -1}, (6, 4), "hidden"),
])
def test_bad_arguments_say_what_works(options, condition, says):
    with pytest.raises(InputError, match=says) as error:
        layer = ConditionalNormalization(**options)
        layer.build((6, 4, 5, CHANNELS), condition)
    assert "\n" not in str(error.value)


# -- of maps: SPADE -----------------------------------------------------------

HIDDEN = 7


def of_maps(normalization="batch", random=True):
    layer = ConditionalNormalization(normalization, hidden=HIDDEN)
    layer.build((None, 4, 5, CHANNELS), (None, 4, 5, CLASSES))
    rng = np.random.default_rng(2)
    weights = [*layer.read.weights, *layer.affine.weights]
    for weight in weights if random else ():
        weight.assign(rng.standard_normal(weight.shape) / 2)
    return layer


def one_hot(ids):
    return np.eye(CLASSES, dtype="float32")[ids]


def convolved(x, kernel, bias):
    """3 x 3, of maps whose edge goes on beyond their border."""
    _, height, width, _ = x.shape
    x = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), "edge")
    return bias + sum(
        x[:, i:i + height, j:j + width] @ kernel[i, j]
        for i in range(3) for j in range(3)
    )


@BOTH
def test_gains_and_offsets_of_maps_are_two_convolutions(normalization):
    x = maps(4, 5)
    ids = np.random.default_rng(1).integers(0, CLASSES, (6, 4, 5))
    layer = of_maps(normalization)
    read = np.maximum(0, convolved(one_hot(ids), *layer.read.get_weights()))
    gamma, beta = np.split(
        convolved(read, *layer.affine.get_weights()), 2, axis=-1
    )
    assert np.ptp(gamma, axis=(1, 2)).min() > 0.1
    np.testing.assert_allclose(
        array(layer(x, one_hot(ids), training=True)),
        (1 + gamma) * plain(x, normalization) + beta, atol=5e-5,
    )


@BOTH
def test_of_maps_of_one_class_it_is_the_layer_of_labels(normalization):
    """Also at the borders, where zeros around the map would be another
    class."""
    x, labels = maps(4, 5), conditions(True)
    layer, plainer = of_maps(normalization), built(normalization)
    kernel, bias = layer.read.get_weights()
    read = np.maximum(0, kernel.sum((0, 1)) + bias)
    kernel, bias = layer.affine.get_weights()
    plainer.affine.set_weights([read @ kernel.sum((0, 1)) + bias])
    ids = np.broadcast_to(labels[:, None, None], (6, 4, 5))
    np.testing.assert_allclose(
        array(layer(x, one_hot(ids), training=True)),
        array(plainer(x, labels, training=True)), rtol=1e-4, atol=1e-4,
    )


def test_a_place_sees_the_map_two_pixels_around():
    x, layer = maps(9, 9), of_maps()
    ids = np.zeros((6, 9, 9), int)
    before = array(layer(x, one_hot(ids), training=True))
    ids[2, 4, 4] = 1
    changed = array(layer(x, one_hot(ids), training=True)) != before
    rows, high, wide, _ = np.nonzero(changed)
    assert set(rows) == {2}
    assert (high.min(), high.max(), wide.min(), wide.max()) == (2, 6, 2, 6)


def test_maps_have_little_say_at_first_and_are_saved(tmp_path):
    layer = of_maps(random=False)
    x, condition = (
        keras.Input((4, 5, n)) for n in (CHANNELS, CLASSES)
    )
    network = keras.Model([x, condition], layer(x, condition))
    given = [maps(4, 5), one_hot(np.full((6, 4, 5), 2))]
    found = array(layer(*given, training=True))
    normal = array(layer.normalize(given[0], training=True))
    assert 0 < np.abs(found - normal).max() < 0.5
    for weight in layer.affine.weights:
        weight.assign(np.random.default_rng(4).normal(size=weight.shape))
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    np.testing.assert_array_equal(
        array(loaded(given)), array(network(given))
    )
