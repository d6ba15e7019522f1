"""Inputs that are made of the targets."""

import numpy as np
import pytest
from PIL import Image

from check import BACKEND
from keras_gen import data
from keras_gen.data import derived
from keras_gen.errors import InputError


def pictures(n=3, height=16, width=24, channels=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, height, width, channels), np.uint8)


@pytest.mark.parametrize("name", derived.names())
@pytest.mark.parametrize("channels", [1, 3])
def test_shapes(name, channels):
    given = pictures(channels=channels)
    before = given.copy()
    made = derived.apply(name, given)
    assert made.dtype == np.uint8
    assert made.shape == (3, *derived.shape(name, (16, 24, channels)))
    np.testing.assert_array_equal(given, before)
    # Each picture on its own, whatever it comes with.
    np.testing.assert_array_equal(derived.apply(name, given[1:2]), made[1:2])


def test_grey_is_what_is_read_with_one_channel():
    given = pictures()
    for one, made in zip(given, derived.apply("grey", given)):
        np.testing.assert_array_equal(
            np.asarray(Image.fromarray(one).convert("L")), made[..., 0]
        )


def test_edges():
    step = np.zeros((1, 8, 8, 1), np.uint8)
    step[:, :, 4:] = 255
    made = derived.apply("edges", step)[0, ..., 0]
    assert (made[:, 3:5] == 255).all()
    assert not made[:, :3].any() and not made[:, 5:].any()
    np.testing.assert_array_equal(
        derived.apply("edges", step.swapaxes(1, 2))[0, ..., 0], made.T
    )
    # A slope of 10 a pixel, also across: 20 / 255 of a full step's 4 * 255.
    ramp = np.broadcast_to(10 * np.arange(8, dtype=np.uint8), (1, 8, 8))
    inner = derived.apply("edges", ramp[..., None])[0, 1:-1, 1:-1, 0]
    assert (inner == 20).all()
    assert not derived.apply("edges", np.full_like(step, 77)).any()


def test_quarter_does_not_alias():
    board = (np.indices((64, 32)).sum(0) % 2 * 255).astype(np.uint8)
    made = derived.apply("quarter", board[None, ..., None])
    assert made.shape == (1, 16, 8, 1)
    assert np.abs(made.astype(int) - 127).max() <= 4
    flat = np.full((1, 8, 8, 3), 201, np.uint8)
    assert (derived.apply("quarter", flat) == 201).all()


@pytest.mark.parametrize("name", derived.names())
def test_batches_and_take_make_it_of_what_they_show(name, tmp_path):
    """After flips and crops, with one function."""
    np.savez(tmp_path / "a.npz", x=pictures(40, 30, 30))
    dataset = data.load(
        tmp_path / "a.npz", "pairs", size=[16, 24], crop=3, input=name
    )
    assert list(dataset.take([0])) == ["input", "target"]
    assert list(dataset.types) == ["target", "input"]
    batches = dataset.batches(6, 5, flip=True)
    targets = []
    for item in [batches[i] for i in range(5)] + [dataset.take([3, 1])]:
        assert item["target"].shape[1:] == (16, 24, 3)
        np.testing.assert_array_equal(
            derived.apply(name, item["target"]), item["input"]
        )
        targets.append(item["target"])
    plain = data.load(tmp_path / "a.npz", "images", size=[16, 24], crop=3)
    for item, target in zip(
        plain.batches(6, 5, flip=True), targets
    ):
        np.testing.assert_array_equal(item["image"], target)
    if BACKEND == "tensorflow":
        for i, item in enumerate(batches.tf_data().as_numpy_iterator()):
            assert list(item) == ["input", "target"]
            for column in item:
                np.testing.assert_array_equal(
                    item[column], batches[i][column]
                )


def test_of_every_source_of_pictures(packs):
    path = packs.write({f"{i}.png": packs.png(i) for i in range(20)})
    dataset = packs.load(path, "pairs", input="quarter")
    assert packs.values(dataset, "input") == packs.values(dataset, "target")
    assert dataset.take([0])["input"].shape == (1, 2, 2, 1)
    assert dataset.summary().endswith("pairs, 2x2x1 to 8x8x1 from 16x16")
    assert data.properties(path, "pairs", input="grey") == (1, ())
    shapes = data.load("shapes", "pairs", size=32, input="quarter")
    np.testing.assert_array_equal(
        shapes.take([5])["target"],
        data.load("shapes", "images", size=32).take([5])["image"],
    )


def test_refusals():
    for changes, message in [
        (dict(input="sepia"), "input is 'sepia'; give one of 'grey', "),
        (dict(input="quarter", size=30), "multiple of 4, not 30 x 30"),
        (dict(input="grey", direction="AtoB"), "leave out one of them"),
        (dict(input="grey", kind="images"), "'images' does not take input"),
    ]:
        with pytest.raises(InputError, match=message):
            data.load(**dict(source="shapes", kind="pairs") | changes)
    with pytest.raises(InputError, match="input is 'x'; give one of 'grey'"):
        derived.apply("x", pictures())
