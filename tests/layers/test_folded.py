"""Networks at inference compute what they are, in fewer operations."""

import keras
import numpy as np
import pytest

from check import array, needs
from keras_gen.backend import products
from keras_gen.layers import (
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Conv3DTranspose,
    folded,
)
from keras_gen.networks import dcgan
from networks.case import flat, randomise
from networks.network_cases import CASES
from objectives import tiny

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf

on_tensorflow = needs("tensorflow")


def traced(network, rows):
    """The concrete function of a network at inference."""
    specs = keras.tree.map_structure(
        lambda x: tf.TensorSpec((rows, *x.shape[1:]), x.dtype), network.input
    )
    return tf.function(
        lambda x: folded.applied(network, x), autograph=False
    ).get_concrete_function(specs)


def computed(network, x, rows=None):
    """What such a function makes, as `flat`."""
    tensors = keras.tree.flatten(keras.tree.map_structure(tf.constant, x))
    return flat(traced(network, rows)(*tensors))


def assert_same(network, x, rows=None, tolerance=1e-5):
    found, live = computed(network, x, rows), flat(network(x))
    assert set(found) == set(live)
    for name, value in live.items():
        scale = max(1, np.abs(value).max())
        assert np.abs(found[name] - value).max() <= tolerance * scale


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


@pytest.fixture
def normalizations(monkeypatch):
    """Names of the batch normalizations that are computed by themselves."""
    called = []
    plain = BatchNormalization.call

    def call(self, inputs, training=False):
        called.append(self.name)
        return plain(self, inputs, training)

    monkeypatch.setattr(BatchNormalization, "call", call)
    return called


def behind_linear_layers(network):
    """Names of the batch normalizations of what one of these makes."""
    found = set()
    for layer in network.layers:
        if isinstance(layer, BatchNormalization):
            before = layer.input._keras_history.operation
            if isinstance(before, keras.layers.Reshape):
                before = before.input._keras_history.operation
            if type(before) in folded._LINEAR:
                found.add(layer.name)
    return found


@on_tensorflow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_network_computes_what_it_is(case, normalizations):
    network = case.build()
    randomise(network)
    live = flat(network(case.data()))
    normalizations.clear()
    found = computed(network, case.data())
    assert not behind_linear_layers(network) & {*normalizations}
    for name, value in live.items():
        scale = max(1, np.abs(value).max())
        assert np.abs(found[name] - value).max() <= 1e-5 * scale


@on_tensorflow
def test_networks_whose_normalizations_are_all_folded(normalizations):
    network = dcgan.generator(16, 1, 5, 4)
    normalizations.clear()
    computed(network, random(2, 5))
    assert not normalizations and len(behind_linear_layers(network)) == 2


@on_tensorflow
def test_large_kernels_are_left_as_they_are(monkeypatch, normalizations):
    network = chain(lambda x: BatchNormalization()(Conv2D(5, 3)(x)))
    monkeypatch.setattr(folded, "_SMALL", 3 * 3 * 4 * 5 - 1)
    x = random(2, 6, 6, 4)
    normalizations.clear()
    found = computed(network, x)
    assert len(normalizations) == 1
    np.testing.assert_allclose(found[""], flat(network(x))[""], atol=1e-5)


@on_tensorflow
def test_training_is_the_network_itself(normalizations):
    inputs = keras.Input((8, 8, 2))
    norm = BatchNormalization()
    network = keras.Model(inputs, norm(Conv2D(3, 3)(inputs)))
    normalizations.clear()
    step = tf.function(lambda x: folded.applied(network, x, training=True))
    outputs = array(step(random(4, 8, 8, 2)))
    assert normalizations == [norm.name]
    np.testing.assert_allclose(outputs.mean((0, 1, 2)), 0, atol=1e-5)
    assert array(norm.moving_mean).any()


def chain(make, shape=(6, 6, 4)):
    """A network that `make` makes of its input, with random weights."""
    inputs = keras.Input(shape)
    network = keras.Model(inputs, make(inputs))
    randomise(network)
    return network


class Doubled(Conv2D):
    """A convolution that computes something else."""

    def call(self, inputs, training=False):
        return 2 * super().call(inputs, training)


def _shared(x):
    layer = Conv2D(4, 3, padding="same")
    return BatchNormalization()(layer(layer(x)))


def _both(x):
    y = Conv2D(4, 3, padding="same")(x)
    return {"normal": BatchNormalization()(y), "plain": keras.ops.abs(y)}


def _output(x):
    y = Conv2DTranspose(3, 4, 2, "same")(x)
    return {"normal": BatchNormalization()(y), "plain": y}


@on_tensorflow
@pytest.mark.parametrize("make", [
    _shared, _both, _output,
    lambda x: BatchNormalization()(BatchNormalization()(x)),
    lambda x: BatchNormalization()(Doubled(4, 3)(x)),
    lambda x: BatchNormalization()(Conv2D(4, 3, activation="relu")(x)),
    lambda x: keras.layers.BatchNormalization(axis=2)(Conv2D(4, 3)(x)),
    lambda x: keras.layers.BatchNormalization(center=False, scale=False)(
        keras.layers.Conv2D(4, 3, 2, "same", dilation_rate=1, groups=2)(x)
    ),
    lambda x: BatchNormalization()(keras.layers.Reshape((36, 4))(
        Conv2D(4, 3, padding="same")(x)
    )),
    lambda x: BatchNormalization()(keras.layers.Reshape((6, 12, 2))(
        Conv2D(4, 3, padding="same")(x)
    )),
    lambda x: BatchNormalization()(Conv2DTranspose(
        3, 3, 2, "same", output_padding=1
    )(x)),
    lambda x: keras.Model(x, BatchNormalization()(Conv2D(3, 3)(x)))(x),
], ids=range(12))
def test_other_graphs_stay_right(make):
    network = chain(make)
    assert_same(network, random(3, 6, 6, 4))


