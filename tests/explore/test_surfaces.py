"""Ways and sheets between latents, on models that are linear."""

import numpy as np
import pytest
from scipy import stats

from explore import linear
from keras_gen import explore
from keras_gen.errors import InputError
from keras_gen.explore.manifold import sheet
from objectives import tiny


def latents(n, d, seed=0):
    return np.random.default_rng(seed).normal(size=(n, d))


@pytest.mark.parametrize("how", ["spherical", "linear"])
def test_ends_are_the_latents_own_pictures(how):
    weights = linear.matrix(6)
    model, z = linear.gan(weights), latents(4, 6)
    rows = explore.interpolate(model, z, steps=7, how=how)
    own = explore.decode(model, z)
    np.testing.assert_array_equal(rows[:, 0], own[:-1])
    np.testing.assert_array_equal(rows[:, -1], own[1:])
    # There and back is the same way.
    back = explore.interpolate(model, z[::-1], steps=7, how=how)
    np.testing.assert_array_equal(rows, back[::-1, ::-1])


def test_seeds_stand_for_their_latents():
    model = linear.gan(linear.matrix(6))
    seeds = [3, 1, 4, 2**40]
    z = explore.latents(model, seeds)
    for function in (
        explore.interpolate,
        lambda m, x: explore.manifold(m, 3, x),
        lambda m, x: explore.arithmetic(m, x, x[:1], x[1:]).rows(),
    ):
        np.testing.assert_array_equal(
            function(model, seeds), function(model, z)
        )


def test_pictures_of_a_linear_model_lie_between_in_a_line():
    weights = linear.matrix(6)
    z = latents(2, 6)
    rows = explore.interpolate(linear.gan(weights), z, 5, how="linear")
    t = np.linspace(0, 1, 5)[:, None]
    linear.close(rows[0], linear.pictures(z[:1] + t * (z[1] - z[0]), weights))


def test_the_middle_of_the_great_circle():
    weights = linear.matrix(6)
    a, b = latents(2, 6)
    length = (np.linalg.norm(a) + np.linalg.norm(b)) / 2
    sum_ = a / np.linalg.norm(a) + b / np.linalg.norm(b)
    middle = length * sum_ / np.linalg.norm(sum_)
    row, = explore.interpolate(linear.gan(weights), [a, b], steps=3)
    linear.close(row[1], linear.pictures(middle, weights))


def test_a_class_is_kept_along_the_way():
    table = np.array([[0.0, 0.0], [3.0, -2.0]])
    weights = linear.matrix(2)
    model, z = linear.cgan(weights, table), latents(2, 2)
    rows = explore.interpolate(model, z, 3, how="linear", label=1)
    between = np.stack([z[0], z.mean(0), z[1]])
    linear.close(rows[0], linear.pictures(between + table[1], weights))


@pytest.mark.parametrize(("z", "steps"), [
    (latents(1, 6), 9), (latents(2, 6), 1), (latents(1, 6)[0], 9),
])
def test_a_way_needs_two_ends(z, steps):
    with pytest.raises(InputError, match="two latents or more"):
        explore.interpolate(linear.gan(linear.matrix(6)), z, steps)


def test_the_manifold_of_two_latents_is_kingma_and_wellings():
    weights = np.array([[0.25, 0, 0.1, 0.1], [0, 0.25, 0.1, -0.1]])
    found = explore.manifold(linear.gan(weights), side=6)
    quantile = stats.norm.ppf
    low, high = quantile(0.5 / 6), quantile(5.5 / 6)
    corners = {
        (0, 0): (low, high), (0, 5): (high, high),
        (5, 0): (low, low), (5, 5): (high, low),
        (2, 4): (quantile(4.5 / 6), quantile(3.5 / 6)),
    }
    for (row, column), z in corners.items():
        linear.close(found[row, column], linear.pictures(z, weights))


def test_other_sheets_span_their_corners():
    weights = linear.matrix(5)
    model, z = linear.gan(weights), latents(4, 5)
    own = explore.decode(model, z)
    found = explore.manifold(model, side=5, corners=z)
    np.testing.assert_array_equal(found[[0, 0, -1, -1], [0, -1, 0, -1]], own)
    # Edges are ways; turned round, it is the same sheet.
    top, _, bottom = explore.interpolate(model, z, 5)
    np.testing.assert_array_equal(found[0], top)
    np.testing.assert_array_equal(found[-1], bottom)
    turned = explore.manifold(model, side=5, corners=z[::-1])
    np.testing.assert_array_equal(turned[::-1, ::-1], found)
    first = explore.manifold(model, side=2)
    np.testing.assert_array_equal(
        first.reshape(4, 2, 2, 1),
        explore.decode(model, explore.latents(model, range(4))),
    )


def test_a_sheet_has_latents_of_the_length_of_its_corners():
    corners = latents(4, 50)
    corners *= 7 / np.linalg.norm(corners, axis=1)[:, None]
    np.testing.assert_allclose(np.linalg.norm(sheet(corners, 9), axis=-1), 7)


@pytest.mark.parametrize(("name", "options", "words"), [
    ("gan", {"side": 1}, "at least 2 pictures a side"),
    ("gan", {"corners": np.zeros((3, 5))}, "4 corners"),
    ("autoencoder", {}, "no known distribution"),
    ("cyclegan", {}, "has no latents"),
])
def test_no_sheet(name, options, words):
    with pytest.raises(InputError, match=words):
        explore.manifold(tiny.build(name), **options)
