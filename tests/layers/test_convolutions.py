"""Our convolutions are Keras' own, whatever the backend makes of them."""

import keras
import numpy as np
import pytest

from check import needs
from keras_gen.backend import gradients
from keras_gen.layers import Conv2D, Conv2DTranspose


def array(x):
    return keras.ops.convert_to_numpy(x)


def pair(ours, theirs, channels, *arguments, **options):
    """The two layers with the same weights."""
    layers = [kind(3, *arguments, **options) for kind in (ours, theirs)]
    rng = np.random.default_rng(0)
    for layer in layers:
        layer.build((None, None, None, channels))
    values = [rng.normal(size=v.shape) for v in layers[0].weights]
    for layer in layers:
        layer.set_weights(values)
    return layers


def result(layer, x):
    """Output in training, the gradient of a sum of squares by input, and
    the gradients of both and of that gradient's square by kernel and bias."""
    x = keras.ops.convert_to_tensor(x)

    def squares(x):
        return keras.ops.square(layer(x, training=True))

    def loss():
        by_input = gradients.gradient_wrt_input(squares, x)
        total = keras.ops.sum(squares(x)) + keras.ops.sum(by_input**2)
        return total, {}

    weights = layer.trainable_variables
    optimizer = keras.optimizers.SGD()
    optimizer.build(weights)
    by_weights = gradients.differentiate(loss, weights, optimizer)[2]
    by_input = gradients.gradient_wrt_input(squares, x)
    output = layer(x, training=True)
    return [array(keras.ops.stop_gradient(t)) for t in (
        output, by_input, *by_weights
    )]


def relative(ours, theirs):
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


SHAPES = [
    (4, 2, "same"), (3, 2, "same"), (3, 1, "same"), (4, 1, "same"),
    (2, 1, "valid"), (2, 2, "valid"),
]
CASES = [(Conv2D, s, {}) for s in [*SHAPES, (1, 2, "same")]] + [
    (Conv2DTranspose, s, {}) for s in SHAPES
] + [
    (Conv2D, (3, 2, "same"), {"groups": 3}),
    (Conv2D, (3, 1, "same"), {"dilation_rate": 2}),
    (Conv2DTranspose, (3, 2, "same"), {"output_padding": 1}),
]


SIZES = [(8, 8), (8, 7), (5, 6), (2, 2), (20, 20)]


@pytest.mark.parametrize("kind, shape, options, size", [
    # Keras' of several groups is compiled for each size, which takes long.
    pytest.param(*case, size, marks=[pytest.mark.slow] * (
        "groups" in case[2] and size != SIZES[0]
    )) for case in CASES for size in SIZES
])
def test_numbers_are_those_of_keras(kind, shape, options, size):
    theirs = getattr(keras.layers, kind.__name__)
    layers = pair(kind, theirs, 6, *shape, activation="tanh", **options)
    x = np.random.default_rng(1).normal(size=(2, *size, 6)).astype("float32")
    for ours, theirs in zip(*(result(layer, x) for layer in layers)):
        assert relative(ours, theirs) < 1e-5


@needs("tensorflow")
@pytest.mark.parametrize("kind, size, small", [
    (Conv2D, 16, True), (Conv2D, 18, False),
    (Conv2DTranspose, 8, True), (Conv2DTranspose, 9, False),
])
def test_small_maps_in_training_take_the_faster_gradient(kind, size, small):
    import tensorflow as tf

    layer = kind(3, 4, 2, "same")
    inputs = keras.Input((size, size, 6))
    network = keras.Model(inputs, layer(inputs))
    for training in (True, False):
        graph = tf.function(
            lambda x: network(x, training=training)
        ).get_concrete_function(tf.TensorSpec((2, size, size, 6))).graph
        ours = any(op.type == "IdentityN" for op in graph.get_operations())
        assert ours == (small and training)


@pytest.mark.parametrize("kind, shape, options", CASES)
def test_sizes_may_be_unknown(kind, shape, options):
    inputs = keras.Input((None, None, 6))
    layer = kind(3, *shape, **options)
    network = keras.Model(inputs, layer(inputs))
    x = np.random.default_rng(1).normal(size=(2, 8, 6, 6)).astype("float32")
    np.testing.assert_allclose(
        network.predict(x, verbose=0), array(layer(x)), atol=1e-5
    )


def test_arranged_kernels_keep_values_and_take_new_ones(tmp_path):
    network = keras.Sequential([
        keras.Input((8, 8, 2)), Conv2D(3, 4, 2, "same"),
        Conv2DTranspose(2, 4, 2, "same"),
    ])
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 2)).astype("float32")
    before, weights = array(network(x)), network.get_weights()
    network.save_weights(tmp_path / "plain.weights.h5")
    gradients.arrange(network.variables)
    for old, new in zip(weights, network.get_weights()):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_allclose(array(network(x)), before, atol=1e-5)
    network.set_weights([0 * w for w in weights])
    assert not array(network(x)).any()
    network.load_weights(tmp_path / "plain.weights.h5")
    np.testing.assert_allclose(array(network(x)), before, atol=1e-5)
    if keras.backend.backend() == "torch":
        kernel = network.layers[0].kernel.value.permute(3, 2, 0, 1)
        import torch

        assert kernel.is_contiguous(memory_format=torch.channels_last)
