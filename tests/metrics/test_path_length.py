"""Perceptual path length of functions, where it is known."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics import path_length


def ends(n, dim=5):
    return np.random.default_rng(1).normal(size=(2, n, dim))


def test_straight_paths_of_a_linear_function_have_their_length():
    starts, stops = ends(70)
    matrix = np.random.default_rng(2).normal(size=(5, 3))
    found = path_length(
        lambda z, rows: z @ matrix, starts, stops, epsilon=1e-2,
        interpolation="linear",
    )
    lengths = (((stops - starts) @ matrix)**2).sum(1)
    assert found.value == pytest.approx(lengths.mean(), rel=1e-9)
    assert found.spread == pytest.approx(lengths.std(), rel=1e-9)


def test_each_point_is_told_its_path():
    starts, stops = ends(40)
    seen = []

    def see(latents, rows):
        seen.append(rows)
        # Only the paths of even number move.
        return latents * (rows % 2 == 0)[:, None]

    found = path_length(see, starts, stops, interpolation="linear")
    even = ((stops - starts)[::2]**2).sum(1)
    assert found.value == pytest.approx(even.sum() / 40, rel=1e-6)
    np.testing.assert_array_equal(
        np.bincount(np.concatenate(seen)), np.full(40, 2)
    )


def test_starts_and_ends_that_do_not_match_are_refused():
    starts, stops = ends(4)
    with pytest.raises(InputError, match="4 starts but 3 ends"):
        path_length(lambda z, rows: z, starts, stops[:3])
