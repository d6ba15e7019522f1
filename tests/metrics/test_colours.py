"""Colours of drawn pictures, and what comes out in them."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics import arrays, colour_recall, palette

LAND, WATER, PARK, STREET = (
    [236, 230, 222], [177, 208, 254], [203, 221, 172], [255, 255, 255],
)


def drawn(*colours, n=4, side=20):
    """Pictures of stripes of equal width."""
    stripes = np.repeat(np.uint8(colours), side // len(colours), axis=0)
    return np.broadcast_to(stripes, (n, side, *stripes.shape)).copy()


def test_colours_are_found_with_their_shares_the_most_frequent_first():
    pictures = drawn(LAND, LAND, WATER, STREET)
    found = palette(pictures)
    np.testing.assert_allclose(found.colours[0], LAND)
    np.testing.assert_allclose(found.shares, [0.5, 0.25, 0.25])
    assert {tuple(c) for c in found.colours[1:].tolist()} == {
        tuple(WATER), tuple(STREET)
    }
    assert found.drawn
    # Red alone does not tell land from streets: 236 and 255.
    red = palette(pictures[..., :1])
    np.testing.assert_allclose(red.colours, [[(2 * 236 + 255) / 3], [177]])
    np.testing.assert_allclose(red.shares, [0.75, 0.25])


def test_a_colour_is_one_under_noise_and_rare_ones_are_none():
    rng = np.random.default_rng(0)
    pictures = drawn(LAND, WATER, n=30).astype(float)
    pictures = np.uint8(np.clip(
        pictures + 2 * rng.normal(size=pictures.shape), 0, 255
    ))
    pictures[0, 0, :10] = 0
    found = palette(pictures)
    assert len(found.shares) == 2 and found.shares.sum() > 0.99
    # Above 255 there is no noise.
    for colour in (LAND, WATER):
        near = np.abs(found.colours - colour).max(1).min()
        assert near < 1


def test_photographs_are_not_drawn():
    rng = np.random.default_rng(0)
    assert not palette(
        rng.integers(0, 256, (9, 20, 20, 3)).astype("uint8")
    ).drawn
    # Greys near each other are few colours by their share alone.
    ramp = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)
    assert palette(ramp).shares.sum() > 0.9 and not palette(ramp).drawn


def test_recall_is_by_colour_whatever_their_shares():
    colours = np.float32([LAND, WATER, PARK])
    truth = drawn(LAND, LAND, LAND, WATER)
    made = truth.copy()
    np.testing.assert_array_equal(
        colour_recall(made, truth, colours), [1, 1, np.nan]
    )
    # Water comes out as a park, but in one picture; shades do not matter.
    made[1:][(truth == WATER).all(3)[1:]] = PARK
    made[..., 0] -= 5
    np.testing.assert_allclose(
        colour_recall(made, truth, colours), [1, 0.25, np.nan]
    )
    everything_land = drawn(LAND)
    np.testing.assert_array_equal(
        colour_recall(everything_land, truth, colours), [1, 0, np.nan]
    )


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(2)
    truth = drawn(LAND, WATER, PARK, STREET, n=7)
    made = truth[..., rng.permutation(20), :]
    found, recalls = palette(truth), colour_recall(
        made, truth, np.float32([LAND, WATER, STREET])
    )
    monkeypatch.setattr(arrays, "_BLOCK", 2 * truth[0].size)
    again = palette(truth)
    np.testing.assert_allclose(again.colours, found.colours)
    np.testing.assert_array_equal(
        colour_recall(made, truth, np.float32([LAND, WATER, STREET])), recalls
    )


@pytest.mark.parametrize("made, colours, words", [
    (drawn(LAND, n=3), [LAND], "got 3 and 4 pictures"),
    (drawn(LAND), [[1.0]], "colours of 1"),
    (drawn(LAND), np.zeros((0, 3)), "colours must be"),
])
def test_bad_input_gives_one_line(made, colours, words):
    with pytest.raises(InputError, match=words) as error:
        colour_recall(made, drawn(LAND), np.float32(colours))
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="1 or 3 channels"):
        palette(drawn(LAND)[..., :2])
