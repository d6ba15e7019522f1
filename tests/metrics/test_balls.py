"""Precision, recall, density and coverage against brute force."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics import distances as module
from keras_gen.metrics.balls import density_coverage, precision_recall
from keras_gen.metrics.distances import k_nearest, tiles


@pytest.fixture
def small_tiles(monkeypatch):
    """Many tiles, the last ones smaller."""
    monkeypatch.setattr(module, "_ROWS", 16)


def distances(a, b):
    return np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))


def brute_force(real, fake, k):
    """The papers' definitions, ball by ball: precision, recall, density and
    coverage."""
    def radius(points, i):
        others = np.delete(distances(points[i:i + 1], points)[0], i)
        return np.sort(others)[k - 1]

    between = distances(real, fake)
    in_real = np.array([
        between[i] <= radius(real, i) for i in range(len(real))
    ])
    in_fake = np.array([
        between[:, j] <= radius(fake, j) for j in range(len(fake))
    ])
    return (
        in_real.any(0).mean(), in_fake.any(0).mean(),
        in_real.sum() / (k * len(fake)), in_real.any(1).mean(),
    )


def assert_as_brute_force(real, fake, k):
    found = precision_recall(real, fake, k) + density_coverage(real, fake, k)
    assert found == pytest.approx(brute_force(real, fake, k), abs=1e-12)
    return found


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("sizes", [(50, 50), (40, 65), (33, 20)])
def test_random_sets(sizes, k, small_tiles):
    rng = np.random.default_rng(k)
    real = rng.normal(size=(sizes[0], 3))
    fake = rng.normal(size=(sizes[1], 3)) * [0.6, 1.4, 1] + 0.3
    found = assert_as_brute_force(real, fake, k)
    assert all(0 < x < 1.2 for x in found)


def test_a_case_by_hand():
    """Points on a line: balls of real samples reach 1, 1, 1 and 4."""
    real = np.array([[0.0], [1.0], [2.0], [6.0]])
    fake = np.array([[-0.5], [2.5], [9.0], [20.0]])
    assert precision_recall(real, fake, k=1) == (0.75, 1.0)
    assert density_coverage(real, fake, k=1) == (4 / 4, 0.75)
    fake = np.array([[0.25], [0.5], [20.0], [21.0]])
    assert precision_recall(real, fake, k=1) == (0.5, 0.25)
    assert density_coverage(real, fake, k=1) == (4 / 4, 0.5)


def test_borders_belong_to_balls(small_tiles):
    """On a lattice almost every distance is a tie; far from 0 and in
    float32, too, where rounding would decide them."""
    axis = np.arange(5.0)
    real = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2) * 0.25
    fake = np.concatenate([real[::2], real[1::3] + 0.25])
    wanted = assert_as_brute_force(real, fake, 3)
    moved = [(x + 4096).astype("float32") for x in (real, fake)]
    found = precision_recall(*moved, 3) + density_coverage(*moved, 3)
    assert found == pytest.approx(wanted, abs=1e-12)
    # A turned lattice has rounding of its own.
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]]) / 3
    found = precision_recall(real @ turn, fake @ turn, 3)
    assert found == pytest.approx(wanted[:2], abs=1e-12)


def test_the_same_set_on_both_sides():
    x = np.random.default_rng(0).normal(size=(500, 64)).astype("float32")
    assert precision_recall(x, x.copy()) == (1, 1)
    # Each ball holds its own centre and k others, the border's included.
    assert density_coverage(x, x.copy(), k=5) == (6 / 5, 1)


def test_expected_values_for_equal_distributions():
    """Lemma 1 and 2 of the paper, over many pairs of sets of uneven size."""
    rng = np.random.default_rng(1)
    n, m, k = 40, 25, 3
    found = np.array([
        density_coverage(
            rng.normal(size=(n, 4)), rng.normal(size=(m, 4)), k
        ) for _ in range(300)
    ])
    error = found.std(0) / np.sqrt(len(found))
    missed = np.prod([(n - i) / (n + m - i) for i in range(1, k + 1)])
    assert found.mean(0) == pytest.approx([1, 1 - missed], abs=0.02)
    assert (np.abs(found.mean(0) - [1, 1 - missed]) < 4 * error).all()


def test_nearest_rows(small_tiles):
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(50, 3)), rng.normal(size=(37, 3))
    order = np.argsort(distances(a, b), axis=1)[:, :20]
    found = k_nearest(a, b, 20)
    np.testing.assert_array_equal(found.indices, order)
    np.testing.assert_allclose(
        found.distances, np.take_along_axis(distances(a, b), order, 1),
        atol=1e-7,
    )
    within = distances(a, a)
    np.fill_diagonal(within, np.inf)
    found = k_nearest(a, a, 3, itself=False)
    np.testing.assert_array_equal(
        found.indices, np.argsort(within, axis=1)[:, :3]
    )
    np.testing.assert_array_equal(
        k_nearest(a, a, 1).indices[:, 0], np.arange(50)
    )


def test_tiles_cover_everything_once(small_tiles):
    rng = np.random.default_rng(3)
    a = rng.integers(0, 256, (50, 9)).astype("uint8")
    b = rng.integers(0, 256, (37, 9)).astype("uint8")
    whole = np.zeros((50, 37))
    for rows, columns, squared in tiles(a, b):
        assert squared.shape[0] <= 16 and squared.shape[1] <= 16
        whole[rows, columns] += squared
    wanted = distances(a.astype(float), b.astype(float)) ** 2
    np.testing.assert_allclose(whole, wanted, atol=1e-6)


def test_distances_far_from_zero_keep_their_digits(small_tiles):
    a, b = np.random.default_rng(4).normal(size=(2, 40, 3)) + 1e7
    for rows, columns, squared in tiles(a, b):
        wanted = distances(a[rows], b[columns]) ** 2
        np.testing.assert_allclose(squared, wanted, rtol=1e-9, atol=1e-9)


def test_bad_input():
    x = np.zeros((5, 2))
    with pytest.raises(InputError, match="or a k below 5"):
        precision_recall(np.zeros((9, 2)), x, k=5)
    assert density_coverage(np.zeros((9, 2)), x, k=5).density == 9 / 5
    with pytest.raises(InputError, match="a k below 5"):
        density_coverage(x, np.zeros((9, 2)), k=5)
    with pytest.raises(InputError, match="k must be"):
        precision_recall(x, x, k=0)
    with pytest.raises(InputError, match="real features have 2 .* fake"):
        precision_recall(x, np.zeros((5, 3)))
