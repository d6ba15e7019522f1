"""A latent beside a map."""

import keras
import numpy as np
import pytest

from check import array, tensor
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.layers import NoiseMap


def made(rows, keys, training=True):
    x = np.random.default_rng(0).normal(size=(rows, 3, 5, 2))
    with noise.using(noise.RowStream(tensor(np.array(keys), "int64"))):
        return x, array(NoiseMap(4)(tensor(x), training=training))


def test_it_is_the_same_at_all_places_and_another_in_each_row():
    x, y = made(3, [5, 6, 5])
    np.testing.assert_allclose(y[..., :2], x, rtol=1e-6)
    latent = y[..., 2:]
    np.testing.assert_array_equal(
        latent, np.broadcast_to(latent[:, :1, :1], latent.shape)
    )
    np.testing.assert_array_equal(latent[0], latent[2])
    assert np.abs(latent[0] - latent[1]).max() > 0.1
    keys = noise.fold(noise.fold(1, 0), tensor(np.array([5, 6, 5]), "int64"))
    np.testing.assert_allclose(
        latent[:, 0, 0], 2 * array(noise.uniform(keys, (4,))) - 1, atol=1e-6
    )


def test_it_is_uniform_and_0_outside_of_training():
    _, y = made(2000, range(2000))
    latent = y[:, 0, 0, 2:]
    assert -1 <= latent.min() < -0.99 and 0.99 < latent.max() <= 1
    # Five standard errors.
    assert np.abs(latent.mean(0)).max() < 5 / np.sqrt(3 * 2000)
    assert np.abs(latent.var(0) - 1 / 3).max() < 0.035
    x, y = made(3, [5, 6, 5], training=False)
    np.testing.assert_array_equal(y[..., 2:], 0)


def test_free_sizes_and_its_arguments():
    layer = NoiseMap(4)
    assert layer(keras.Input((None, None, 3))).shape == (None, None, None, 7)
    assert NoiseMap.from_config(layer.get_config()).numbers == 4
    with pytest.raises(InputError, match="numbers"):
        NoiseMap(0)
