"""Three splits of every source: to train on, to choose by, and the test."""

import numpy as np
import pytest

from data import kind_cases
from keras_gen import data
from keras_gen.data import kinds, sources
from keras_gen.data.sources import cuts
from keras_gen.errors import InputError

NAMES = [f"a{i}" for i in range(2000)]
GOLDEN = ["a103", "a105", "a115", "a166"]


def test_a_share_is_kept_back_by_names_alone():
    back = cuts.kept_back(NAMES, 0.05)
    # Stored, so that a change of the hash is noticed.
    assert sorted(cuts.kept_back(NAMES[:1000], 0.05))[:4] == GOLDEN
    assert 70 < len(back) < 130
    assert cuts.kept_back(NAMES[::-1], 0.05) == back
    # Files that are added move no other, nor does a larger share.
    assert cuts.kept_back(NAMES[:500], 0.05) == back & set(NAMES[:500])
    assert back < cuts.kept_back(NAMES, 0.2)
    # Other digits than those that choose the test: a tenth of them, too.
    assert 0.03 < len(back & cuts.held_out(NAMES)) / len(back) < 0.2
    assert cuts.kept_back(NAMES, 0.0) == set()
    assert cuts.kept_back(sorted(back), 0.05) == set()


def test_of_few_items_all_are_trained_on():
    assert cuts.enough(0.05, 100) == 0.05 and cuts.enough(0.05, 99) == 0
    assert cuts.enough(0.5, 12, 9) == 0


@pytest.mark.parametrize("kind", kinds.names())
def test_splits_of_every_kind_are_apart(kind, tmp_path):
    source, arguments = getattr(kind_cases, kind)(tmp_path)
    if kinds.named(kind).single:
        assert len(data.load(source, kind, "validation", **arguments)) == 1
        return
    whole, parts = (
        [data.load(source, kind, split, validation=share, **arguments)
         for split in splits]
        for share, splits in ((0, ("train", "test")), (0.5, data.SPLITS))
    )
    for name in parts[0].columns:
        counts = [len(part.columns[name]) for part in parts]
        assert min(counts) > 0
        assert sum(counts) == sum(len(part.columns[name]) for part in whole)
        # The test stays as it was.
        np.testing.assert_array_equal(*(
            test.columns[name][np.arange(counts[2])]
            for test in (whole[1], parts[2])
        ))
    line, = parts[0].account.lines()
    assert " to train on, " in line
    assert " held out for the validation, " in line
    with pytest.raises(InputError, match="give a larger share as validation"):
        data.load(source, kind, "validation", validation=0, **arguments)


@pytest.mark.parametrize("share", ["0.1", -0.1, 0.6, True, None])
def test_a_share_that_is_none(share):
    with pytest.raises(InputError, match="the share of the training items"):
        data.load("shapes", "images", validation=share)


def test_files_are_cut_by_their_names(packs):
    path = packs.write({f"{i:03}.png": packs.png(i) for i in range(250)})
    parts = {
        split: packs.values(packs.load(path, "images", split))
        for split in data.SPLITS
    }
    assert sorted(sum(parts.values(), [])) == list(range(250))
    names = [f"{i:03}" for i in range(250)]
    assert {f"{i:03}" for i in parts["test"]} == cuts.held_out(names)
    rest = set(names) - cuts.held_out(names)
    assert {f"{i:03}" for i in parts["validation"]} == cuts.kept_back(
        rest, 0.05
    )
    line, = packs.load(path, "images").account.lines()
    for split, words in (
        ("train", "{} to train on"),
        ("validation", "{} held out for the validation"),
        ("test", "{} held out for the test (chosen by name, as there is no"),
    ):
        assert words.format(len(parts[split])) in line
    whole = packs.load(path, "images", validation=0)
    assert packs.values(whole) == sorted(parts["train"] + parts["validation"])


def test_a_folder_of_its_own_is_the_validation(packs):
    files = {f"train/{i:03}.png": packs.png(i) for i in range(120)}
    files |= {f"val/{i}.png": packs.png(200 + i) for i in range(3)}
    files |= {f"test/{i}.png": packs.png(210 + i) for i in range(4)}
    path = packs.write(files)
    parts = {
        split: packs.values(packs.load(path, "images", split))
        for split in data.SPLITS
    }
    assert parts == {
        "train": list(range(120)), "validation": [200, 201, 202],
        "test": [210, 211, 212, 213],
    }
    assert packs.load(path, "images").account.lines() == [
        "files       127: 120 to train on, 3 for the validation, 4 for the test"
    ]


def test_both_of_a_pair_are_kept_back(packs):
    files = {
        f"train{side}/{i:03}.png": packs.png(i)
        for side in "AB" for i in range(150)
    }
    path = packs.write(files)
    for split in data.SPLITS:
        pairs = packs.load(path, "pairs", split)
        assert packs.values(pairs, "input") == packs.values(pairs, "target")
        # The true partners of unpaired ones, too.
        looks = packs.load(path, "unpaired", split)
        assert packs.values(looks, "a") == packs.values(pairs, "input")
        assert packs.values(looks, "b") == packs.values(pairs, "input")


