"""Pictures that have moved, and how far."""

import numpy as np
import pytest
from scipy import ndimage

from keras_gen.errors import InputError
from keras_gen.metrics import arrays, displacement


def blobs(n=6, height=40, width=48, seed=0):
    """Soft spots of several colours, on a margin that can be cut off."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=(n, height + 20, width + 20, 3))
    smooth = ndimage.gaussian_filter(noise, (0, 2, 2, 0))
    return np.uint8(np.clip(128 + 60 * smooth / smooth.std(), 0, 255))


def shown(world, down=0, right=0):
    """The middle of a world that has moved: what comes in is not what went
    out on the other side."""
    _, height, width, _ = world.shape
    return world[:, 10 - down:height - 10 - down, 10 - right:width - 10 - right]


@pytest.mark.parametrize("down, right", [
    (0, 0), (2, 0), (0, -2), (-3, 1), (5, -5),
])
def test_pictures_that_moved_are_found_where_they_are(down, right):
    world = blobs()
    found = displacement(shown(world, down, right), shown(world))
    assert (found.down, found.right) == (down, right)
    assert found.correlation == pytest.approx(1)
    assert found.pixels == pytest.approx(np.hypot(down, right))


def test_it_is_found_under_other_colours_noise_and_fixed_patterns():
    """As a translator's, whose transposed convolutions leave a grid."""
    world = blobs(30)
    made = 200 - 0.4 * shown(world, 2, -1)
    truth = shown(world)
    assert displacement(made, 255 - truth)[:2] == (2, -1)
    rng = np.random.default_rng(1)
    made = made + 25 * rng.normal(size=made.shape)
    grid = np.zeros(made.shape[1:])
    grid[::4, ::4] = 40
    found = displacement(
        np.uint8(np.clip(made + grid, 0, 255)), np.uint8(
            np.clip(255.0 - truth + grid, 0, 255)
        )
    )
    assert found[:2] == (2, -1) and 0.2 < found.correlation < 0.9


def test_it_is_the_correlation_of_what_lies_there():
    """By hand: the truth's middle against the pictures, one displacement
    after the other."""
    made, truth = blobs(3, 4, 8)[..., :1], blobs(3, 4, 8, seed=1)[..., :1]
    margin = 3
    assert made.shape[1:3] == (24, 28)

    def correlation(i, j):
        a = truth[:, 3:-3, 3:-3].astype(float)
        b = made[:, 3 + i:21 + i, 3 + j:25 + j].astype(float)
        a, b = (x - x.mean((1, 2), keepdims=True) for x in (a, b))
        return (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())

    best = max(
        (correlation(i, j), i, j) for i in range(-margin, margin + 1)
        for j in range(-margin, margin + 1)
    )
    found = displacement(made, truth)
    assert (found.down, found.right) == best[1:]
    assert found.correlation == pytest.approx(best[0])


def test_blocks_change_nothing_and_flat_pictures_do_not_count(monkeypatch):
    world = blobs(7)
    made, truth = shown(world, 1, 2).copy(), shown(world).copy()
    made[2] = truth[4] = 77
    whole = displacement(made, truth)
    assert whole[:2] == (1, 2)
    monkeypatch.setattr(arrays, "_BLOCK", 2 * made[0].size)
    assert displacement(made, truth) == pytest.approx(whole)


def test_bad_input_gives_one_line():
    pictures = shown(blobs(2))
    flat = np.full_like(pictures, 9)
    for made, truth, words in (
        (pictures, pictures[:1], "got 2 and 1"), (flat, pictures, "flat"),
        (pictures, flat, "flat"),
        (pictures[:, :7], pictures[:, :7], "at least 8 x 8"),
        (pictures, pictures[:, :9], "resize them alike"),
    ):
        with pytest.raises(InputError, match=words) as error:
            displacement(made, truth)
        assert "\n" not in str(error.value)
