"""Nearest training pictures beside samples."""

import numpy as np
import pytest

from keras_gen import explore
from keras_gen.errors import InputError

RNG = np.random.default_rng(0)
TRAINING = RNG.integers(0, 256, (200, 4, 4, 3), np.uint8)


def test_a_planted_copy_is_found():
    samples = TRAINING[[17, 90]].copy()
    samples[0, 0, 0, 0] ^= 1
    rows, distances = explore.neighbours(samples, TRAINING, k=3)
    assert rows.shape == (2, 4, 4, 4, 3)
    np.testing.assert_array_equal(rows[:, 0], samples)
    np.testing.assert_array_equal(rows[:, 1], TRAINING[[17, 90]])
    assert distances[0, 0] == pytest.approx(1 / np.sqrt(48), rel=1e-3)
    assert distances[1, 0] < 1e-3 and distances[:, 1].min() > 20
    flat = TRAINING.reshape(200, -1).astype(float)
    order = np.argsort(((flat - flat[90]) ** 2).sum(1))
    np.testing.assert_array_equal(rows[1, 1:], TRAINING[order[:3]])


def test_features_have_neighbours_of_their_own():
    def brightness(pictures):
        return pictures.mean((1, 2, 3))[:, None]

    dark = np.zeros((1, 4, 4, 3), np.uint8)
    rows, distances = explore.neighbours(dark, TRAINING, 2, brightness)
    order = np.argsort(TRAINING.mean((1, 2, 3)))
    np.testing.assert_array_equal(rows[0, 1:], TRAINING[order[:2]])
    assert distances[0, 0] == pytest.approx(TRAINING.mean((1, 2, 3)).min())


def test_bad_input():
    with pytest.raises(InputError, match="200 training pictures"):
        explore.neighbours(TRAINING[:1], TRAINING, k=201)
    with pytest.raises(InputError, match="bring them to the same size"):
        explore.neighbours(TRAINING[:1, :2], TRAINING)
