"""Broken files, no files, large sets; in a folder and in a .zip."""

import io
import os

import numpy as np
import pytest

from keras_gen.data import pictures, ranges
from keras_gen.data.sources import stores
from keras_gen.errors import InputError


def test_files_that_are_no_pictures_are_skipped_and_counted(packs):
    path = packs.write({
        "train/a.png": packs.png(1), "train/b.png": b"not a picture",
        "train/c.png": packs.png(2), "train/d.jpg": b"\xff\xd8\xff\xe0",
        "train/e.png": packs.png(3, 24, 12), "test/a.png": packs.png(0),
    })
    dataset = packs.load(path, "images")
    assert packs.values(dataset) == [1, 2, 3]
    assert [line.rpartition("/")[2].partition(":")[0]
            for line in dataset.skipped] == ["b.png", "d.jpg"]
    assert all("\n" not in line for line in dataset.skipped)
    assert dataset.summary() == (
        "3 pictures, 8x8x1 from 16x16 ... 24x12, 2 files skipped"
    )


def test_broken_files_keep_labels_and_pairs_aligned(packs):
    files = {f"{s}/{c}/{i}.png": packs.png(10 * int(c) + i) for i in range(3)
             for c in "01" for s in ("train", "test")}
    files["train/0/1.png"] = b""
    dataset = packs.load(packs.write(files), "labelled")
    assert packs.values(dataset) == [0, 2, 10, 11, 12]
    assert dataset.columns["label"].tolist() == [0, 0, 1, 1, 1]


def test_a_pair_with_one_broken_picture_is_left_out(packs):
    files = {f"{s}{side}/{i}.png": packs.png(i) for i in range(4)
             for s in ("train", "test") for side in "AB"}
    files["trainB/2.png"] = b""
    dataset = packs.load(packs.write(files), "pairs")
    for name in ("input", "target"):
        assert packs.values(dataset, name) == [0, 1, 3]
    assert len(dataset.skipped) == 1


def half(content):
    """A PNG that breaks in the middle of its pixels."""
    return content[:len(content) * 2 // 3]


def test_a_picture_that_breaks_is_replaced_by_the_next_of_its_class(
    packs, capsys
):
    files = {f"{s}/{c}/{i}.png": packs.png(10 * int(c) + i, 99, 99)
             for i in range(3) for c in "01" for s in ("train", "test")}
    files["train/0/2.png"] = half(files["train/0/2.png"])
    path = packs.write(files)
    first = packs.load(path, "labelled")
    assert len(first) == 6 and not first.skipped
    # Read alone and before the others, or after them: the same.
    assert first.take([2])["image"][0, 0, 0, 0] == 0
    assert packs.values(first) == [0, 1, 0, 10, 11, 12]
    assert first.columns["label"].tolist() == [0, 0, 0, 1, 1, 1]
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2 and "train/0/2.png: " in told[1]
    assert "values 0 ... 12 in 5 pictures" in told[0]
    again = packs.load(path, "labelled")
    assert packs.values(again) == packs.values(first)
    assert len(again.skipped) == 1 and "train/0/2.png" in again.skipped[0]
    assert not capsys.readouterr().err


def test_a_pair_that_breaks_is_replaced_on_both_sides(packs):
    files = {f"{s}{side}/{i}.png": packs.png(i, 99, 99) for i in range(4)
             for s in ("train", "test") for side in "AB"}
    files["trainB/2.png"] = half(files["trainB/2.png"])
    dataset = packs.load(packs.write(files), "pairs")
    for name in ("input", "target"):
        assert packs.values(dataset, name) == [0, 1, 3, 3]


def test_nothing_that_can_be_decoded(packs):
    path = packs.write({
        f"{s}/{i}.png": half(packs.png(0, 99, 99))
        for i in range(3) for s in ("train", "test")
    })
    with pytest.raises(InputError, match="can be decoded; replace"):
        packs.load(path, "images").take([0])


def test_nothing_to_read(packs):
    path = packs.write({
        "train/a.png": b"", "train/b.png": b"", "test/a.png": b"",
    })
    with pytest.raises(InputError, match="none of the 2 .*a.png: not a p"):
        packs.load(path, "images")


def test_no_pictures_at_all(packs):
    with pytest.raises(InputError, match=r"looked for.*\.jpg.*1 others.*txt"):
        packs.load(packs.write({"readme.txt": b"x"}), "images")


def test_empty_folder(folder, tmp_path):
    with pytest.raises(InputError, match="looked for.*found 0 others"):
        folder.load(tmp_path, "images")


def test_not_a_zip(folder, tmp_path):
    (tmp_path / "a.zip").write_bytes(b"x")
    with pytest.raises(InputError, match="a.zip cannot be read as a .zip"):
        folder.load(tmp_path / "a.zip", "images")


@pytest.mark.parametrize("kind", ["images", "pairs", "unpaired", "labelled"])
def test_opening_decodes_nothing_and_each_picture_is_decoded_once(
    packs, monkeypatch, kind
):
    tops = {"images": ["train/"], "pairs": ["train/"],
            "unpaired": ["trainA/", "trainB/"],
            "labelled": ["train/a/", "train/b/"]}[kind]
    rng = np.random.default_rng(0)
    files = {
        f"{top}{i}.png": packs.encode(rng.integers(
            0, 256, (16, 32, 3), np.uint8
        )) for top in tops for i in range(6)
    }
    files |= {
        name.replace("train", "test"): packs.png(0, 32) for name in files
    }
    path = packs.write(files)
    decoded = []
    decode = pictures.decode
    monkeypatch.setattr(pictures, "decode", lambda *given: (
        decoded.append(given), decode(*given))[1])
    dataset = packs.load(path, kind, channels=3)
    assert len(dataset) == (12 if kind == "labelled" else 6)
    assert not decoded
    order = np.arange(len(dataset))[::-1]
    first = dataset.take(order)
    assert len(decoded) == 6 * len(tops)
    for found in (dataset.take(order), dataset.take(order)):
        for name, column in first.items():
            np.testing.assert_array_equal(found[name], column)
    assert len(decoded) == 6 * len(tops)


def test_opening_reads_only_the_beginnings_of_files(folder, monkeypatch):
    rng = np.random.default_rng(0)
    for form in ("PNG", "JPEG"):
        content = folder.encode(
            rng.integers(0, 256, (300, 300, 3), np.uint8), form
        )
        assert len(content) > 30_000
        folder.write({f"{i}.{form}": content for i in range(20)})
    reads = []

    class Counted(io.FileIO):
        def read(self, size=-1):
            content = super().read(size)
            reads.append(len(content))
            return content

    monkeypatch.setattr(stores.Folder, "open", lambda store, name: Counted(
        os.path.join(store.path, name)
    ))
    dataset = folder.load(folder.folder / "pack", "images")
    whole = [size for size in reads if size > 4096]
    assert sum(reads) - sum(whole) <= 4096 * len(dataset)
    # A few are looked into for the range of their values.
    assert len(whole) == ranges.SAMPLE


def test_links_to_folders_are_followed_once(folder, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    for i in range(5):
        (inner / f"{i}.png").write_bytes(folder.png(i))
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "train").symlink_to(inner)
    (inner / "loop").symlink_to(pack)
    dataset = folder.load(pack, "images")
    test = folder.load(pack, "images", "test")
    both = folder.values(dataset) + folder.values(test)
    assert sorted(both) == [0, 1, 2, 3, 4]
