"""Layouts, the same in a folder and in a .zip."""

import numpy as np
import pytest

from keras_gen.data.sources import cuts
from keras_gen.errors import InputError


def test_flat_holds_out_a_tenth_by_name(packs):
    path = packs.write({f"{i:03}.png": packs.png(i) for i in range(200)})
    train = packs.values(packs.load(path, "images"))
    back = packs.values(packs.load(path, "images", "validation"))
    test = packs.values(packs.load(path, "images", "test"))
    assert sorted(train + back + test) == list(range(200))
    assert 8 <= len(test) <= 32
    known = cuts.held_out([f"{i:03}" for i in range(200)])
    assert {f"{i:03}" for i in test} == known


def test_hold_out_does_not_move_when_files_are_added():
    few = [f"a{i}" for i in range(100)]
    more = few + [f"b{i}" for i in range(100)]
    assert cuts.held_out(few) == cuts.held_out(more) & set(few)
    # Stored, so that a change of the hash is noticed.
    assert sorted(cuts.held_out(few))[:4] == GOLDEN_HELD_OUT
    for count in range(2, 12):
        assert 0 < len(cuts.held_out(few[:count])) < count


GOLDEN_HELD_OUT = ["a14", "a20", "a22", "a27"]


def test_hidden_and_other_files_do_not_count(packs):
    path = packs.write({
        "a.png": packs.png(1), "b.PNG": packs.png(2),
        "c.png": packs.png(3), "sub/d.png": packs.png(4),
        "notes.txt": b"x", ".hidden.png": b"x", "__MACOSX/a.png": b"x",
    })
    both = [packs.load(path, "images", split) for split in ("train", "test")]
    values = packs.values(both[0]) + packs.values(both[1])
    assert sorted(values) == [1, 2, 3, 4]
    assert not both[0].skipped


def test_splits(packs):
    files = {f"train/{i}.png": packs.png(i) for i in range(30)}
    files |= {f"val/{i}.png": packs.png(100 + i) for i in range(3)}
    path = packs.write(files)
    assert sorted(packs.values(packs.load(path, "images"))) == list(range(30))
    assert packs.values(packs.load(path, "images", "test")) == [100, 101, 102]


def test_test_folder_goes_before_val(packs):
    path = packs.write({
        "train/0.png": packs.png(0), "val/0.png": packs.png(1),
        "test/0.png": packs.png(2),
    })
    assert packs.values(packs.load(path, "images", "test")) == [2]


def test_only_test_pictures(packs):
    path = packs.write({f"test/{i}.png": packs.png(i) for i in range(2)})
    with pytest.raises(InputError, match="no train pictures.*train/"):
        packs.load(path, "images")


def test_classes_in_sorted_order(packs):
    names = ["zebra", "ape", "cat"]
    path = packs.write({
        f"{name}/{i}.png": packs.png(10 * k + i)
        for k, name in enumerate(names) for i in range(8)
    })
    found = {}
    for split in ("train", "test"):
        dataset = packs.load(path, "labelled", split)
        assert dataset.classes == ("ape", "cat", "zebra")
        labels = dataset.take(np.arange(len(dataset)))["label"]
        assert labels.dtype == np.int32
        for value, label in zip(packs.values(dataset), labels):
            found[value] = dataset.classes[label]
    assert found == {
        10 * k + i: name for k, name in enumerate(names) for i in range(8)
    }


def test_classes_agree_between_splits(packs):
    path = packs.write({
        "train/b/0.png": packs.png(1), "train/c/0.png": packs.png(2),
        "test/a/0.png": packs.png(3), "test/c/0.png": packs.png(4),
    })
    test = packs.load(path, "labelled", "test")
    assert test.classes == ("a", "b", "c")
    assert test.take([0, 1])["label"].tolist() == [0, 2]
    train = packs.load(path, "labelled")
    assert train.take([0, 1])["label"].tolist() == [1, 2]


