"""Folders as people have them: splits under many names, classes, and what
lies beside."""

import itertools
import os

import numpy as np
import pytest

from keras_gen.data import account
from keras_gen.data.sources import cuts, splits
from keras_gen.errors import InputError

TRAIN = [
    "train", "Train", "TRAIN", "training", "Training", "TRAINING",
    "training_set", "Training Set", "train-images", "TrainingData",
    "train2017", "trn",
]
TEST = [
    "test", "Test", "TESTING", "testing", "test_set", "testset", "Test Data",
    "val", "Val", "valid", "validation", "Validation", "VALIDATION_SET",
    "eval", "Evaluation", "dev", "val2017", "holdout",
]
# Every name once on either side.
NAMES = [*zip(TRAIN, TEST), *zip(itertools.cycle(TRAIN), TEST[len(TRAIN):]),
         ("seg_train", "seg_test"), ("cars_Train", "cars_val")]
CLASSES = ("ape", "bee")


def both(packs, path, kind="labelled", **options):
    """The Datasets of train and test."""
    return [packs.load(path, kind, split, **options)
            for split in ("train", "test")]


def told(packs, path, kind="images"):
    """What is told of a source."""
    train, test = both(packs, path, kind)
    return "\n".join(account.told(train, [test]))


@pytest.mark.parametrize("train, test", NAMES)
@pytest.mark.parametrize("inside", ["{split}/{name}", "{name}/{split}"])
def test_splits_under_their_names(folder, train, test, inside):
    path = folder.write({
        f"{inside.format(split=split, name=name)}/{i}.png":
        folder.png(100 * (split == test) + 10 * k + i)
        for split, count in ((train, 4), (test, 2))
        for k, name in enumerate(CLASSES) for i in range(count)
    })
    found = both(folder, path)
    for dataset, first, count in zip(found, (0, 100), (4, 2)):
        assert dataset.classes == CLASSES
        assert folder.values(dataset) == [
            first + 10 * k + i for k in range(2) for i in range(count)
        ]
    assert found[0].account.lines() == [
        "files       12: 8 to train on, 4 for the test"
    ]
    assert len(both(folder, path, "images")[0]) == 8


@pytest.mark.parametrize("name", [
    "trains", "detest", "testa", "tester", "evan", "dev1", "trainspotting",
    "contest", "value", "validity", "train12", "attest_b",
])
def test_names_that_are_no_splits(name):
    assert splits.named({name, "cat", "dog"}) == {}


@pytest.mark.parametrize("a, b", [
    ("trainA", "trainB"), ("TrainA", "TrainB"), ("train_A", "train_B"),
    ("TRAINA", "TRAINB"), ("traina", "trainb"), ("training-a", "training-b"),
    ("train/A", "train/B"), ("A/Train", "B/Train"), ("A", "B"),
])
@pytest.mark.parametrize("kind", ["pairs", "unpaired"])
def test_two_looks_under_their_names(folder, a, b, kind):
    path = folder.write({
        f"{side}/{i}.png": folder.png(100 * (side == b) + i)
        for side in (a, b) for i in range(20)
    })
    first, second = (
        ("input", "target") if kind == "pairs" else ("a", "b")
    )
    train, test = both(folder, path, kind)
    left = [folder.values(part, first) for part in (train, test)]
    assert sorted(sum(left, [])) == list(range(20)) and all(left)
    assert folder.values(train, second) == [100 + x for x in left[0]]
    assert train.account.lines()[0].startswith("files       40: ")


@pytest.mark.parametrize("names", [
    ("train", "Training"), ("test", "Testing"), ("Train", "TRAIN"),
    ("val", "dev"), ("test", "test_set", "train"),
])
def test_two_names_of_one_split_are_refused(folder, names):
    path = folder.write({
        f"{name}/{i}.png": folder.png(i) for name in names for i in range(3)
    })
    with pytest.raises(InputError, match="both mean .*put their pictures"):
        folder.load(path, "images")


