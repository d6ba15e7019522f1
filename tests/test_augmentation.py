"""What the judge sees of pictures: rows, places, colours and slopes."""

import keras
import numpy as np
import pytest
from keras import ops

from check import array, tensor
from keras_gen.augmentation import DiffAugment
from keras_gen.backend import gradients, noise
from keras_gen.errors import InputError

rng = np.random.default_rng(0)
PICTURES = rng.uniform(-1, 1, (40, 16, 12, 3)).astype("float32")


def seen(pictures, *policy, key=5):
    """What becomes of pictures (n, h, w, c)."""
    augment = DiffAugment(policy) if policy else DiffAugment()
    return array(augment(tensor(pictures), noise.Stream(key)))


@pytest.mark.parametrize("policy", [
    (), ("colour",), ("translation",), ("cutout",),
])
def test_a_row_depends_on_its_own_noise_alone(policy):
    """In whatever batch it is, and on whatever replica."""
    whole = seen(PICTURES, *policy)
    augment = DiffAugment(policy) if policy else DiffAugment()
    parts = [
        array(augment(
            tensor(PICTURES[20 * i:20 * i + 20]), noise.Stream(5, i, 2)
        )) for i in range(2)
    ]
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)
    other = np.concatenate([PICTURES[:1], -PICTURES[1:]])
    np.testing.assert_allclose(
        seen(other, *policy)[0], whole[0], atol=1e-6
    )
    # All rows see something of their own, in each step.
    same = np.repeat(PICTURES[:1], 40, 0)
    assert len(np.unique(seen(same, *policy).reshape(40, -1), axis=0)) > 20
    assert (seen(same, *policy, key=6) != seen(same, *policy)).any()


def shifted(picture, down, right):
    """The picture moved, with zeros where nothing is."""
    height, width = picture.shape[:2]
    result = np.zeros_like(picture)
    rows, columns = np.arange(height), np.arange(width)
    there = rows[(rows - down >= 0) & (rows - down < height)]
    beside = columns[(columns - right >= 0) & (columns - right < width)]
    result[np.ix_(there, beside)] = picture[
        np.ix_(there - down, beside - right)
    ]
    return result


def test_a_translation_moves_by_up_to_an_eighth_and_brings_in_zeros():
    rows = 400
    pictures = np.repeat(PICTURES[:1], rows, 0)
    places = {}
    for down in range(-3, 4):
        for right in range(-3, 4):
            key = shifted(PICTURES[0], down, right).tobytes()
            places[key] = down, right
    # 0 is added, for there are zeros with a sign.
    after = seen(pictures, "translation") + np.float32(0)
    found = [places[picture.tobytes()] for picture in after]
    down, right = np.transpose(found)
    # An eighth of 16 and of 12, rounded.
    assert set(down) == set(right) == {-2, -1, 0, 1, 2}
    for moved in (down, right):
        # Each as often as the others, 80 times, to five deviations.
        counts = np.bincount(moved + 2)
        assert abs(counts - rows / 5).max() < 5 * np.sqrt(rows * 0.16)
    assert abs(np.corrcoef(down, right)[0, 1]) < 5 / np.sqrt(rows)


def test_a_cutout_is_one_square_of_half_the_sides_that_may_stick_out():
    hidden = (seen(np.ones((400, 16, 12, 3)), "cutout") == 0)
    assert (hidden == hidden[..., :1]).all()
    hidden = hidden[..., 0]
    rows, columns = hidden.any(2).sum(1), hidden.any(1).sum(1)
    # A rectangle, whole where it does not stick out.
    np.testing.assert_array_equal(hidden.sum((1, 2)), rows * columns)
    assert (rows.max(), columns.max()) == (8, 6)
    assert rows.min() >= 4 and columns.min() >= 3
    edges = hidden[:, [0, -1]].any((1, 2))
    assert (rows[~edges] == 8).all()
    # No place is spared, and none hidden always.
    share = hidden.mean(0)
    assert 0.05 < share.min() and share.max() < 0.7
    # What is not hidden stays.
    after = seen(PICTURES, "cutout")
    assert ((after == PICTURES) | (after == 0)).all()


def test_a_cutout_of_odd_sides_keeps_its_area():
    hidden = (seen(np.ones((300, 9, 9, 1)), "cutout") == 0)[..., 0]
    assert hidden.sum((1, 2)).max() == 25


