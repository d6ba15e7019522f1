"""The Frechet distance against closed forms."""

import warnings

import numpy as np
import pytest

from keras_gen.errors import InputError, MeasurementWarning
from keras_gen.metrics.frechet import frechet_distance
from keras_gen.metrics.statistics import Statistics


def rotation(dim, rng):
    return np.linalg.qr(rng.normal(size=(dim, dim)))[0]


def symmetric(values, rng):
    q = rotation(len(values), rng)
    return q * values @ q.T


def sample(n, dim, rng):
    """Features whose mean is 0 and whose covariance is 1, both exactly."""
    x = rng.normal(size=(n, dim))
    x, _ = np.linalg.qr(x - x.mean(0))
    return x * np.sqrt(n - 1)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
def test_the_gaussian_closed_form(scale):
    """For covariances S and T S T with a symmetric T above 0, x -> T x moves
    the one Gaussian onto the other at least cost."""
    rng = np.random.default_rng(0)
    dim = 40
    x = scale * sample(200, dim, rng) @ symmetric(rng.uniform(.01, 3, dim), rng)
    t = symmetric(rng.uniform(0.1, 2, dim), rng)
    shift = scale * rng.normal(size=dim)
    y = x @ t + shift
    s = np.cov(x, rowvar=False)
    wanted = shift @ shift + np.trace(s + t @ s @ t - 2 * t @ s)
    assert frechet_distance(x, y) == pytest.approx(wanted, rel=1e-9)
    assert frechet_distance(y, x) == pytest.approx(wanted, rel=1e-9)
    # Offsets of either side change nothing but the means.
    far = x + 1e5 * scale, y + 1e5 * scale
    assert frechet_distance(*far) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("rank", [1, 3, 39])
def test_singular_covariances(rank):
    """As above, with no spread in most directions: rounding in them must
    not count."""
    rng = np.random.default_rng(1)
    dim = 400
    basis = rotation(dim, rng)
    x = 1e3 * sample(rank + 1, rank, rng) @ basis[:rank]
    t = symmetric(rng.uniform(0.1, 2, dim), rng)
    s = np.cov(x, rowvar=False)
    wanted = np.trace(s + t @ s @ t - 2 * t @ s)
    with pytest.warns(MeasurementWarning):
        assert frechet_distance(x, x @ t) == pytest.approx(wanted, rel=1e-9)
    # Against full rank: S1^1/2 S2 S1^1/2 lives in the span of S1 alone.
    values = rng.uniform(0.1, 5, dim)
    full = 1e3 * sample(1000, dim, rng) * np.sqrt(values) @ basis
    whole = np.cov(full, rowvar=False)
    roots = np.sqrt(values[:rank]).sum() * 1e6
    wanted = np.sum((x.mean(0) - full.mean(0)) ** 2)
    wanted += np.trace(s) + np.trace(whole) - 2 * roots
    for pair in ((x, full), (full, x)):
        with pytest.warns(MeasurementWarning):
            assert frechet_distance(*pair) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("shape", [(50, 600), (700, 600), (1, 5), (2, 5)])
def test_identical_sets_are_at_distance_zero(shape):
    rng = np.random.default_rng(2)
    # Features of very different spread, as those of networks are.
    x = rng.normal(size=shape) * np.logspace(2, -6, shape[1]) + 50
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MeasurementWarning)
        assert 0 <= frechet_distance(x, x.copy()) < 1e-6
        assert 0 <= frechet_distance(x, x[::-1]) < 1e-6
        kept = Statistics(x[:1]) + Statistics(x[1:]) if len(x) > 1 else x
        assert 0 <= frechet_distance(kept, x) < 1e-6


def test_one_sample_and_few():
    with pytest.warns(MeasurementWarning):
        found = frechet_distance(np.zeros((1, 3)), np.full((1, 3), 2.0))
    assert found == pytest.approx(12)
    # One point against two: a mean in common, and a variance of 2.
    with pytest.warns(MeasurementWarning):
        found = frechet_distance(np.zeros((1, 1)), np.array([[-1.0], [1.0]]))
    assert found == pytest.approx(2)
    same = np.ones((20, 3))
    assert frechet_distance(same, same + 1) == pytest.approx(3)


def test_too_few_samples_are_told():
    rng = np.random.default_rng(3)
    many, few = rng.normal(size=(40, 20)), rng.normal(size=(20, 20))
    for pair in ((many, few), (few, many), (few, few)):
        with pytest.warns(MeasurementWarning, match="kernel distance"):
            frechet_distance(*pair)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        frechet_distance(many, many[:21])


def test_statistics_and_features_are_the_same():
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(2, 60, 8))
    wanted = frechet_distance(a, b)
    assert wanted > 0.1
    kept = Statistics(a)
    before = kept.covariance
    assert frechet_distance(kept, b) == wanted
    np.testing.assert_array_equal(kept.covariance, before)
    assert frechet_distance(
        Statistics(a[:20]) + Statistics(a[20:]), Statistics(b)
    ) == pytest.approx(wanted, rel=1e-9)


def test_other_widths_are_refused():
    with pytest.raises(InputError, match="have 3 columns and .* 4"):
        frechet_distance(np.zeros((9, 3)), np.zeros((9, 4)))
    with pytest.raises(InputError, match="update them first"):
        frechet_distance(Statistics(), np.zeros((9, 4)))