def test_a_train_beside_other_vehicles_is_a_class(packs):
    path = packs.write({
        f"{name}/{i}.png": packs.png(i)
        for name in ("bus", "car", "train") for i in range(12)
    })
    found = both(packs, path)
    assert [part.classes for part in found] == [("bus", "car", "train")] * 2
    assert sum(map(len, found)) == 36
    assert "train/ is taken for a class" in told(packs, path, "labelled")


@pytest.mark.parametrize("form", [
    "{split}/images/", "seg_{split}/seg_{split}/", "{split}/{split}/",
    "Img_{split}/Data/", "a/b/{split}/",
])
def test_folders_around_the_classes(packs, form):
    path = packs.write({
        f"{form.format(split=split)}{name}/{i}.png": packs.png(i)
        for split in ("train", "test") for name in CLASSES for i in range(2)
    })
    assert both(packs, path)[0].classes == CLASSES


def test_one_class_is_a_class(packs):
    path = packs.write({f"cat/{i}.png": packs.png(i) for i in range(12)})
    train, test = both(packs, path)
    assert train.classes == test.classes == ("cat",)
    assert "12: " in train.account.lines()[0]
    assert train.summary().endswith(", 1 class")


def test_classes_count_in_natural_order(packs):
    names = [*map(str, range(12)), "Class2", "Class10", "a-1", "a1", "a02"]
    path = packs.write({
        f"{split}/{name}/0.png": packs.png(k)
        for split in ("train", "test") for k, name in enumerate(names)
    })
    train = both(packs, path)[0]
    assert train.classes[:12] == tuple(map(str, range(12)))
    assert train.classes[12:] == ("Class2", "Class10", "a-1", "a1", "a02")
    labels = train.columns["label"]
    assert [names[v] for v in packs.values(train)] == [
        train.classes[label] for label in labels
    ]


@pytest.mark.parametrize("name, other", [
    ("Cat", "cat"), ("cafe\u0301", "caf\xe9"), ("bee ", "bee"),
])
def test_classes_that_differ_in_writing_only_are_refused(folder, name, other):
    path = folder.write({
        f"{split}/{each}/0.png": folder.png(0)
        for split, each in (("train", name), ("test", other))
    })
    with pytest.raises(InputError, match="differ only in how they are wri"):
        folder.load(path, "labelled")


@pytest.mark.parametrize("name, shown", [
    (b"caf\xe9", "caf?"), (b"two\nlines", "two?lines"),
    ("Übermäßig".encode(), "Übermäßig"),
])
def test_names_of_classes_can_be_written(folder, name, shown):
    path = folder.write({
        f"{split}/{os.fsdecode(name)}/0.png": folder.png(3)
        for split in ("train", "test")
    })
    dataset = folder.load(path, "labelled")
    assert dataset.classes == (shown,)
    assert folder.values(dataset) == [3]


def test_a_class_that_is_held_out_whole_is_told(folder):
    files = {f"ape/{i}.png": folder.png(i) for i in range(30)}
    held = cuts.held_out([f"bee/{i}" for i in range(99)])
    name = min(held)
    path = folder.write(files | {f"{name}.png": folder.png(0)})
    train, test = both(folder, path)
    assert train.account.notes == ("no picture to train on of bee",)
    assert test.account.notes == ()


def test_frames_stand_in_natural_order(packs):
    path = packs.write({
        f"{split}/clip/frame{i}.png": packs.png(10 * i)
        for split in ("train", "test") for i in range(12)
    })
    clip = packs.load(path, "videos", frames=12).take([0])["video"][0]
    assert clip[:, 0, 0, 0].tolist() == [10 * i for i in range(12)]


