"""Our convolutions are Keras' own, whatever the backend makes of them."""

import keras
import numpy as np
import pytest

from keras_gen import gradients
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
    """Output, and the gradient of a sum of squares by input."""
    def squares(x):
        return keras.ops.square(layer(x))

    x = keras.ops.convert_to_tensor(x)
    return [array(layer(x)), array(gradients.gradient_wrt_input(squares, x))]


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


@pytest.mark.parametrize("size", [(8, 8), (8, 7), (5, 6), (2, 2)])
@pytest.mark.parametrize("kind, shape, options", CASES)
def test_numbers_are_those_of_keras(kind, shape, options, size):
    theirs = getattr(keras.layers, kind.__name__)
    layers = pair(kind, theirs, 6, *shape, activation="tanh", **options)
    x = np.random.default_rng(1).normal(size=(2, *size, 6)).astype("float32")
    for ours, theirs in zip(*(result(layer, x) for layer in layers)):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)


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
