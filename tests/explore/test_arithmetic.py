"""Sums of latents are sums of pictures where the model is linear."""

import numpy as np
import pytest

from explore import linear
from keras_gen import explore
from keras_gen.errors import InputError


@pytest.fixture
def found():
    rng = np.random.default_rng(0)
    terms = [rng.normal(size=(n, 6)) for n in (3, 2, 4)]
    weights = linear.matrix(6)
    return terms, weights, explore.arithmetic(
        linear.gan(weights), *terms, spread=0.3, seed=5
    )


def test_the_result_is_the_sum_of_the_mean_pictures(found):
    terms, weights, made = found
    for term, pictures in zip(terms, made.terms):
        linear.close(pictures, linear.pictures(term, weights))
    a, b, c = means = [term.mean(0) for term in terms]
    linear.close(made.means, linear.pictures(np.stack(means), weights))
    linear.close(made.result, linear.pictures(a - b + c, weights))
    # In pictures: floats of each, and their rounding.
    a, b, c = (x.astype("float64") for x in made.means)
    assert np.abs(a - b + c - made.result).max() <= 2


def test_neighbours_differ_by_small_uniform_noise(found):
    terms, weights, made = found
    a, b, c = terms
    same = explore.arithmetic(linear.gan(weights), a, b, c, 0.3, seed=5)
    np.testing.assert_array_equal(same.around, made.around)
    other = explore.arithmetic(linear.gan(weights), a, b, c, 0.3, seed=6)
    assert (other.around != made.around).any()
    np.testing.assert_array_equal(other.result, made.result)
    still = explore.arithmetic(linear.gan(weights), a, b, c, 0)
    assert (still.around == still.result).all()
    # The identity shows the noise itself, in grey levels.
    eye = linear.gan(np.eye(4))
    zero = np.zeros((1, 4))
    levels = np.stack([
        explore.arithmetic(eye, zero, zero, zero, 0.3, seed=s).around
        for s in range(60)
    ]).astype(float) / 127.5 - 1
    around = np.delete(levels.reshape(60, 9, 4), 4, axis=1)
    assert 0.29 < np.abs(around).max() < 0.305
    assert around.std() == pytest.approx(0.3 / np.sqrt(3), rel=0.05)


def test_the_figure(found):
    rows = found[2].rows()
    assert rows.shape == (5, 7, 2, 2, 1)
    made = found[2]
    np.testing.assert_array_equal(rows[:3, 0], made.terms[0])
    np.testing.assert_array_equal(rows[:4, 2], made.terms[2])
    np.testing.assert_array_equal(rows[4, :3], made.means)
    np.testing.assert_array_equal(rows[:3, 4:], made.around)
    assert (rows[2:4, 1] == 255).all() and (rows[:, 3] == 255).all()


def test_each_term_needs_latents():
    z = np.zeros((2, 4))
    with pytest.raises(InputError, match=r"\(2, 4\), \(0, 4\), \(4,\)"):
        explore.arithmetic(linear.gan(np.eye(4)), z, z[:0], z[0])
