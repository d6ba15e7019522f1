"""The built-in pictures."""

import zlib

import numpy as np
import pytest

from keras_gen import data
from keras_gen.data import pictures
from keras_gen.data.sources import geometry, reading, scenes, shapes

KINDS = {"images": ["image"], "labelled": ["image", "label"],
         "attributes": ["image", "label"], "pairs": ["input", "target"],
         "unpaired": ["a", "b"]}


def some(kind, split="train", size=32, channels=3, seed=0, rows=range(40)):
    dataset = data.load("shapes", kind, split, size, channels, seed)
    return dataset.take(np.array(rows))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channels, size", [(1, 16), (3, 16), (3, 50)])
def test_columns(kind, channels, size):
    for split, count in shapes.COUNTS.items():
        dataset = data.load("shapes", kind, split, size, channels)
        assert len(dataset) == count and list(dataset.columns) == KINDS[kind]
        assert dataset.unpaired == (kind == "unpaired")
        assert dataset.classes == shapes.NAMES.get(kind, ())
        for name, values in dataset.take([0, 5, 3]).items():
            if name == "label":
                assert values.dtype == np.int32 and len(values) == 3
                assert values.ndim == (2 if kind == "attributes" else 1)
            else:
                assert values.dtype == np.uint8
                assert values.shape == (3, size, size, channels)
                assert values.std() > 8


GOLDEN = {
    ("labelled", "train", 32, 3, 0): {
        "image": 3262096993,
        "label": 1653362118,
    },
    ("images", "test", 28, 1, 5): {
        "image": 4031190292,
    },
    ("pairs", "train", 64, 3, 0): {
        "input": 3869571372,
        "target": 2208636435,
    },
    ("unpaired", "test", 48, 1, 1099511627776): {
        "a": 3256106781,
        "b": 3417681105,
    },
}


@pytest.mark.parametrize("case", [
    ("labelled", "train", 32, 3, 0), ("images", "test", 28, 1, 5),
    ("pairs", "train", 64, 3, 0), ("unpaired", "test", 48, 1, 2**40),
], ids=str)
def test_same_bytes_everywhere(case):
    found = some(*case, rows=range(7, 17))
    sums = {name: zlib.crc32(values.astype("<i4").tobytes())
            for name, values in found.items()}
    assert sums == GOLDEN[case]


def test_pictures_do_not_depend_on_what_was_asked_before():
    for kind in ("labelled", "pairs"):
        one = data.load("shapes", kind, size=24)
        other = data.load("shapes", kind, size=24)
        other.take([900, 3, 3])
        first, second = one.take(range(40)), other.take(range(40)[::-1])
        for name in first:
            np.testing.assert_array_equal(first[name], second[name][::-1])


def test_too_large_for_memory_is_drawn_each_time(monkeypatch):
    kept = some("pairs")
    monkeypatch.setattr(pictures, "MEMORY_LIMIT", 1000)
    dataset = data.load("shapes", "pairs", size=32)
    assert dataset.columns["input"].kept is None
    for name, values in dataset.take(range(40)).items():
        np.testing.assert_array_equal(values, kept[name])


def test_seeds_and_splits_differ():
    for kind in ("labelled", "pairs", "unpaired"):
        name = KINDS[kind][0]
        first = some(kind)[name]
        assert not np.array_equal(first, some(kind, "test")[name])
        assert not np.array_equal(first, some(kind, seed=1)[name])


def test_attributes_are_what_the_pictures_show():
    found = some("attributes", rows=range(300), size=32)
    mask = reading.foreground(found["image"])
    across = np.linspace(-1, 1, 32)
    seen = np.stack([
        (mask.sum(1) * across).sum(1) < 0,
        (mask.sum(2) * across).sum(1) < 0,
        found["label"][:, 2],  # areas depend on the class too
    ], 1)
    # Those in the very middle may be taken for either.
    assert (seen == found["label"]).mean(0).min() > 0.95
    large = found["label"][:, 2] == 1
    assert mask[large].sum((1, 2)).mean() > (
        1.3 * mask[~large].sum((1, 2)).mean()
    )
    shares = some("attributes", rows=range(2000), size=16)["label"].mean(0)
    assert (abs(shares - 0.5) < 0.05).all()


def test_classes_are_balanced():
    labels = data.load("shapes", "labelled", size=16).columns["label"]
    counts = np.bincount(labels, minlength=6)
    assert counts.max() - counts.min() <= 1
    assert np.bincount(labels[:600], minlength=6).tolist() == [100] * 6


@pytest.mark.parametrize("kind", range(6))
def test_drawn_area_and_centre(kind):
    """What `classify` takes for granted of each shape."""
    alpha = geometry.templates(
        np.array([kind]), [0.5], [0.5], [0.3], 200
    )[0].astype(float)
    area = geometry.AREAS[kind] * 0.3**2
    assert alpha.sum() / 200**2 == pytest.approx(area, rel=0.01)
    across = (np.arange(200) + 0.5) / 200
    assert (alpha.sum(0) @ across) / alpha.sum() == pytest.approx(0.5, 1e-3)
    assert (alpha.sum(1) @ across) / alpha.sum() == pytest.approx(0.5, 1e-2)
    used = np.flatnonzero(alpha.sum(0) + alpha.sum(1))
    assert (used[-1] - 99.5) / 200 <= geometry.REACH * 0.3 + 0.005


