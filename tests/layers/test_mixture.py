"""The mixture of Gaussians as a layer, against NumPy and SciPy."""

import keras
import numpy as np
import pytest
from scipy import stats

from check import array, tensor
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.layers import Mixture
from keras_gen.layers.precision import computing_in
from keras_gen.metrics.mixture import GaussianMixture
from keras_gen.networks import priors

SHARES = np.array([0.5, 0.2, 0.3])


def mixture(d=4, components=3, seed=0):
    """Shares, means and covariances far from N(0, I)."""
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(components, d, d)) + np.eye(d)
    shares = SHARES if components == 3 else np.full(components, 1 / components)
    return (
        shares, 3 * rng.normal(size=(components, d)),
        roots @ roots.transpose(0, 2, 1),
    )


def layer(shares, means, covariances):
    made = Mixture(len(shares))
    made.build((None, means.shape[1]), (None,))
    made.assign(shares, means, covariances)
    return made


def drawn(made, n, d):
    keys = noise.fold(0, np.arange(n))
    return array(made(
        noise.normal(keys, (d,)),
        noise.uniform(noise.fold(1, np.arange(n)), ()),
    ))


def test_before_a_mixture_is_given_it_is_the_identity():
    made = Mixture(3)
    normal = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    choice = np.linspace(0.01, 0.99, 64).astype("float32")
    np.testing.assert_array_equal(
        array(made(tensor(normal), tensor(choice))), normal
    )


def test_each_component_is_chosen_as_often_as_its_share():
    """By the intervals [0, 0.5), [0.5, 0.7), [0.7, 1)."""
    means = np.array([[0.0], [10.0], [20.0]])
    made = layer(SHARES, means, np.full((3, 1, 1), 1e-6))
    choice = np.float32([0.01, 0.49, 0.51, 0.69, 0.71, 0.99])
    found = array(made(tensor(np.zeros((6, 1))), tensor(choice)))
    np.testing.assert_array_equal(found[:, 0], [0, 0, 10, 10, 20, 20])
    # Shares that were rounded, and no longer sum to 1.
    made.assign(0.9 * SHARES, means, np.full((3, 1, 1), 1e-6))
    found = array(made(tensor(np.zeros((6, 1))), tensor(choice)))
    np.testing.assert_array_equal(found[:, 0], [0, 0, 10, 10, 20, 20])


def test_one_component_has_its_mean_and_covariance():
    _, means, covariances = mixture(components=1)
    found = drawn(layer(np.ones(1), means, covariances), 40_000, 4)
    scale = np.sqrt(np.diag(covariances[0]))
    # Five standard errors.
    assert (np.abs(found.mean(0) - means[0]) < 5 * scale / 200).all()
    np.testing.assert_allclose(
        np.cov(found.T) / np.outer(scale, scale),
        covariances[0] / np.outer(scale, scale), atol=5 * 2**0.5 / 200,
    )


def test_of_normal_numbers_it_makes_mean_and_factor_times_them():
    shares, means, covariances = mixture()
    rng = np.random.default_rng(1)
    normal = rng.normal(size=(6, 4)).astype("float32")
    choice = np.float32([0.1, 0.6, 0.9, 0.2, 0.65, 0.8])
    expected = [
        means[j] + np.linalg.cholesky(covariances[j]) @ z
        for j, z in zip([0, 1, 2, 0, 1, 2], normal)
    ]
    found = array(layer(*mixture())(tensor(normal), tensor(choice)))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    # A truncated number stays nearer to its component's mean.
    half = array(layer(*mixture())(tensor(0.5 * normal), tensor(choice)))
    middle = means[[0, 1, 2, 0, 1, 2]]
    np.testing.assert_allclose(
        half - middle, 0.5 * (found - middle), rtol=1e-4, atol=1e-5
    )


def test_the_log_density_is_scipys():
    shares, means, covariances = mixture()
    rows = 3 * np.random.default_rng(2).normal(size=(50, 4))
    expected = np.log(sum(
        share * stats.multivariate_normal(mean, covariance).pdf(rows)
        for share, mean, covariance in zip(shares, means, covariances)
    ))
    made = layer(shares, means, covariances)
    np.testing.assert_allclose(
        array(made.log_density(tensor(rows))), expected, rtol=1e-4
    )
    # And the mean over its own draws is that of the mixture it was given.
    own = drawn(made, 20_000, 4).astype("float64")
    given = GaussianMixture(shares, means, covariances)
    other = given.log_density(given.sample(20_000, seed=3))
    error = 5 * other.std() * (2 / 20_000) ** 0.5
    assert abs(
        array(made.log_density(tensor(own))).mean() - other.mean()
    ) < error


def test_fitting_finds_the_mixture_again():
    """Up to the order of the components."""
    d, far = 3, np.array([[0.0, 0, 0], [20, 0, 0], [0, 30, 0]])
    _, _, covariances = mixture(d)
    codes = GaussianMixture(SHARES, far, covariances).sample(6000, seed=1)
    prior = priors.mixture(d, 3)
    priors.fit(prior, codes)
    found = prior.get_layer("mixture")
    order = [
        int(np.argmin(np.abs(array(found.means) - mean).sum(1)))
        for mean in far
    ]
    np.testing.assert_allclose(array(found.shares)[order], SHARES, atol=0.03)
    np.testing.assert_allclose(array(found.means)[order], far, atol=0.5)
    before = array(found.factors)
    priors.fit(prior, codes)
    np.testing.assert_array_equal(array(found.factors), before)


def test_it_computes_in_float32_whatever_it_is_asked():
    """A choice that is rounded would be another component's picture."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        prior = priors.mixture(4, 3)
    finally:
        keras.config.set_dtype_policy("float32")
    other = computing_in(prior, "bfloat16")
    for network in (prior, other):
        assert network.get_layer("mixture").compute_dtype == "float32"


def test_no_components_and_too_few_codes_are_refused():
    with pytest.raises(InputError, match="components must be"):
        Mixture(0)
    with pytest.raises(InputError, match="components must be"):
        priors.mixture(4, 0)
    with pytest.raises(InputError, match="at least 3 rows"):
        priors.fit(priors.mixture(4, 3), np.zeros((2, 4)))
