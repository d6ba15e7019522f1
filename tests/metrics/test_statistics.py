"""Mean and covariance in one pass."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics import statistics
from keras_gen.metrics.statistics import Statistics


def features(n, dim=7, seed=0, offset=0.0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, dim)) @ rng.normal(size=(dim, dim)) + offset


def assert_close(found, x, rel=1e-12):
    assert found.count == len(x)
    np.testing.assert_allclose(found.mean, x.mean(0), rtol=rel, atol=1e-12)
    wanted = np.cov(x, rowvar=False)
    np.testing.assert_allclose(
        found.covariance, wanted, atol=rel * np.abs(wanted).max()
    )


@pytest.mark.parametrize("cuts", [[], [1], [1, 2, 3], [60], [5, 5, 99]])
def test_batches_are_as_good_as_all_at_once(cuts, monkeypatch):
    monkeypatch.setattr(statistics, "_CHUNK", 16)
    x = features(100)
    found = Statistics()
    for part in np.split(x, cuts):
        if len(part):
            assert found.update(part) is found
    assert_close(found, x)


def test_sums_of_statistics():
    x = features(100)
    first, second = Statistics(x[:30]), Statistics(x[30:])
    assert_close(first + second, x)
    assert_close(first + Statistics() + second + Statistics(), x)
    assert (first.count, second.count) == (30, 70)
    assert_close(first, x[:30])


def test_features_far_from_zero_keep_their_digits():
    """A plain sum of squares would have none left."""
    x = features(1000, offset=1e8)
    found = Statistics()
    for part in np.split(x, 10):
        found.update(part)
    assert_close(found, x, rel=1e-9)


def test_float32_features_are_accumulated_in_float64():
    x = features(4000, offset=300.0).astype("float32")
    assert_close(Statistics(x), x.astype("float64"), rel=1e-11)


def test_one_row_has_no_spread():
    found = Statistics(np.ones((1, 3)))
    np.testing.assert_array_equal(found.covariance, np.zeros((3, 3)))


@pytest.mark.parametrize(("values", "message"), [
    (np.zeros((3, 4, 1)), r"float array of shape \(n, d\), got float64"),
    (np.zeros((3, 4), int), "got int64 of shape"),
    (np.zeros((0, 4)), "got float64 of shape"),
    (np.full((3, 4), np.nan), "not finite"),
    (np.zeros((3, 5)), "have 4 columns and the new ones 5"),
])
def test_bad_features(values, message):
    found = Statistics(np.zeros((2, 4)))
    with pytest.raises(InputError, match=message):
        found.update(values)


def test_empty_statistics_have_no_covariance():
    with pytest.raises(InputError, match="update them first"):
        Statistics().covariance


# -- the cache ---------------------------------------------------------------
