"""Directions of attributes, known because the codes are made from them."""

import numpy as np
import pytest

from explore import linear
from keras_gen import explore
from keras_gen.errors import InputError

SMILE = np.array([1.0, 0.0, -2.0, 0.5])
MALE = np.array([0.0, 3.0, 1.0, 0.0])


def sample(n=4000, noise=0.1):
    """Codes, and two attributes that come together."""
    rng = np.random.default_rng(0)
    male = rng.random(n) < 0.5
    smile = rng.random(n) < np.where(male, 0.1, 0.8)
    codes = 0.7 + noise * rng.normal(size=(n, 4))
    codes += np.outer(smile, SMILE) + np.outer(male, MALE)
    return codes, smile, male


def test_alone_it_is_the_difference_of_the_means():
    codes, smile, _ = sample()
    np.testing.assert_allclose(
        explore.attribute_direction(codes, smile),
        codes[smile].mean(0) - codes[~smile].mean(0), rtol=1e-5, atol=1e-6,
    )


def test_an_attribute_that_comes_with_it_leaks_unless_it_is_held():
    codes, smile, male = sample()
    alone = explore.attribute_direction(codes, smile)
    held = explore.attribute_direction(codes, smile, male)
    np.testing.assert_allclose(held, SMILE, atol=0.02)
    # Smiling people are women here: most of -MALE is in the difference.
    assert np.abs(alone - SMILE).max() > 1.5
    np.testing.assert_allclose(
        explore.attribute_direction(codes, male, np.stack([smile], 1)), MALE,
        atol=0.02,
    )
    # As a least squares fit of everything at once has it.
    columns = np.stack([np.ones(len(codes)), smile, male], 1)
    fit = np.linalg.lstsq(columns, codes, rcond=None)[0]
    np.testing.assert_allclose(held, fit[1], atol=1e-5)


def test_what_is_held_may_be_constant_or_given_twice():
    codes, smile, male = sample()
    others = np.stack([male, np.ones(len(male)), male], 1)
    np.testing.assert_allclose(
        explore.attribute_direction(codes, smile, others),
        explore.attribute_direction(codes, smile, male), atol=1e-5,
    )


@pytest.mark.parametrize("others", [0, 1, "itself", "opposite"])
def test_no_direction(others):
    codes, smile, _ = sample(200)
    if others in (0, 1):
        smile, others = np.full(200, others), None
    else:
        others = smile if others == "itself" else ~smile
    with pytest.raises(InputError, match="has no direction"):
        explore.attribute_direction(codes, smile, others)


def test_other_shapes():
    with pytest.raises(InputError, match=r"got \(200, 4\) and \(100,\)"):
        explore.attribute_direction(sample(200)[0], np.zeros(100))


def test_pictures_get_more_and_less_of_it():
    """Whose code is the picture itself: a direction is added to pixels."""
    model = linear.autoencoder()
    image = np.random.default_rng(0).integers(90, 160, (3, 2, 2, 1), np.uint8)
    direction = np.array([0.2, -0.1, 0.0, 0.3])
    rows = explore.shifted(model, image, direction, (-1, 0, 0.5))
    np.testing.assert_array_equal(rows[:, 0], image)
    step = direction.reshape(2, 2, 1) * 127.5
    for column, strength in enumerate((-1, 0, 0.5), 1):
        expected = image + strength * step
        assert np.abs(rows[:, column] - expected).max() <= 1