def test_colours_are_those_of_the_paper():
    """brightness + U(-1/2, 1/2), saturation x U(0, 2), contrast x
    U(1/2, 3/2), each of its own number."""
    rows = 2000
    pictures = np.repeat(PICTURES[:1], rows, 0)
    after = seen(pictures, "colour").astype("float64")
    before = PICTURES[0].astype("float64")
    # The mean is moved by brightness alone.
    brightness = after.mean((1, 2, 3)) - before.mean()
    grey = before.mean(2)
    shape = grey - grey.mean()
    # Grey parts scale with contrast, colour with contrast x saturation.
    contrast = (
        (after.mean(3) - after.mean((1, 2, 3))[:, None, None]) * shape
    ).sum((1, 2)) / np.square(shape).sum()
    colour = before - grey[..., None]
    both = ((after - after.mean(3, keepdims=True)) * colour).sum(
        (1, 2, 3)
    ) / np.square(colour).sum()
    saturation = both / contrast
    for numbers, low, high in [
        (brightness, -0.5, 0.5), (contrast, 0.5, 1.5), (saturation, 0, 2),
    ]:
        spread = high - low
        assert numbers.min() > low - 1e-4 and numbers.max() < high + 1e-4
        assert numbers.min() < low + 0.02 * spread
        assert numbers.max() > high - 0.02 * spread
        error = spread / np.sqrt(12 * rows)
        assert abs(numbers.mean() - (low + high) / 2) < 5 * error
    together = np.corrcoef([brightness, contrast, saturation]) - np.eye(3)
    assert np.abs(together).max() < 5 / np.sqrt(rows)
    # That is all that it does.
    rebuilt = (
        before.mean() + brightness[:, None, None, None]
        + contrast[:, None, None, None] * shape[..., None]
        + both[:, None, None, None] * colour
    )
    np.testing.assert_allclose(after, rebuilt, atol=1e-5)


def test_grey_pictures_have_no_saturation():
    after = seen(np.full((9, 8, 8, 1), 0.25), "colour")
    assert (np.ptp(after, axis=(1, 2, 3)) < 1e-6).all()


def test_it_is_differentiable():
    """The generator learns through all of it: against differences, which
    are exact, for it is linear in the picture."""
    pictures = PICTURES[:3]
    direction = rng.normal(size=pictures.shape).astype("float32")

    def value(x):
        after = DiffAugment()(x, noise.Stream(5))
        return ops.sum(after * tensor(direction))

    found = array(gradients.gradient_wrt_input(value, tensor(pictures)))
    assert (found.reshape(3, -1) != 0).mean() > 0.3
    step = rng.normal(size=pictures.shape).astype("float32")
    ends = [
        float(array(value(tensor(pictures + sign * step)))) for sign in (1, -1)
    ]
    assert (found * step).sum() == pytest.approx(
        (ends[0] - ends[1]) / 2, rel=1e-3
    )


def test_a_compiled_graph_sees_the_same():
    compiled = gradients.compiled(
        lambda x: DiffAugment()(x, noise.Stream(5))
    )
    np.testing.assert_allclose(
        array(compiled(tensor(PICTURES))), seen(PICTURES), atol=1e-5
    )


def test_some_pictures_stay_as_they_are():
    pictures = rng.uniform(-1, 1, (400, 4, 4, 3)).astype("float32")

    def changed(probability):
        augment = DiffAugment(["colour"], probability)
        after = array(augment(tensor(pictures), noise.Stream(5)))
        return np.array([not np.array_equal(*p) for p in zip(pictures, after)])

    # Four deviations of the share of 400.
    assert abs(changed(0.3).mean() - 0.3) < 4 * (0.3 * 0.7 / 400) ** 0.5
    assert changed(1.0).all()
    # The same chance, with another bar.
    assert not (changed(0.3) & ~changed(0.6)).any()


@pytest.mark.parametrize("probability", [0.0, -0.1, 1.1, float("nan")])
def test_impossible_probabilities_are_refused(probability):
    with pytest.raises(InputError, match="above 0 and at most 1"):
        DiffAugment(probability=probability)


@pytest.mark.parametrize("shape", [(2,), (4, 8, 8, 3), (8, 8, 8, 1)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(InputError, match="leave augment out"):
        seen(np.zeros((2, *shape)))


@pytest.mark.parametrize("policy", [["color"], [], ["colour", "flip"]])
def test_unknown_policies_are_refused(policy):
    with pytest.raises(InputError, match="colour, translation, cutout"):
        DiffAugment(policy)


def test_the_configuration_comes_back():
    augment = DiffAugment(["cutout", "colour"], 0.25)
    copy = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(augment)
    )
    assert copy.policy == ("cutout", "colour") and copy.probability == 0.25
