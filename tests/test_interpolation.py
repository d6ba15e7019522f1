"""Straight lines and great circles between vectors."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.interpolation import between, linear, spherical

T = np.linspace(0, 1, 13)[:, None]


def pairs(n=50, d=7, seed=0):
    return np.random.default_rng(seed).normal(size=(2, n, d))


def test_the_closed_form_in_the_plane():
    """From r, 0 to s, phi in polar coordinates: radius and angle both change
    evenly."""
    r, s, phi = 2.0, 3.0, 2.1
    found = spherical([r, 0], [s * np.cos(phi), s * np.sin(phi)], T)
    radius, angle = r + T * (s - r), T * phi
    np.testing.assert_allclose(
        found, np.hstack([radius * np.cos(angle), radius * np.sin(angle)]),
        atol=1e-12,
    )


def test_on_the_sphere_it_goes_at_one_speed_and_stays_there():
    a, b = pairs()
    a, b = (5 * x / np.linalg.norm(x, axis=1)[:, None] for x in (a, b))
    angle = np.arccos((a * b).sum(1) / 25)
    for t in (0.1, 0.5, 0.9):
        z = spherical(a, b, t)
        np.testing.assert_allclose(np.linalg.norm(z, axis=1), 5)
        np.testing.assert_allclose((a * z).sum(1) / 25, np.cos(t * angle))
        np.testing.assert_allclose(
            (b * z).sum(1) / 25, np.cos((1 - t) * angle)
        )


def test_gaussian_latents_keep_their_length_only_on_the_circle():
    a, b = pairs(d=400)
    expected = (np.linalg.norm(a, axis=1) + np.linalg.norm(b, axis=1)) / 2
    middle = np.linalg.norm(spherical(a, b, 0.5), axis=1)
    np.testing.assert_allclose(middle, expected)
    straight = np.linalg.norm(linear(a, b, 0.5), axis=1)
    assert abs((straight / expected).mean() - np.sqrt(0.5)) < 0.02


def test_nearly_opposite_latents_of_different_length_do_not_run_away():
    """White's two sines alone would reach a length of 11 here."""
    a = np.array([1.0, 0.0])
    b = 3 * np.array([np.cos(np.radians(170)), np.sin(np.radians(170))])
    found = np.linalg.norm(spherical(a, b, T), axis=1)
    np.testing.assert_allclose(found, 1 + 2 * T[:, 0])


@pytest.mark.parametrize("path", [linear, spherical])
def test_ends_are_exact_and_the_way_back_is_the_same(path):
    a, b = pairs()
    a, b = a.astype("float32"), b.astype("float32") * 1e3
    assert (path(a, b, 0.0) == a).all() and (path(a, b, 1.0) == b).all()
    for t in (0.25, 0.5):
        np.testing.assert_allclose(
            path(a, b, t), path(b, a, 1 - t), rtol=1e-9, atol=1e-9
        )


@pytest.mark.parametrize("b", [[3.0, 3.0], [-2.0, -2.0], [0.0, 0.0]])
def test_on_one_line_there_is_no_circle(b):
    a = np.array([1.0, 1.0])
    np.testing.assert_allclose(spherical(a, b, T), linear(a, b, T))


@pytest.mark.parametrize("b", [[3.0, 3.0], [-2.0, -2.0]])
def test_rounding_does_not_choose_a_circle(b):
    a, almost = np.array([1.0, 1.0]), np.array(b) + [1e-9, 0]
    np.testing.assert_allclose(
        spherical(a, almost, T), linear(a, b, T), atol=1e-7
    )


def test_names():
    assert between("linear") is linear and between("spherical") is spherical
    with pytest.raises(InputError, match="spherical, linear, got 'cubic'"):
        between("cubic")
