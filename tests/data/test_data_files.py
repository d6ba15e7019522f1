"""Broken files, no files, large sets; in a folder and in a .zip."""

import numpy as np
import pytest

from keras_gen.data import pictures
from keras_gen.errors import InputError


def test_broken_files_are_skipped_and_counted(packs):
    whole = packs.png(3)
    path = packs.write({
        "train/a.png": packs.png(1), "train/b.png": b"not a picture",
        "train/c.png": packs.png(2), "train/d.png": whole[:len(whole) // 2],
        "train/e.png": whole, "test/a.png": packs.png(0),
    })
    dataset = packs.load(path, "images")
    assert packs.values(dataset) == [1, 2, 3]
    assert [line.rpartition("/")[2].partition(":")[0]
            for line in dataset.skipped] == ["b.png", "d.png"]
    assert all("\n" not in line for line in dataset.skipped)
    assert dataset.summary() == "3 pictures, 8x8x1, 2 files skipped"


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
def test_large_sets_are_decoded_on_access(packs, monkeypatch, kind):
    rng = np.random.default_rng(0)
    tops = {"images": ["train/"], "pairs": ["train/"],
            "unpaired": ["trainA/", "trainB/"],
            "labelled": ["train/a/", "train/b/"]}[kind]
    files = {
        f"{top}{i}.png": packs.encode(rng.integers(
            0, 256, (16, 32, 3), np.uint8
        )) for top in tops for i in range(6)
    }
    files |= {
        name.replace("train", "test"): packs.png(0, 32) for name in files
    }
    files[tops[0] + "3.png"] = b"broken"
    path = packs.write(files)
    held = packs.load(path, kind, channels=3)
    monkeypatch.setattr(pictures, "MEMORY_LIMIT", 1000)
    lazy = packs.load(path, kind, channels=3)
    assert lazy.skipped == held.skipped and len(lazy.skipped) == 1
    assert len(lazy) == len(held)
    order = np.arange(len(held))[::-1]
    for name, column in held.take(order).items():
        np.testing.assert_array_equal(lazy.take(order)[name], column)
        if name != "label":
            assert isinstance(held.columns[name], np.ndarray)
            assert not isinstance(lazy.columns[name], np.ndarray)


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