def test_labelled_needs_class_folders(packs):
    path = packs.write({
        "a.png": packs.png(1), "b.png": packs.png(2), "c/d.png": packs.png(3),
    })
    with pytest.raises(InputError, match="2 pictures outside.*a.png"):
        packs.load(path, "labelled")


@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_side_by_side(packs, direction):
    path = packs.write({
        f"train/{i}.png": packs.png((i, 100 + i), 32, 16) for i in range(30)
    } | {"test/0.png": packs.png((7, 9), 33, 16)})
    train = packs.load(path, "pairs", direction=direction)
    first, second = packs.values(train, "input"), packs.values(train, "target")
    if direction == "BtoA":
        first, second = second, first
    assert sorted(first) == list(range(30))
    assert second == [100 + value for value in first]
    assert not train.unpaired


def test_halves_do_not_bleed_into_each_other(packs):
    path = packs.write({
        f"{split}/0.png": packs.png((0, 255), 128, 64) for split in
        ("train", "test")
    })
    pair = packs.load(path, "pairs").take([0])
    assert (pair["input"] == 0).all() and (pair["target"] == 255).all()


def test_pairs_of_another_shape(packs):
    path = packs.write({
        f"{i}.png": packs.png(0, width, 16)
        for i, width in enumerate([32, 40, 32])
    })
    message = ""
    for split in ("train", "test"):
        try:
            packs.load(path, "pairs", split)
        except InputError as error:
            message = str(error)
    assert "1.png is 40x16" in message and "twice as wide" in message


@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_pairs_by_name(packs, direction):
    files = {f"trainA/{i}.png": packs.png(i) for i in range(20)}
    greys = [np.full((16, 16), 100 + i, np.uint8) for i in range(20)]
    files |= {
        f"trainB/{i}.jpg": packs.encode(grey, "JPEG")
        for i, grey in enumerate(greys)
    }
    path = packs.write(files)
    seen = []
    for split in ("train", "test"):
        dataset = packs.load(path, "pairs", split, direction=direction)
        a, b = packs.values(dataset, "input"), packs.values(dataset, "target")
        if direction == "BtoA":
            a, b = b, a
        assert b == [100 + value for value in a]
        seen += a
    assert sorted(seen) == list(range(20))


def test_pairs_with_missing_partners(packs):
    files = {f"trainA/{i}.png": packs.png(i) for i in range(8)}
    files |= {f"trainB/{i}.png": packs.png(i) for i in (0, 6, 7, 9)}
    files |= {f"test{s}/{i}.png": packs.png(0) for s in "AB" for i in range(2)}
    with pytest.raises(InputError) as caught:
        packs.load(packs.write(files), "pairs")
    message = str(caught.value)
    assert "missing in trainB/: 1, 2, 3 and 2 more" in message
    assert "missing in trainA/: 9" in message
    assert "\n" not in message


def test_unpaired(packs):
    files = {f"trainA/{i}.png": packs.png(i) for i in range(5)}
    files |= {f"trainB/{i}.png": packs.png(100 + i) for i in range(3)}
    files |= {f"test{s}/0.png": packs.png(50) for s in "AB"}
    dataset = packs.load(packs.write(files), "unpaired")
    assert dataset.unpaired and len(dataset) == 5
    assert packs.values(dataset, "a") == [0, 1, 2, 3, 4]
    assert packs.values(dataset, "b") == [100, 101, 102, 100, 101]
    assert dataset.summary() == "5 a + 3 b pictures, unpaired, 8x8x1 from 16x16"


def test_wrong_kinds_say_what_was_found(packs):
    path = packs.write({
        f"train{side}/{i}.png": packs.png(i) for side in "AB" for i in range(3)
    })
    with pytest.raises(InputError, match="found trainA trainB"):
        packs.load(path, "images")


def test_unpaired_needs_two_folders(packs):
    path = packs.write({
        "trainA/0.png": packs.png(0), "cats/0.png": packs.png(0),
    })
    with pytest.raises(InputError, match="trainA/ and trainB/.*found cats/"):
        packs.load(path, "unpaired")
