"""The ridge regression of pixels against what it must find."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics.baselines import resized
from keras_gen.metrics.ridge import ridge_regression


def noise(n, side=24, channels=3, seed=0):
    return np.random.default_rng(seed).integers(
        0, 256, (n, side, side, channels), "uint8"
    )


def test_a_quadratic_of_colours_is_found():
    def quadratic(x):
        x = x / 127.5 - 1
        y = np.stack([0.5 * x[..., 0] - 0.3 * x[..., 2] ** 2 + 0.1,
                      x[..., 1] ** 2 - 0.5], -1)
        return np.rint((y + 1) * 127.5).astype("uint8")

    train, test = noise(6), noise(3, seed=1)
    made = ridge_regression(test, train, quadratic(train))
    assert made.shape == (3, 24, 24, 2) and made.dtype == np.uint8
    assert np.abs(made.astype(int) - quadratic(test)).max() <= 1


def test_a_blur_is_found_and_a_shift_is_not():
    from scipy import ndimage

    def blurred(x):
        blur = ndimage.gaussian_filter(x / 1.0, (0, 2, 2, 0))
        return np.rint(blur).astype("uint8")

    train, test = noise(6, channels=1), noise(3, channels=1, seed=1)
    made = ridge_regression(test, train, blurred(train)).astype(int)
    assert np.abs(made - blurred(test)).max() <= 1
    # It sees no directions: of a shifted picture the mean is all it knows.
    made = ridge_regression(test, train, np.roll(train, 5, 2)).astype(int)
    assert 60 < np.abs(made - np.roll(test, 5, 2)).mean() < 68


def test_small_inputs_are_enlarged_first():
    """Targets that are the inputs, enlarged and darker, are found."""
    def darker(x):
        return np.rint(0.5 * resized(x, 48, 48)[..., :1]).astype("uint8")

    train, test = noise(6, 12), noise(3, 12, seed=1)
    made = ridge_regression(test, train, darker(train))
    assert made.shape == (3, 48, 48, 1)
    assert np.abs(made.astype(int) - darker(test)).max() <= 1


def test_every_input_needs_a_target():
    with pytest.raises(InputError, match="3 training inputs but 2 targets"):
        ridge_regression(noise(2), noise(3), noise(2))
