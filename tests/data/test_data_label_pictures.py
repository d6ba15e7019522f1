"""Pairs whose inputs are pictures of labels: `data.labels`."""

import io

import numpy as np
import pytest
from PIL import Image

from keras_gen import data
from keras_gen.arrays import colours
from keras_gen.data.reading import Reading
from keras_gen.errors import InputError

COLOURS = [[0, 0, 222], [0, 128, 255], [255, 80, 0], [175, 0, 0]]
TABLE = colours.colours(COLOURS, "labels")
COUNT = 12


def blocks(count=COUNT, height=48, width=48, block=8, seed=0):
    """Labels (count, height, width), the same in each block."""
    rng = np.random.default_rng(seed)
    shape = count, height // block, width // block
    ids = rng.integers(0, len(COLOURS), shape)
    return ids.repeat(block, 1).repeat(block, 2)


def photographs(shape, seed=1):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (*shape, 3), np.uint8)


def folder(path, ids, **options):
    """Photograph and labels side by side, as a JPEG of each pair."""
    path.mkdir()
    painted = colours.painted(ids, TABLE)
    smooth = np.full_like(painted, 90)
    for number, pair in enumerate(zip(smooth, painted)):
        Image.fromarray(np.concatenate(pair, 1)).save(
            path / f"{number:02}.jpg", **options
        )
    return str(path)


def arrays(path, inputs):
    """An .npz of pairs, the same for training and test."""
    targets = photographs(inputs.shape[:3])
    parts = {"input": inputs.astype(np.uint8), "target": targets}
    np.savez(path / "x.npz", **{
        f"{name}_{split}": part for name, part in parts.items()
        for split in ("train", "test")
    })
    return path / "x.npz"


def inputs(source, **arguments):
    """As they are kept, with room for crops."""
    found = data.load(source, "pairs", **arguments)
    assert len(found) == COUNT
    return found.columns["input"][np.arange(COUNT)]


def ids_of(pictures):
    return np.stack([colours.nearest(each, TABLE)[0] for each in pictures])


def colours_in(pictures):
    return {tuple(c) for c in pictures.reshape(-1, pictures.shape[-1])}


def taken(source, **arguments):
    found = data.load(source, "pairs", **{"direction": "BtoA", **arguments})
    return found.take(np.arange(len(found)))


def test_what_jpeg_made_of_colours_is_undone(tmp_path):
    ids = blocks()
    source = folder(tmp_path / "x", ids, quality=60, subsampling=2)
    blurred = taken(source, size=48)
    found = taken(source, size=48, labels=COLOURS)
    assert len(colours_in(blurred["input"])) > 100
    assert colours_in(found["input"]) <= set(TABLE)
    # Some are held out for the test: each is compared with its own.
    wrong = [
        min((one != each).mean() for each in ids)
        for one in ids_of(found["input"])
    ]
    assert len(wrong) > 8 and np.mean(wrong) < 0.05
    # The targets are as without.
    np.testing.assert_array_equal(found["target"], blurred["target"])


@pytest.mark.parametrize("size, crop", [
    ([24, 24], 0), ([36, 36], 0), ([60, 60], 0), ([72, 72], 4),
])
def test_labels_are_scaled_without_mixing_any(size, crop, tmp_path):
    """Half way between two colours could be a third one."""
    ids = blocks(block=4)
    source = arrays(tmp_path, colours.painted(ids, TABLE))
    found = inputs(source, size=size, crop=crop, labels=COLOURS)
    side = size[0] + crop
    assert found.shape[1:] == (side, side, 3)
    assert colours_in(found) <= set(TABLE)
    # That of the place where the middle of each pixel was.
    place = ((np.arange(side) + 0.5) * 48 / side).astype(int)
    np.testing.assert_array_equal(ids_of(found), ids[:, place][:, :, place])
    mixed = inputs(source, size=size, crop=crop)
    assert not colours_in(mixed) <= set(TABLE)


