"""Dropout, reflection padding and normalisation by name."""

import keras
import numpy as np
import pytest

from check import needs
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.layers import (
    BatchNormalization,
    ConditionalNormalization,
    Dropout,
    GroupNormalization,
    MinibatchDeviation,
    MinibatchDiscrimination,
    ReflectionPadding2D,
    normalization,
)


def array(x):
    return keras.ops.convert_to_numpy(keras.ops.cast(x, "float32"))


@pytest.mark.parametrize("rate", (0.2, 0.5, 0.9))
def test_dropout_rate_and_scale(rate):
    x = np.full((8, 20, 20, 5), 3.0, "float32")
    with noise.using(noise.Stream(1)):
        y = array(Dropout(rate)(x, training=True))
    assert abs((y == 0).mean() - rate) < 0.02
    np.testing.assert_allclose(y[y != 0], 3 / (1 - rate), rtol=1e-6)


def test_dropout_is_off_outside_training():
    x = np.ones((2, 5), "float32")
    np.testing.assert_array_equal(array(Dropout(0.5)(x)), x)
    np.testing.assert_array_equal(
        array(Dropout(0.5)(x, training=False)), x
    )
    np.testing.assert_array_equal(array(Dropout(0)(x, training=True)), x)


def test_dropout_follows_the_stream():
    x = np.ones((4, 100), "float32")
    layer = Dropout(0.5)

    def masks(key, draws=2, **replica):
        with noise.using(noise.Stream(key, **replica)):
            return [array(layer(x, training=True)) for _ in range(draws)]

    first, second = masks(1)
    again, _ = masks(1)
    (other,) = masks(2, draws=1)
    (replica,) = masks(1, draws=1, replica=1, replicas=2)
    np.testing.assert_array_equal(first, again)
    for different in (second, other, replica, first[::-1]):
        assert 0.3 < (first != different).mean() < 0.7
    # Rows are the first rows of a larger batch.
    with noise.using(noise.Stream(1)):
        whole = array(layer(np.ones((8, 100), "float32"), training=True))
    np.testing.assert_array_equal(whole, np.concatenate([first, replica]))


@pytest.mark.parametrize("dtype", ("bfloat16", "float16"))
def test_dropout_keeps_the_dtype(dtype):
    layer = Dropout(0.5, dtype=dtype)
    y = layer(keras.ops.ones((4, 100), dtype), training=True)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    assert set(np.unique(array(y))) == {0.0, 2.0}


def test_dropout_takes_unknown_sizes():
    if keras.backend.backend() != "tensorflow":
        pytest.skip("shapes are always known")
    import tensorflow as tf

    layer = Dropout(0.5)

    @tf.function(
        input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32)]
    )
    def call(x):
        with noise.using(noise.Stream(5)):
            return layer(x, training=True)

    for shape in ((2, 6, 4, 3), (3, 4, 8, 3)):
        x = np.ones(shape, "float32")
        with noise.using(noise.Stream(5)):
            expected = layer(x, training=True)
        np.testing.assert_array_equal(array(call(x)), array(expected))


@pytest.mark.parametrize("rate", (-0.1, 1, 1.5))
def test_dropout_rejects_rates(rate):
    with pytest.raises(InputError, match=r"\[0, 1\)"):
        Dropout(rate)


@pytest.mark.parametrize("padding", (1, 3))
@pytest.mark.parametrize("dtype", ("float32", "bfloat16", "float16"))
def test_reflection_padding(padding, dtype):
    x = np.arange(2 * 4 * 5 * 3).reshape(2, 4, 5, 3).astype("float32")
    layer = ReflectionPadding2D(padding, dtype=dtype)
    side = (padding, padding)
    expected = np.pad(x, ((0, 0), side, side, (0, 0)), "reflect")
    y = layer(keras.ops.convert_to_tensor(x, dtype))
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    np.testing.assert_array_equal(array(y), expected)
    symbolic = layer(keras.Input((None, 5, 3)))
    assert symbolic.shape == (None, None, 5 + 2 * padding, 3)


def test_reflection_padding_rejects_nothing_to_do():
    with pytest.raises(InputError, match="at least 1"):
        ReflectionPadding2D(0)


@pytest.mark.parametrize(
    "layer",
    [
        Dropout(0.25),
        ReflectionPadding2D(2),
        BatchNormalization(momentum=0.8, epsilon=1e-4),
        normalization("batch"),
        GroupNormalization(2, epsilon=1e-4),
        ConditionalNormalization("instance", 3),
        MinibatchDeviation(3),
        MinibatchDiscrimination(7, 2),
    ],
    ids=lambda layer: layer.name,
)
def test_config_round_trip(layer):
    config = keras.saving.serialize_keras_object(layer)
    assert config["registered_name"].startswith("keras_gen>")
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()


@pytest.mark.parametrize(
    "name, axes",
    [("batch", (0, 1, 2)), ("instance", (1, 2)), ("layer", (1, 2, 3))],
)
@pytest.mark.parametrize("depth", ((), (5,)))
def test_normalization_names(name, axes, depth):
    rng = np.random.default_rng(0)
    scale = rng.uniform(0.5, 2, (4, 1, 1, 3))
    x = rng.standard_normal((*depth, 4, 6, 7, 3))
    x = np.moveaxis(5 + scale * x, len(depth), 0).astype("float32")
    axes = (*axes, *(len(axes) + axes[0] for _ in depth))
    layer = normalization(name)
    layer.build(x.shape)
    layer.gamma.assign([1.0, 1.0, 1.0])
    y = array(layer(x, training=True) if name == "batch" else layer(x))
    mean, std = x.mean(axes, keepdims=True), x.std(axes, keepdims=True)
    np.testing.assert_allclose(y, (x - mean) / std, atol=1e-4)


@pytest.mark.parametrize("groups", (1, 2, 6, -1))
@pytest.mark.parametrize("n", (1, 4, 20))
@pytest.mark.parametrize("size", ((5, 7), (None, None)))
@pytest.mark.parametrize("affine", [True, False])
def test_group_normalization_is_that_of_keras(groups, size, n, affine):
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, (n, 5, 7, 6)).astype("float32")
    layers = [
        kind(groups, center=affine, scale=affine)
        for kind in (GroupNormalization, keras.layers.GroupNormalization)
    ]
    weights = [rng.normal(size=6), rng.normal(size=6)] * affine
    results = []
    for layer in layers:
        inputs = keras.Input((*size, 6), batch_size=n)
        network = keras.Model(inputs, layer(inputs))
        layer.set_weights(weights)
        results.append(array(network(x)))
    np.testing.assert_allclose(*results, atol=1e-5)


def test_no_normalization():
    x = np.ones((1, 2, 2, 1), "float32")
    layer = normalization("none")
    np.testing.assert_array_equal(array(layer(x)), x)
    assert not layer.weights


@pytest.mark.parametrize("name", ("spectral", "Batch", None))
def test_unknown_normalization_lists_the_names(name):
    with pytest.raises(InputError) as error:
        normalization(name)
    for known in ("batch", "instance", "layer", "none"):
        assert known in str(error.value)


@needs("tensorflow")
def test_pictures_that_are_normalised_one_by_one_make_a_short_graph():
    import tensorflow as tf

    layer = GroupNormalization(groups=-1)
    layer.build((8, 4, 4, 3))
    made = tf.function(layer.call).get_concrete_function(
        tf.TensorSpec((8, 4, 4, 3))
    )
    # What is normalised and its constants, without its moments.
    names = [o.type for o in made.graph.get_operations()]
    assert names.count("FusedBatchNormV3") == 8
    assert len(names) < 8 * 8, names