def test_edges_are_antialiased():
    """A small drawing is the mean of a large one."""
    arguments = (np.arange(6), [0.5] * 6, [0.47] * 6, [0.3] * 6)
    small = geometry.templates(*arguments, 32)
    large = geometry.templates(*arguments, 32 * 8)
    mean = large.reshape(6, 32, 8, 32, 8).mean((2, 4))
    assert np.abs(small - mean).max() < 0.3
    assert np.abs(small - mean).mean() < 0.004


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [28, 32, 64])
def test_classifier(size, channels):
    found = some("labelled", "test", size, channels, rows=range(1200))
    images, labels = found["image"], found["label"]
    assert (shapes.classify(images) == labels).mean() >= 0.995
    noise = np.random.default_rng(0).normal(0, 12, images.shape)
    noisy = np.clip(images + noise, 0, 255).astype(np.uint8)
    assert (shapes.classify(noisy) == labels).mean() >= 0.97
    small = images[::6].astype(float)
    blurred = sum(
        np.roll(small, (y, x), (1, 2)) for y in (-1, 0, 1) for x in (-1, 0, 1)
    ) / 9
    right = shapes.classify(blurred.astype(np.uint8)) == labels[::6]
    assert right.mean() >= 0.97


def test_classifier_on_nothing():
    assert shapes.classify(np.zeros((0, 32, 32, 3), np.uint8)).shape == (0,)
    flat = np.full((2, 32, 32, 3), 40, np.uint8)
    assert shapes.classify(flat).shape == (2,)


def test_label_maps_are_flat_and_pairs_are_aligned():
    found = some("pairs", size=64, rows=range(60))
    flat = found["input"].reshape(-1, 3)
    palette = (np.vstack([scenes._LABELS, scenes._LABEL_GROUND]) * 255 + 0.5)
    palette = palette.astype(int)
    apart = np.abs(flat[:, None].astype(int) - palette).max(-1)
    assert (apart.min(1) == 0).mean() > 0.93  # the rest are edges
    assert set(apart.argmin(1)[apart.min(1) == 0]) == set(range(7))
    # Away from shapes and shadows the picture is bright paper.
    ground = (apart[:, 6] == 0).reshape(60, 64, 64)
    bright = (found["target"].min(-1) > 180)
    assert bright[ground].mean() > 0.85
    inside = ~ground
    assert bright[inside].mean() < 0.2


def test_target_is_a_function_of_the_label_map():
    """The same class gets the same look: the mean colour under each label
    hardly differs between scenes."""
    found = some("pairs", size=64, rows=range(200))
    palette = (np.stack(scenes._LABELS) * 255 + 0.5).astype(int)
    means = []
    for colour in palette:
        mask = (found["input"] == colour).all(-1)
        rows = np.flatnonzero(mask.sum((1, 2)) > 60)
        assert len(rows) > 20
        each = np.array([found["target"][i][mask[i]].mean(0) for i in rows])
        assert each.std(0).max() < 12
        means.append(each.mean(0))
    gaps = [np.abs(a - b).max() for i, a in enumerate(means)
            for b in means[:i]]
    assert min(gaps) > 20


def test_label_maps_can_be_told_apart_in_grey():
    found = some("pairs", size=64, channels=1, rows=range(200))["input"]
    common = np.bincount(found.ravel(), minlength=256)
    levels = np.flatnonzero(common > found.size * 0.005)
    assert len(levels) == 7 and np.diff(levels).min() > 15


def test_scenes_have_two_to_four_shapes_that_do_not_touch():
    for name in ("input", "a"):
        scene = scenes.sample("train", 8192, 0, name)
        count = scene["present"].sum(1)
        assert count.min() == 2 and count.max() == 4
        assert (np.bincount(count)[2:] > 1200).all()
        for i in range(4):
            for j in range(i):
                apart = np.hypot(scene["x"][:, i] - scene["x"][:, j],
                                 scene["y"][:, i] - scene["y"][:, j])
                both = scene["present"][:, i] & scene["present"][:, j]
                reach = scene["radius"][:, i] + scene["radius"][:, j]
                assert (apart > reach)[both].all()


def test_windows_do_not_cut_what_is_painted(monkeypatch):
    near = some("pairs", size=48), some("unpaired", size=48)
    monkeypatch.setattr(scenes, "_AROUND", 0.4)
    # Only the glow depends on this number itself.
    wide = some("pairs", size=48), some("unpaired", size=48)
    np.testing.assert_array_equal(near[0]["target"], wide[0]["target"])
    np.testing.assert_array_equal(near[1]["a"], wide[1]["a"])


def test_unpaired_truth():
    a, b = shapes.looks("test", 30, 32)
    found = some("unpaired", "test", rows=range(30))
    np.testing.assert_array_equal(a, found["a"])
    np.testing.assert_array_equal(b, found["b"])
    a, b = shapes.looks("train", 30, 32)
    found = some("unpaired", rows=range(30))
    np.testing.assert_array_equal(a, found["a"])
    assert not np.array_equal(b, found["b"])


def test_unpaired_training_scenes_are_disjoint():
    a, b = (scenes.sample("train", 8192, 0, name) for name in "ab")
    keys = [set(map(bytes, np.ascontiguousarray(
        np.stack([s["x"], s["y"]], -1)))) for s in (a, b)]
    assert len(keys[0]) == len(keys[1]) == 8192
    assert not keys[0] & keys[1]


def test_unpaired_classes_are_told_apart_by_how_often_they_are_seen():
    scene = scenes.sample("train", 8192, 0, "b")
    counts = np.bincount(scene["kind"][scene["present"]], minlength=6)
    assert (np.diff(counts) < -0.15 * counts[:-1]).all()
    a, b = shapes.looks("train", 40, 48)
    assert a.mean() - b.mean() > 80


def test_pairs_in_the_other_direction():
    there = some("pairs")
    back = data.load("shapes", "pairs", size=32, direction="BtoA")
    back = back.take(range(40))
    np.testing.assert_array_equal(there["input"], back["target"])
    np.testing.assert_array_equal(there["target"], back["input"])