def test_arrays_of_the_right_size_are_cleaned_too(tmp_path):
    ids = blocks()
    noise = np.random.default_rng(3).integers(-9, 10, (*ids.shape, 3))
    dirty = np.clip(colours.painted(ids, TABLE) + noise, 0, 255)
    found = inputs(arrays(tmp_path, dirty), size=48, labels=COLOURS)
    np.testing.assert_array_equal(found, colours.painted(ids, TABLE))


def test_grey_numbers_are_colours_of_one_channel(tmp_path):
    ids = blocks()
    found = inputs(
        arrays(tmp_path, ids[..., None]), size=24, channels=[1, 3],
        labels=[[0], [1], [2], [3]],
    )
    np.testing.assert_array_equal(found[..., 0], ids[:, 1::2, 1::2])


def test_pictures_of_other_colours_are_refused(tmp_path):
    other = np.full((COUNT, 48, 48, 3), (70, 140, 35))
    with pytest.raises(InputError, match=r"100% .* as \[70, 140, 35\]; give"):
        inputs(arrays(tmp_path, other), size=48, labels=COLOURS)


def test_one_file_of_other_colours_has_its_place_taken(tmp_path, capsys):
    ids = blocks(block=24)
    source = folder(tmp_path / "x", ids, quality=100, subsampling=0)
    Image.new("RGB", (96, 48), (70, 140, 35)).save(tmp_path / "x" / "04.jpg")
    clean = {tuple(one.ravel()) for one in ids}
    found = ids_of(taken(source, size=48, labels=COLOURS)["input"])
    assert {tuple(one.ravel()) for one in found} <= clean
    told = [x for x in capsys.readouterr().err.splitlines() if "04.jpg" in x]
    assert len(told) == 1 and "give labels" in told[0]


def test_whether_a_source_shows_labels(tmp_path):
    ids = blocks()
    source = folder(tmp_path / "x", ids, quality=75)
    arguments = {"kind": "pairs", "direction": "BtoA", "size": 32}
    assert data.shows_labels(source, labels=COLOURS, **arguments)
    others = [[90, 200, 10], [200, 200, 200]]
    assert not data.shows_labels(source, labels=others, **arguments)
    # The other side is grey.
    arguments["direction"] = "AtoB"
    assert not data.shows_labels(source, labels=COLOURS, **arguments)
    with pytest.raises(InputError, match="does not take labels"):
        data.shows_labels(source, "images", COLOURS)


@pytest.mark.parametrize("arguments, message", [
    ({"labels": [[1, 2, 3]]}, "labels must be a list of two or more"),
    ({"labels": [[0], [1]]}, "labels has colours of 1 numbers"),
    ({"labels": COLOURS, "channels": [1, 3]}, "and channels says 1"),
    ({"labels": COLOURS, "input": "grey"}, "leave out input, range"),
    ({"labels": COLOURS, "bits": 16}, "leave out input, range and bits"),
    ({"labels": COLOURS, "range": [0, 9]}, "leave out input, range and bi"),
    ({"labels": COLOURS}, "what is built in has its colours alone"),
])
def test_what_does_not_go_with_labels(arguments, message):
    with pytest.raises(InputError, match=message) as error:
        data.load("shapes", "pairs", **{"size": 16, **arguments})
    assert "\n" not in str(error.value)


def test_none_is_an_empty_list():
    data.load("shapes", "pairs", size=16, labels=[])


def test_a_picture_to_translate_is_read_alike_and_never_refused():
    """On the command line: scaled to a short side, or as it is."""
    ids = blocks(1)[0]
    content = io.BytesIO()
    Image.fromarray(colours.painted(ids, TABLE)).save(content, "PNG")
    reading = Reading(labels=TABLE)
    opened = reading.opened(content.getvalue())
    np.testing.assert_array_equal(
        reading.scaled(opened, None), colours.painted(ids, TABLE)
    )
    half = reading.scaled(opened, 24)
    np.testing.assert_array_equal(
        half, colours.painted(ids[1::2, 1::2], TABLE)
    )
    other = Image.new("RGB", (30, 30), (70, 140, 35))
    assert colours_in(reading.scaled(other, 10)) <= set(TABLE)