@on_tensorflow
def test_bfloat16_networks_stay_theirs():
    policy = keras.dtype_policies.DTypePolicy("mixed_bfloat16")
    network = chain(lambda x: BatchNormalization(dtype=policy)(
        Conv2DTranspose(3, 4, 2, "same", dtype=policy)(x)
    ))
    x = random(3, 6, 6, 4)
    outputs = traced(network, None)(tf.constant(x))
    assert outputs.dtype == "bfloat16"
    assert_same(network, x, tolerance=0.05)


@on_tensorflow
@pytest.mark.parametrize(("kind", "size", "kernel", "strides"), [
    (Conv2DTranspose, (3, 5), 4, 2), (Conv2DTranspose, (1, 1), 4, 2),
    (Conv2DTranspose, (4, 3), 2, 2), (Conv2DTranspose, (4, 3), 3, 1),
    (Conv2DTranspose, (2, 3), (4, 9), (2, 3)),
    (Conv3DTranspose, (2, 3, 4), 4, 2),
    (Conv3DTranspose, (3, 2, 4), (3, 4, 4), (1, 2, 2)),
])
@pytest.mark.parametrize("features", [3, 6])
def test_products_are_transposed_convolutions(
    kind, size, kernel, strides, features
):
    layer = kind(features, kernel, strides, "same", use_bias=False)
    x = random(2, *size, 5)
    expected = array(layer(x))
    assert products.suits(layer)
    found = products.transposed(
        tf.constant(x), tf.convert_to_tensor(layer.kernel), layer.strides
    )
    np.testing.assert_allclose(array(found), expected, atol=1e-5)


@on_tensorflow
@pytest.mark.parametrize("options", [
    {"kernel_size": 3, "strides": 2}, {"kernel_size": 5, "strides": 1},
    {"kernel_size": 4, "strides": 4, "padding": "valid"},
    {"kernel_size": 4, "strides": 2, "output_padding": 1},
    {"kernel_size": 4, "strides": 1},
])
def test_products_refuse_other_borders(options):
    layer = Conv2DTranspose(2, **{"padding": "same", **options})
    suits = products.suits(layer)
    assert suits == (options == {"kernel_size": 5, "strides": 1})


@on_tensorflow
@pytest.mark.parametrize(("shape", "features", "expected"), [
    ((1, 4, 4), 8, True),  # 16 pixels of 32 channels
    ((2, 4, 4), 8, True), ((3, 4, 4), 8, False), ((3, 4, 4), 4, True),
    ((None, 8, 8), 8, False), ((None, None, None), 4, True),
    ((None, 1, 1), 8, True), ((None, 4, 4), 8, "rows"),
    ((1, None, None), 8, "rows"),
])
def test_products_are_taken_for_few_pixels(shape, features, expected):
    kernel = tf.zeros([4, 4, features, 32])
    seen = []

    @tf.function(input_signature=[tf.TensorSpec((*shape, 32))])
    def function(x):
        seen.append(products.few(x, kernel))
        return tf.convert_to_tensor(seen[0])

    for rows, few in ((1, True), (2, True), (3, False)):
        if shape[0] in (None, rows):
            sides = [n or 4 for n in shape[1:]]
            found = bool(function(tf.zeros([rows, *sides, 32])))
            assert found == (few if expected == "rows" else expected)
    assert isinstance(seen[0], bool) == (expected != "rows")


@on_tensorflow
def test_either_branch_is_right():
    network = chain(lambda x: BatchNormalization()(
        Conv2DTranspose(8, 4, 2, "same")(x)
    ), (2, 2, 16))
    graph = traced(network, None).graph
    assert any("If" in op.type for op in graph.get_operations())
    for rows in (1, 4, 5, 40):
        assert_same(network, random(rows, 2, 2, 16))


def _stepped(model):
    tiny.fit(model, tiny.data("gan_ema"))


def _set(model):
    for network in model.networks.values():
        network.set_weights([w + 0.1 for w in network.get_weights()])
    model.restart_averages()


def _assigned(model):
    for variable in model.generator_ema.variables:
        variable.assign(variable + 0.1)


def _loaded(model, path):
    model.generator_ema.save_weights(path)
    before = model.generate(3, seed=5)
    _assigned(model)
    assert (model.generate(3, seed=5) != before).any()
    model.generator_ema.load_weights(path)
    np.testing.assert_array_equal(model.generate(3, seed=5), before)


@pytest.mark.parametrize("change", [_stepped, _set, _assigned])
def test_pictures_follow_the_weights(change):
    model = tiny.compiled("gan_ema", run_eagerly=False)
    randomise(model.generator_ema)
    before = model.generate(3, seed=5)
    change(model)
    after = model.generate(3, seed=5)
    assert (after != before).any()
    # Called eagerly it is the layers one by one.
    latents = model.latents(keras.ops.arange(5, 8, dtype="int64"))
    plain = keras.ops.stop_gradient(model.generator_ema(latents))
    plain = model.made.restore(array(plain))
    assert np.abs(after.astype(int) - plain).max() <= 1


def test_pictures_follow_loaded_weights(tmp_path):
    _loaded(tiny.compiled("gan_ema"), tmp_path / "x.weights.h5")