def test_every_file_is_accounted_for(folder):
    files = {f"train/{i}.png": folder.png(i) for i in range(4)}
    files |= {f"test/{i}.png": folder.png(i) for i in range(3)}
    files |= {f"val/{i}.png": folder.png(i) for i in range(5)}
    files |= {f"more/{i}.png": folder.png(i) for i in range(6)}
    files |= {f"cover{i}.png": folder.png(i) for i in range(7)}
    files |= dict.fromkeys([
        "a.heics", "train/b.heics", "c.txt", "LICENSE", ".d.png",
        "train/.e/f.png", "Thumbs.db", "train/@eaDir/0.png/THUMB.jpg",
    ], b"x")
    text = told(folder, folder.write(files))
    assert (
        f"files       {len(files)}: 4 to train on, 5 for the validation, 3 "
        "for the test, 21 not read"
    ) in text
    for words in (
        "a.heics", "2 .heics, 1 .txt, 1 without ending",
        "hidden: .d.png, Thumbs.db, train/.e/f.png and 1 more",
        "more/, beside the folders of",
        "cover0.png, cover1.png, cover2.png and 4 more",
    ):
        assert words in text, text
    assert text.count("\n") < 12


def test_pictures_beside_a_test_are_trained_on(packs):
    files = {f"{i}.png": packs.png(i) for i in range(5)}
    files |= {f"test/{i}.png": packs.png(100 + i) for i in range(2)}
    train, test = both(packs, packs.write(files), "images")
    assert packs.values(train) == list(range(5))
    assert packs.values(test) == [100, 101]


def test_a_cover_beside_the_one_folder_hides_no_split(folder):
    files = {f"data/{split}/{i}.png": folder.png(v + i) for i in range(3)
             for split, v in (("train", 0), ("test", 100))}
    path = folder.write(files | {"cover.png": folder.png(9)})
    assert [folder.values(part) for part in both(folder, path, "images")] == [
        [0, 1, 2], [100, 101, 102]
    ]
    assert "cover.png" in told(folder, path)


def test_splits_in_some_folders_only_are_told(folder):
    path = folder.write({
        f"{top}/{i}.png": folder.png(i) for i in range(9)
        for top in ("ape/train", "ape/test", "bee")
    })
    assert "note      ape/test/ is no split here" in told(folder, path)
    assert sum(map(len, both(folder, path, "images"))) == 27


def test_thousands_of_broken_files_are_a_few_lines(folder):
    files = {f"train/{i}.png": b"x" for i in range(100)}
    files |= {f"test/{i}.png": folder.png(i) for i in range(2)}
    files |= {"val/0.png": folder.png(0), "train/good.png": folder.png(1)}
    path = folder.write(files)
    assert len(told(folder, path).splitlines()) < 26
    assert "skipped   80 more" in told(folder, path)
    train, test = both(folder, path, "images")
    lines = account.told(train, [test], everything=True)
    assert len(lines) > 100


@pytest.mark.parametrize("ending, form", [
    ("jfif", "JPEG"), ("JFIF", "JPEG"), ("jpe", "JPEG"), ("dib", "DIB"),
    ("pnm", "PPM"), ("apng", "PNG"),
])
def test_more_endings(folder, ending, form):
    grey = np.full((16, 16), 7, np.uint8)
    path = folder.write({
        f"{split}/0.{ending}": folder.encode(grey, form)
        for split in ("train", "test")
    })
    assert folder.values(folder.load(path, "images")) == [7]


@pytest.mark.parametrize("train", [True, False])
def test_two_endings_of_one_name_are_refused_in_pairs(folder, train):
    files = {f"train{side}/{i}.png": folder.png(i)
             for side in "AB" for i in range(20)}
    grey = np.full((16, 16), 7, np.uint8)
    files["trainA/3.jpg"] = folder.encode(grey, "JPEG")
    path = folder.write(files)
    for split in ("train", "test"):
        with pytest.raises(InputError, match="A/3.jpg and trainA/3.png"):
            folder.load(path, "pairs", split)
    unpaired = both(folder, path, "unpaired")
    assert sum(len(part.columns["a"]) for part in unpaired) == 21
