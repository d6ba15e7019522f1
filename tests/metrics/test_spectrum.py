"""Power by period against what sums of squares say."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics import arrays, grid_power

HEIGHT, WIDTH = 24, 32


def grey(values):
    """Levels (height, width) about 128 as a picture."""
    return np.round(128 + np.asarray(values)).astype("uint8")[None, ..., None]


def along(period, width=WIDTH):
    """Which column of its period each column is."""
    return np.tile(np.arange(width) % period, (HEIGHT, 1))


def variance(picture):
    return picture.astype(float).var()


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, "uint8")


def test_a_checkerboard_has_all_its_power_at_two_pixels():
    rows, columns = np.indices((HEIGHT, WIDTH))
    for board in ((rows + columns) % 2, rows % 2, columns % 2):
        picture = grey(60 * board - 30)
        assert grid_power(picture) == pytest.approx(900)
        assert grid_power(picture, 4) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("period", (3, 4, 8))
def test_a_wave_has_all_its_power_at_its_period(period):
    wave = 50 * np.cos(2 * np.pi * along(period, 24) / period)
    picture = grey(wave)
    for seen in (picture, picture.swapaxes(1, 2)):
        assert grid_power(seen, period) == pytest.approx(
            variance(picture), rel=1e-3
        )
        assert grid_power(seen, 2) < 1e-3 * variance(picture)


def test_a_pattern_of_four_pixels_is_divided_among_its_waves():
    # (a, b, c, d) repeated: ((a - c)^2 + (b - d)^2) / 8 turns once in four
    # pixels, (a - b + c - d)^2 / 16 twice.
    a, b, c, d = levels = np.array([10, -40, 30, 70])
    picture = grey(levels[along(4)])
    once = ((a - c) ** 2 + (b - d) ** 2) / 8
    twice = (a - b + c - d) ** 2 / 16
    assert grid_power(picture, 4) == pytest.approx(once)
    assert grid_power(picture, 2) == pytest.approx(twice)
    assert once + twice == pytest.approx(variance(picture))


def test_the_strength_of_a_grid_may_change_along_the_other_axis():
    rows, columns = np.indices((HEIGHT, WIDTH))
    picture = grey(rows * (2 * (columns % 2) - 1))
    assert grid_power(picture) == pytest.approx(np.mean(rows**2), rel=1e-3)


def test_a_smooth_picture_has_little():
    down, across = np.mgrid[-1:1:64j, -1:1:64j]
    for smooth in (60 * np.exp(-3 * (down**2 + across**2)), 60 * across):
        picture = grey(smooth)
        for period in (2, 4):
            assert grid_power(picture, period) < 4e-3 * variance(picture)


def test_pixels_of_noise_have_their_share_of_the_frequencies():
    pictures = noise(40, HEIGHT, WIDTH, 1)
    lines = 1 / HEIGHT + 1 / WIDTH - 1 / (HEIGHT * WIDTH)
    assert grid_power(pictures, 2) == pytest.approx(
        lines * variance(pictures), rel=0.1
    )


def test_what_is_beyond_whole_periods_does_not_count():
    picture = noise(1, HEIGHT, WIDTH, 1)
    wider = np.concatenate([picture, noise(1, HEIGHT, 3, 1, seed=1)], 2)
    assert grid_power(wider, 4) == grid_power(picture, 4)


def test_colours_are_seen_as_their_brightness():
    picture = noise(2, HEIGHT, WIDTH, 1)
    repeated = np.repeat(picture, 3, 3)
    assert grid_power(repeated) == pytest.approx(grid_power(picture))
    green = repeated * np.array([0, 1, 0], "uint8")
    assert grid_power(green) == pytest.approx(0.587**2 * grid_power(picture))


def test_blocks_change_nothing(monkeypatch):
    pictures = noise(7, HEIGHT, WIDTH, 3)
    whole = grid_power(pictures, 4)
    monkeypatch.setattr(arrays, "_BLOCK", 2 * pictures[0].size)
    assert grid_power(pictures, 4) == pytest.approx(whole)
    each = [grid_power(one[None], 4) for one in pictures]
    assert whole == pytest.approx(np.mean(each))


@pytest.mark.parametrize("shape, period, message", [
    ((2, 8, 8, 3), 1, "at least 2 pixels, not 1"),
    ((2, 8, 8, 3), -4, "at least 2 pixels, not -4"),
    ((2, 8, 5, 3), 6, "at least 6 x 6 pixels"),
    ((2, 8, 8, 2), 2, "1 or 3 channels, got 8 x 8 x 2"),
])
def test_bad_input_gives_one_line(shape, period, message):
    with pytest.raises(InputError, match=message) as error:
        grid_power(noise(*shape), period)
    assert "\n" not in str(error.value)
