"""The kernel distance: unbiased, and what its subsets are."""

import itertools

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics.kernel import kernel_distance


def kernel(u, v, degree):
    return (u @ v / len(u) + 1) ** degree


def mean_kernel(xs, ys, degree):
    return np.mean([kernel(u, v, degree) for u in xs for v in ys])


def population_mmd(xs, ys, degree):
    """Of the uniform distributions on two sets of points."""
    return (
        mean_kernel(xs, xs, degree) + mean_kernel(ys, ys, degree)
        - 2 * mean_kernel(xs, ys, degree)
    )


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_the_mean_over_all_samples_is_the_true_distance(degree):
    """Every sample of 2 and of 3 points, drawn independently."""
    rng = np.random.default_rng(0)
    xs, ys = rng.normal(size=(3, 4)), rng.normal(size=(3, 4)) + 0.5
    for size in (2, 3):
        rows = [list(r) for r in itertools.product(range(3), repeat=size)]
        found = np.mean([
            kernel_distance(
                xs[a], ys[b], degree=degree, subsets=1, subset_size=size
            ).value for a in rows for b in rows
        ])
        wanted = population_mmd(xs, ys, degree)
        assert found == pytest.approx(wanted, rel=1e-9)


def test_equal_distributions_are_at_zero_and_below():
    rng = np.random.default_rng(1)
    found = np.array([
        kernel_distance(
            *rng.normal(size=(2, 40, 6)), subsets=1, subset_size=40
        ).value for _ in range(400)
    ])
    error = found.std() / np.sqrt(len(found))
    assert abs(found.mean()) < 3 * error
    assert (found < 0).mean() > 0.3
    other = kernel_distance(*rng.normal(size=(2, 40, 6)) * [[[1]], [[2]]])
    assert other.value > 20 * error


def test_subsets_average_to_the_whole():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(60, 5)), rng.normal(size=(50, 5)) + 0.7
    (whole, spread) = kernel_distance(a[:50], b, subsets=1, subset_size=50)
    assert spread == 0
    x = a[:50]
    within = [
        np.mean([kernel(s[i], s[j], 3) for i in range(50) for j in range(50)
                 if i != j]) for s in (x, b)
    ]
    assert whole == pytest.approx(sum(within) - 2 * mean_kernel(x, b, 3))
    value, spread = kernel_distance(x, b, subsets=400, subset_size=20)
    assert value == pytest.approx(whole, abs=4 * spread / np.sqrt(400))
    assert spread > 0.05 * whole


def test_the_seed_decides():
    a, b = np.random.default_rng(3).normal(size=(2, 60, 5))
    assert kernel_distance(a, b) == kernel_distance(a, b)
    assert kernel_distance(a, b) != kernel_distance(a, b, seed=1)


def test_small_sets_are_halved_so_that_subsets_differ():
    a, b = np.random.default_rng(4).normal(size=(2, 10, 5))
    assert kernel_distance(a, b) == kernel_distance(a, b, subset_size=5)
    assert kernel_distance(a, b).spread > 0


@pytest.mark.parametrize(("options", "message"), [
    ({"subset_size": 11}, "take at most 10"),
    ({"subset_size": 1}, "subset_size must be a whole number of at least 2"),
    ({"subsets": 0}, "subsets must be"),
    ({"degree": 0.5}, "degree must be"),
])
def test_bad_options(options, message):
    a, b = np.zeros((10, 2)), np.zeros((12, 2))
    with pytest.raises(InputError, match=message):
        kernel_distance(a, b, **options)


def test_one_sample_has_no_kernel_distance():
    with pytest.raises(InputError, match="at least 2 samples"):
        kernel_distance(np.zeros((1, 2)), np.zeros((9, 2)))
