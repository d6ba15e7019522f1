"""Channels that become pixels."""

import keras
import numpy as np
import pytest

from keras_gen.layers.pixel_shuffle import PixelShuffle, Repeated


def array(x):
    return keras.ops.convert_to_numpy(keras.ops.cast(x, "float32"))


@pytest.mark.parametrize("dtype", ("float32", "bfloat16", "float16"))
@pytest.mark.parametrize("factor", (2, 3))
def test_blocks_are_filled_row_by_row(factor, dtype):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 99, (2, 3, 4, factor**2 * 5)).astype("float32")
    y = PixelShuffle(factor, dtype=dtype)(keras.ops.cast(x, dtype))
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    y = array(y)
    assert y.shape == (2, 3 * factor, 4 * factor, 5)
    for down in range(factor):
        for right in range(factor):
            first = 5 * (down * factor + right)
            np.testing.assert_array_equal(
                y[:, down::factor, right::factor],
                x[..., first:first + 5],
            )


def test_free_sizes_are_kept_free():
    layer = PixelShuffle(2)
    y = layer(keras.Input((None, 6, 8)))
    assert y.shape == (None, None, 12, 2)


def test_a_new_kernel_gives_every_pixel_of_a_block_the_same():
    convolution = keras.layers.Conv2D(
        12, 3, kernel_initializer=Repeated("glorot_uniform", 2)
    )
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 5))
    y = array(PixelShuffle(2)(convolution(x.astype("float32"))))
    assert y.shape == (2, 8, 8, 3) and y.std() > 0.1
    small = y[:, ::2, ::2]
    np.testing.assert_array_equal(y, small.repeat(2, 1).repeat(2, 2))


def test_the_initializer_survives_saving():
    first = Repeated(keras.initializers.RandomNormal(0.0, 0.3, seed=4), 2)
    config = keras.saving.serialize_keras_object(first)
    second = keras.saving.deserialize_keras_object(config)
    np.testing.assert_array_equal(
        array(first((3, 3, 2, 8))), array(second((3, 3, 2, 8)))
    )
