"""Modes of toys and classes, against closed forms."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics.modes import (
    class_coverage,
    grid,
    mode_coverage,
    ring,
)


@pytest.mark.parametrize(("mixture", "modes", "spread"), [
    (ring(), 8, 1.0), (grid(), 25, 16.0),
])
def test_the_toys(mixture, modes, spread):
    """Their second moments: of the ring radius^2 + 2 sigma^2; of the grid
    2 * mean of (-4, -2, 0, 2, 4)^2, and the same."""
    points = mixture.draw(20_000, seed=3)
    assert points.shape == (20_000, 2)
    np.testing.assert_array_equal(points, mixture.draw(20_000, seed=3))
    assert (points != mixture.draw(20_000, seed=4)).all()
    wanted = spread + 2 * mixture.sigma ** 2
    assert (points ** 2).sum(1).mean() == pytest.approx(wanted, rel=0.02)
    assert points.mean(0) == pytest.approx([0, 0], abs=0.1)
    assert len(np.unique(mixture.centres.round(6), axis=0)) == modes


@pytest.mark.parametrize("mixture", [ring(), grid()])
def test_the_mixture_itself_covers_all(mixture):
    n = 20_000
    found = mode_coverage(mixture.draw(n), mixture)
    assert found.found == found.modes == len(mixture.centres)
    # A Gaussian in the plane is within 3 sigma with this probability.
    inside = 1 - np.exp(-4.5)
    error = np.sqrt(inside * (1 - inside) / n)
    assert found.high_quality == pytest.approx(inside, abs=4 * error)
    assert 0 < found.kl < 3 * found.expected_kl


def test_the_expected_divergence():
    mixture = ring()
    found = [mode_coverage(mixture.draw(500, seed), mixture)
             for seed in range(200)]
    mean = np.mean([x.kl for x in found])
    assert found[0].expected_kl == pytest.approx(mean, rel=0.15)


def test_lost_modes():
    mixture = ring()
    points = mixture.draw(5000)
    half = points[points[:, 0] > -0.5]  # without 3 of 8 modes
    found = mode_coverage(half, mixture)
    assert found.found == 5
    assert found.kl == pytest.approx(np.log(8 / 5), rel=0.02)
    one = mode_coverage(mixture.centres[[2] * 10], mixture)
    assert (one.found, one.high_quality) == (1, 1)
    assert one.kl == pytest.approx(np.log(8))


def test_samples_between_modes_find_none():
    mixture = grid()
    found = mode_coverage(mixture.centres + 0.2, mixture)
    assert (found.found, found.high_quality) == (0, 0)
    assert found.kl == pytest.approx(0, abs=1e-12)
    # Three standard deviations are the border.
    just = mixture.centres[:3] + [[0.149, 0], [0, 0.151], [0, -0.149]]
    assert mode_coverage(just, mixture).found == 2


def test_points_of_another_space_are_refused():
    with pytest.raises(InputError, match="have 3 columns"):
        mode_coverage(np.zeros((5, 3)), ring())


# -- classes -----------------------------------------------------------------


def test_classes_by_hand():
    found = class_coverage(np.array([0, 0, 0, 1, 1, 1, 2, 2]), 4)
    assert (found.found, found.classes, found.smallest) == (3, 4, 0)
    share = np.array([3, 3, 2]) / 8
    assert found.kl == pytest.approx((share * np.log(share * 4)).sum())
    assert found.total_variation == pytest.approx(0.25)
    found = class_coverage(
        np.array([0, 0, 0, 1]), reference=[0.5, 0.5]
    )
    assert found.smallest == 0.5 and found.total_variation == 0.25
    even = class_coverage(np.arange(60) % 6, 6)
    assert (even.smallest, even.kl, even.total_variation) == (1, 0, 0)


@pytest.mark.parametrize("reference", [
    [0.1] * 10, [0.5, 0.3, 0.15, 0.05],
])
def test_the_noise_to_expect(reference):
    rng = np.random.default_rng(0)
    drawn = [
        class_coverage(
            rng.choice(len(reference), 200, p=reference), reference=reference
        ) for _ in range(1500)
    ]
    for name in ("kl", "total_variation"):
        values = [getattr(x, name) for x in drawn]
        error = np.std(values) / np.sqrt(len(values))
        expected = getattr(drawn[0], f"expected_{name}")
        # Wilks' law holds for large n.
        slack = 0.03 * expected if name == "kl" else 0
        assert expected == pytest.approx(
            np.mean(values), abs=4 * error + slack
        )


@pytest.mark.parametrize(("arguments", "message"), [
    ({"classes": 2}, "must go from 0 to 1, got 0 to 2"),
    ({"reference": [0.5, 0.5]}, "must go from 0 to 1"),
    ({}, "takes classes or reference"),
    ({"classes": 3, "reference": [0.2, 0.3, 0.5]}, "takes classes or"),
    ({"reference": [0.5, 0.5, 0]}, "each above 0 and of sum 1"),
    ({"reference": [5, 5, 5]}, "each above 0 and of sum 1"),
])
def test_bad_input(arguments, message):
    with pytest.raises(InputError, match=message):
        class_coverage(np.array([0, 1, 2]), **arguments)
    with pytest.raises(InputError, match="whole numbers of shape"):
        class_coverage(np.zeros((3, 2)), 2)
