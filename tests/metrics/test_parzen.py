"""Parzen windows against densities that are known."""

import numpy as np
import pytest
from scipy import stats

from keras_gen.errors import InputError, MeasurementWarning
from keras_gen.metrics import arrays, parzen


def rng(seed=0):
    return np.random.default_rng(seed)


def test_one_centre_is_a_gaussian():
    points, centre = rng().normal(size=(7, 30)), rng(1).normal(size=(1, 30))
    for bandwidth in (0.05, 0.3, 2.0):
        found = parzen.log_density(points, centre, [bandwidth])[:, 0]
        wanted = stats.norm(centre[0], bandwidth).logpdf(points).sum(1)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_the_density_has_mass_one():
    x = np.linspace(-8, 9, 4001)
    found = parzen.log_density(
        x[:, None], rng().normal(size=(50, 1)), [0.1, 0.5]
    )
    mass = np.exp(found).sum(0) * (x[1] - x[0])
    np.testing.assert_allclose(mass, 1, rtol=1e-9)


def test_blocks_change_nothing(monkeypatch):
    points, centres = rng().normal(size=(9, 4)), rng(1).normal(size=(11, 4))
    whole = parzen.log_density(points, centres, [0.2, 1.0])
    monkeypatch.setattr(arrays, "_BLOCK", 12)
    np.testing.assert_allclose(
        parzen.log_density(points, centres, [0.2, 1.0]), whole, rtol=1e-12
    )


def test_samples_of_a_normal_come_near_the_smoothed_normal():
    centres, test = rng().normal(size=(8000, 2)), rng(1).normal(size=(2000, 2))
    found = parzen.parzen_log_likelihood(centres, test, test, [0.3])
    variance = 1 + 0.3**2
    wanted = -np.log(2 * np.pi * variance) - np.square(test).sum(1).mean() / (
        2 * variance
    )
    assert abs(found.value - wanted) < 0.01
    spread = np.square(test).sum(1).std(ddof=1) / (2 * variance)
    assert found.standard_error == pytest.approx(
        spread / np.sqrt(2000), rel=0.05
    )


def test_far_points_do_not_underflow():
    found = parzen.log_density(np.full((1, 784), 1.0), np.zeros((2, 784)), [.1])
    wanted = stats.norm(0, 0.1).logpdf(1.0) * 784
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_pictures_count_in_units_of_one():
    pictures = rng().integers(0, 256, (6, 5, 4, 3)).astype("uint8")
    as_pictures = parzen.log_density(pictures[:3], pictures[3:], [0.2])
    rows = pictures.reshape(6, -1) / 255.0
    as_rows = parzen.log_density(rows[:3], rows[3:], [0.2])
    np.testing.assert_allclose(as_pictures, as_rows, rtol=1e-12)


def test_validation_chooses_and_test_does_not():
    # Noise of 0.2 in 40 dimensions around few points: its own deviation is
    # the best bandwidth.
    centres = rng().uniform(size=(5, 40))
    near = np.repeat(centres, 40, 0)
    validation = near + rng().normal(0, 0.2, near.shape)
    far = near + rng().normal(0, 0.6, near.shape)
    found = parzen.parzen_log_likelihood(centres, far, validation)
    nearest = min(parzen.GRID, key=lambda b: abs(np.log(b / 0.2)))
    assert found.bandwidth == nearest
    wanted = parzen.log_density(far, centres, [nearest]).mean()
    assert found.value == pytest.approx(wanted, rel=1e-12)


def test_an_end_of_the_grid_is_told():
    rows = rng().normal(size=(50, 3))
    with pytest.warns(MeasurementWarning, match="end of the grid, 0.01"):
        # The centres themselves: the smallest bandwidth wins.
        parzen.best_bandwidth(rows, rows, [0.1, 0.01, 1.0])


@pytest.mark.parametrize("samples, test, bandwidths", [
    (np.zeros((2, 3, 3, 1), "uint8"), np.zeros((2, 9)), [1]),
    (np.zeros((2, 3)), np.zeros((2, 4)), [1]),
    (np.zeros((0, 3)), np.zeros((2, 3)), [1]),
    (np.zeros((2, 3), int), np.zeros((2, 3)), [1]),
    (np.zeros((2, 3)), np.zeros((2, 3)), [1, 0]),
    (np.zeros((2, 3)), np.zeros((2, 3)), []),
])
def test_bad_input_gives_one_line(samples, test, bandwidths):
    with pytest.raises(InputError) as error:
        parzen.log_density(test, samples, bandwidths)
    assert "\n" not in str(error.value)
