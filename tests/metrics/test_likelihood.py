"""Bounds on likelihoods from log-weights, and binarised pictures."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics import binarised, importance_weighted


def test_bounds_of_weights_that_are_known():
    """Weights 1, 2, 3 and 2, far from 1: log of their mean, and mean of
    their logs."""
    weights = np.log([[1, 2, 3, 2], [4, 4, 4, 4]]) - 5000
    found = importance_weighted(weights)
    np.testing.assert_allclose(
        found.log_likelihood + 5000, np.log([2, 4]), atol=1e-9
    )
    np.testing.assert_allclose(
        found.elbo + 5000, [np.log(12) / 4, np.log(4)], atol=1e-9
    )


def test_weights_of_gaussians_give_the_marginal_density():
    """x = z + noise, both standard normal; q(z | x) wider than the posterior:
    the mean weight is N(x; 0, 2) whatever q is."""
    rng = np.random.default_rng(0)
    x = np.array([[-1.0], [0.0], [2.0]])
    z = 0.5 * x + rng.normal(size=(3, 200_000))
    weights = 0.5 * (z - 0.5 * x)**2 - 0.5 * z**2 - 0.5 * (x - z)**2
    found = importance_weighted(weights - 0.5 * np.log(2 * np.pi))
    exact = -x[:, 0]**2 / 4 - 0.5 * np.log(4 * np.pi)
    np.testing.assert_allclose(found.log_likelihood, exact, atol=0.01)
    assert (found.elbo < exact - 0.05).all()


@pytest.mark.parametrize("weights", [np.zeros(4), np.zeros((3, 0))])
def test_weights_of_other_shapes_are_refused(weights):
    with pytest.raises(InputError, match="must have shape"):
        importance_weighted(weights)


def test_binarisation():
    pictures = np.array([0, 64, 127, 128, 192, 255], "uint8")
    pictures = np.broadcast_to(pictures[:, None, None, None], (6, 50, 50, 1))
    assert binarised(pictures, "grey") is pictures
    threshold = binarised(pictures, "threshold")
    np.testing.assert_array_equal(
        threshold[:, 0, 0, 0], [0, 0, 0, 255, 255, 255]
    )
    stochastic = binarised(pictures, "stochastic", 1)
    assert set(np.unique(stochastic)) == {0, 255}
    np.testing.assert_allclose(
        stochastic.mean((1, 2, 3)), pictures[:, 0, 0, 0], atol=10
    )
    assert not stochastic[0].any() and stochastic[5].all()
    np.testing.assert_array_equal(
        binarised(pictures[:3], "stochastic", 1), stochastic[:3]
    )
    assert (binarised(pictures, "stochastic", 2) != stochastic).any()


def test_another_binarisation_is_refused():
    with pytest.raises(InputError, match="one of grey, threshold"):
        binarised(np.zeros((1, 2, 2, 1), "uint8"), "none")
