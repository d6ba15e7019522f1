"""Means at half the size."""

import keras
import numpy as np
import pytest
from keras import ops

from check import array, tensor
from keras_gen.backend import gradients
from keras_gen.layers import HalvingPooling2D
from layers.halved import by_pixels


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (4, 4), (5, 8), (16, 9)])
def test_it_is_the_mean_of_what_is_inside(size):
    x = np.random.default_rng(0).uniform(-1, 1, (2, *size, 3))
    x = x.astype("float32")
    layer = HalvingPooling2D()
    found = array(layer(x))
    np.testing.assert_allclose(found, by_pixels(x), atol=1e-6)
    assert layer.compute_output_shape((None, *size, 3)) == (
        None, *found.shape[1:]
    )


def test_a_border_is_as_bright_as_the_middle():
    x = np.full((1, 6, 7, 1), 0.7, "float32")
    np.testing.assert_allclose(array(HalvingPooling2D()(x)), 0.7, rtol=1e-6)


def test_its_slope_is_what_each_pixel_counts_for():
    def corner(x):
        return HalvingPooling2D()(x)[:, 0, 0, 0] + 0.0 * ops.sum(x)

    x = tensor(np.zeros((1, 4, 4, 1), "float32"))
    slope = array(gradients.gradient_wrt_input(corner, x))[0, ..., 0]
    expected = np.zeros((4, 4))
    expected[:2, :2] = 1 / 4
    np.testing.assert_allclose(slope, expected, atol=1e-6)


def test_free_sizes_and_bfloat16():
    inputs = keras.Input((None, None, 2))
    network = keras.Model(inputs, HalvingPooling2D()(inputs))
    assert network.output_shape == (None, None, None, 2)
    x = np.ones((2, 5, 6, 2), "float32")
    assert network(x).shape == (2, 3, 3, 2)
    low = HalvingPooling2D(dtype="mixed_bfloat16")(x)
    assert keras.backend.standardize_dtype(low.dtype) == "bfloat16"
    np.testing.assert_allclose(array(ops.cast(low, "float32")), 1, atol=0.005)