def test_of_two_sides_none_is_cut_where_one_has_too_few(packs):
    files = {f"trainA/{i:03}.png": packs.png(i) for i in range(150)}
    files |= {f"trainB/{i:03}.png": packs.png(i) for i in range(50)}
    train, test = (
        packs.load(packs.write(files), "unpaired", split)
        for split in ("train", "test")
    )
    assert len(train.columns["a"]) + len(test.columns["a"]) == 150


def pack(folder, rows, label=None, **arrays):
    """An .npz of pictures in an order, with a test of its own."""
    x = np.random.default_rng(1).integers(0, 256, (300, 8, 8), np.uint8)
    y = np.arange(300) // 100 if label is None else label
    folder.mkdir()
    np.savez(folder / "pack.npz", x_train=x[rows], y_train=y[rows],
             x_test=x[:40], y_test=y[:40], **arrays)
    return folder / "pack.npz"


def test_neither_the_order_of_rows_nor_labels_cut_an_array(tmp_path):
    rows = np.random.default_rng(0).permutation(300)
    labels = np.random.default_rng(2).integers(0, 3, 300)
    found = []
    for name, order, label in (
        ("a", np.arange(300), None), ("b", rows, None),
        ("c", np.arange(300), labels),
    ):
        path = pack(tmp_path / name, order, label)
        parts = [
            data.load(path, "labelled", split, size=8, channels=1)
            for split in ("train", "validation")
        ]
        assert sum(map(len, parts)) == 300
        found.append(sorted(
            row.tobytes() for row in parts[1].columns["image"]
        ))
    assert 5 <= len(found[0]) <= 30
    assert found[0] == found[1] == found[2]


def test_either_of_a_pair_may_be_the_input(tmp_path):
    a, b = np.random.default_rng(0).integers(0, 256, (2, 200, 8, 8), np.uint8)
    np.savez(tmp_path / "pack.npz", a=a, b=b)
    there, back = (
        data.load(tmp_path / "pack.npz", "pairs", "validation", size=8,
                  channels=1, direction=direction)
        for direction in ("AtoB", "BtoA")
    )
    np.testing.assert_array_equal(
        there.columns["input"], back.columns["target"]
    )


def test_arrays_of_its_own_are_the_validation(tmp_path):
    own = np.full((7, 8, 8), 9, np.uint8)
    path = pack(tmp_path / "a", np.arange(300), x_validation=own,
                y_validation=np.arange(7) % 3)
    train, validation, test = (
        data.load(path, "labelled", split, size=8, channels=1)
        for split in data.SPLITS
    )
    assert [len(train), len(validation), len(test)] == [300, 7, 40]
    np.testing.assert_array_equal(validation.columns["image"][..., 0], own)
    assert train.account is None


def test_rows_that_are_all_alike_are_trained_on(tmp_path):
    for value in range(40):
        np.savez(tmp_path / "a.npz", x=np.full((200, 8, 8), value, np.uint8))
        assert len(data.load(tmp_path / "a.npz", "images")) > 150


@pytest.mark.parametrize("name, kind", [
    (name, kind) for name, source in sources.by_name().items()
    for kind in source.kinds if kind != "single"
])
def test_what_is_drawn_is_drawn_anew_for_each_split(name, kind):
    """Whatever `validation` says: all of the training is trained on."""
    size = {"size": 16} if "size" in kinds.named(kind).arguments else {}
    parts = [
        data.load(name, kind, split, **size).take(np.arange(40))
        for split in data.SPLITS
    ]
    assert len(data.load(name, kind, validation=0.5, **size)) == 8192
    column = list(parts[0])[-1 if kind == "pairs" else 0]
    seen = [{item.tobytes() for item in part[column]} for part in parts]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert len(seen[first] & seen[second]) < 5


# -- drawn by a seed ---------------------------------------------------------


def alike(first, second):
    assert list(first) == list(second)
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])


def test_what_a_seed_draws_depends_on_no_order():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (90, 4, 4, 1), np.uint8)
    y = np.arange(90, dtype=np.int32) // 30
    rows = rng.permutation(90)
    first, second = (
        data.Dataset({"image": x[order], "label": y[order]})
        for order in (np.arange(90), rows)
    )
    alike(first.drawn(20, 3), second.drawn(20, 3))
    assert len(set(first.drawn(20, 3)["label"].tolist())) == 3
    some, rest = first.drawn(20, 3), second.drawn(100, 3, skip=20)
    both = np.concatenate([some["image"], rest["image"]])
    assert len(both) == 90 and len(np.unique(both, axis=0)) == 90
    assert not np.array_equal(some["image"], first.drawn(20, 4)["image"])


def test_unpaired_columns_are_drawn_each_for_itself():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 256, (50, 4, 4, 1), np.uint8)
    b = rng.integers(0, 256, (20, 4, 4, 1), np.uint8)
    first, second = (
        data.Dataset({"a": x, "b": y}, unpaired=True)
        for x, y in ((a, b), (a[::-1], b[rng.permutation(20)]))
    )
    alike(first.drawn(30, 1), second.drawn(30, 1))
    assert {k: len(v) for k, v in first.drawn(30, 1).items()} == {
        "a": 30, "b": 20,
    }


def test_files_are_drawn_in_the_order_of_their_names(folder):
    path = folder.write({f"{i:02}.png": folder.png(i) for i in range(30)})
    dataset = folder.load(path, "images")
    found = dataset.drawn(9, 5)["image"][:, 0, 0, 0].tolist()
    assert found == sorted(found) and len(set(found)) == 9
