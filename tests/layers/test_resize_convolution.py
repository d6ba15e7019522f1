"""Pixels repeated and a convolution, as one transposed convolution."""

import keras
import numpy as np
import pytest

from check import array, tensor
from keras_gen.backend import gradients
from keras_gen.layers import Conv2DTranspose, ResizeConv2D
from keras_gen.metrics import grid_power

SIZES = [(1, 1), (2, 3), (5, 4), (8, 8), (9, 16)]


def normal(*shape, seed=0):
    values = np.random.default_rng(seed).normal(size=shape)
    return values.astype("float32")


def built(channels=6, filters=3, **options):
    layer = ResizeConv2D(filters, activation="tanh", **options)
    layer.build((None, None, None, channels))
    layer.set_weights([
        normal(*v.shape, seed=i) / 5 for i, v in enumerate(layer.weights)
    ])
    return layer


def in_two(layer):
    """Keras' layers of the same weights: repeated, then convolved."""
    convolution = keras.layers.Conv2D(
        layer.filters, 3, padding="same", activation=layer.activation
    )
    kernel, bias = layer.get_weights()
    convolution.build((None, None, None, kernel.shape[-1]))
    convolution.set_weights([kernel[::-1, ::-1].swapaxes(2, 3), bias])
    repeated = keras.layers.UpSampling2D(2, interpolation="nearest")
    return convolution, lambda x: convolution(repeated(x))


def slopes(function, weights, x):
    """The output, and gradients of a sum of squares by input and weights."""
    def squares(x):
        return keras.ops.square(function(x))

    optimizer = keras.optimizers.SGD()
    optimizer.build(weights)
    by_weights = gradients.differentiate(
        lambda: (keras.ops.sum(squares(x)), {}), weights, optimizer
    )[2]
    by_input = gradients.gradient_wrt_input(squares, x)
    return [
        array(keras.ops.stop_gradient(t))
        for t in (function(x), by_input, *by_weights)
    ]


@pytest.mark.parametrize("size", SIZES)
def test_one_layer_does_what_two_do(size):
    layer = built()
    convolution, function = in_two(layer)
    x = tensor(normal(2, *size, 6))
    for training in (False, True):
        ours = slopes(
            lambda x: layer(x, training=training),
            layer.trainable_variables, x,
        )
        theirs = slopes(function, convolution.trainable_variables, x)
        # A turned kernel has a turned gradient.
        theirs[2] = theirs[2][::-1, ::-1].swapaxes(2, 3)
        assert len(ours) == len(theirs) == 4
        for a, b in zip(ours, theirs):
            np.testing.assert_allclose(a, b, atol=1e-4 * np.abs(b).max())


def test_a_new_kernel_is_drawn_as_a_convolution_s():
    layer = ResizeConv2D(
        40, kernel_initializer=keras.initializers.RandomNormal(0.0, 0.02)
    )
    layer.build((None, None, None, 30))
    kernel = array(layer.weights[0])
    assert kernel.shape == (3, 3, 40, 30) and len(layer.weights) == 2
    assert kernel.std() == pytest.approx(0.02, rel=0.05)


@pytest.mark.parametrize("kind, has_grid", [
    (lambda: ResizeConv2D(1), False),
    (lambda: Conv2DTranspose(1, 4, 2, "same"), True),
])
def test_an_even_map_becomes_an_even_picture(kind, has_grid):
    layer = kind()
    layer.build((None, None, None, 4))
    layer.set_weights([normal(*v.shape) for v in layer.weights])
    made = array(layer(np.ones((1, 10, 10, 4), "float32")))[:, 2:-2, 2:-2]
    made = (made - made.min()) / max(np.ptp(made), 1e-3)
    grid = grid_power(np.uint8(np.rint(255 * made)))
    assert (grid > 100) == has_grid and (grid < 1e-9) == (not has_grid)


@pytest.mark.parametrize("dtype", ("mixed_bfloat16", "mixed_float16"))
def test_kernels_are_summed_in_float32(dtype):
    layer, exact = built(dtype=dtype), built()
    compute = dtype.removeprefix("mixed_")
    kernel = layer.kernel
    assert keras.backend.standardize_dtype(kernel.dtype) == compute
    np.testing.assert_array_equal(
        array(keras.ops.cast(kernel, "float32")),
        array(keras.ops.cast(keras.ops.cast(exact.kernel, compute), "float32")),
    )
    x = normal(2, 5, 4, 6)
    made = layer(x)
    assert keras.backend.standardize_dtype(made.dtype) == compute
    np.testing.assert_allclose(
        array(keras.ops.cast(made, "float32")), array(exact(x)), atol=0.05
    )


def test_it_comes_back_from_its_config():
    layer = built(use_bias=False, kernel_initializer="he_normal")
    config = layer.get_config()
    assert "kernel_size" not in config and "strides" not in config
    again = ResizeConv2D.from_config(config)
    again.build((None, None, None, 6))
    again.set_weights(layer.get_weights())
    x = normal(1, 4, 4, 6)
    np.testing.assert_array_equal(array(again(x)), array(layer(x)))
    assert again.get_config() == config
    shape = layer.compute_output_shape((None, None, 7, 6))
    assert tuple(shape) == (None, None, 14, 3)
