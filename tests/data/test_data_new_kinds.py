"""Where masks, label maps, points, solids, words and single pictures come
from, and labels that are missing."""

import io

import numpy as np
import pytest
from PIL import Image

from keras_gen import data
from keras_gen.errors import InputError


def everything(dataset):
    return dataset.take(np.arange(len(dataset)))


# -- masks and label maps ----------------------------------------------------

@pytest.mark.parametrize("top", ["", "train/"])
def test_masks_in_files(packs, top):
    half = np.zeros((16, 32), np.uint8)
    half[:, :16] = 255
    names = [f"{i:02}" for i in range(30)]
    files = {f"{top}images/{name}.png": packs.png(i, 32)
             for i, name in enumerate(names)}
    files |= {f"{top}masks/{name}.png": packs.encode(half) for name in names}
    if top:
        files |= {"test/images/a.png": packs.png(99),
                  "test/masks/a.png": packs.png(255)}
    path = packs.write(files)
    items = everything(packs.load(path, "masks", size=[8, 16], channels=3))
    assert items["image"].shape[1:] == (8, 16, 3)
    assert items["mask"].shape[1:] == (8, 16, 1)
    assert (items["mask"][:, :, :8] == 255).all()
    assert not items["mask"][:, :, 8:].any()
    test = everything(packs.load(path, "masks", "test"))
    assert (test["image"][:, 0, 0, 0] == 99).all() if top else (
        len(test["image"]) + len(items["image"]) == 30
    )


def test_masks_hold_nothing_between(tmp_path):
    mask = np.random.default_rng(0).integers(0, 256, (20, 30, 30), np.uint8)
    np.savez(tmp_path / "a.npz", x=mask, mask=mask)
    found = everything(data.load(tmp_path / "a.npz", "masks", size=12))
    assert set(np.unique(found["mask"])) == {0, 255}


def test_masks_without_partners(packs):
    path = packs.write({f"images/{i}.png": packs.png(i) for i in range(4)})
    with pytest.raises(InputError, match="looks for images/ and masks/"):
        packs.load(path, "masks")
    path = packs.write(
        {f"images/{i}.png": packs.png(i) for i in range(4)}
        | {f"masks/{i}.png": packs.png(i) for i in (0, 1, 3)}
    )
    with pytest.raises(InputError) as caught:
        for split in ("train", "test"):
            packs.load(path, "masks", split)
    assert "missing in masks/: 2" in str(caught.value)


def palette_map(ids):
    image = Image.fromarray(ids).convert("P")
    image.putdata(ids.reshape(-1).tolist())
    image.putpalette([9, 200, 30, 40, 5, 60, 70, 8, 90] + [7] * 60)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_label_maps_in_files(packs, direction, capsys):
    ids = np.repeat(np.repeat([[0, 1], [2, 1]], 8, 0), 8, 1).astype(np.uint8)
    maps, real = "AB" if direction == "AtoB" else "BA"
    files = {f"{split}{maps}/{i}.png": palette_map(ids)
             for i in range(3) for split in ("train", "test")}
    files |= {f"{split}{real}/{i}.png": packs.png(i) for i in range(3)
              for split in ("train", "test")}
    path = packs.write(files)
    dataset = packs.load(
        path, "label_ids", classes=5, direction=direction
    )
    assert dataset.classes == ("0", "1", "2", "3", "4")
    items = everything(dataset)
    assert items["input"].dtype == np.int32
    assert (items["input"] == ids[::2, ::2]).all()
    assert items["target"][:, 0, 0, 0].tolist() == [0, 1, 2]
    assert data.properties(
        path, "label_ids", classes=5, direction=direction
    ).channels == 1
    with pytest.raises(InputError, match="give classes, their number"):
        packs.load(path, "label_ids")
    with pytest.raises(InputError, match="can be decoded"):
        everything(packs.load(
            path, "label_ids", classes=2, direction=direction
        ))
    assert "with the number 2, where classes says 2" in capsys.readouterr(
    ).err


def test_no_number_between_two_classes_is_made_up(tmp_path):
    ids = np.random.default_rng(0).choice([0, 9], (20, 31, 45))
    target = np.zeros((20, 31, 45), np.uint8)
    np.savez(tmp_path / "a.npz", input=ids, target=target,
             classes=[f"c{i}" for i in range(12)])
    dataset = data.load(tmp_path / "a.npz", "label_ids", size=[16, 24])
    assert set(np.unique(everything(dataset)["input"])) == {0, 9}
    assert len(dataset.classes) == 12
    with pytest.raises(InputError, match="have 10 classes, array classes has "
                                         "12, and the argument says 11"):
        data.load(tmp_path / "a.npz", "label_ids", classes=11)


def test_built_in_maps_are_those_of_the_pictures():
    ids = data.load("shapes", "label_ids", size=64).take(range(30))
    pairs = data.load("shapes", "pairs", size=64).take(range(30))
    np.testing.assert_array_equal(ids["target"], pairs["target"])
    # One colour of the label picture for each number, but at its edges.
    for number in range(7):
        where = ids["input"] == number
        colours, counts = np.unique(
            pairs["input"][where], axis=0, return_counts=True
        )
        assert counts.max() > 0.7 * counts.sum()
    masks = data.load("shapes", "masks", size=32).take(range(30))
    bright = masks["image"].max(-1)
    inside = masks["mask"][..., 0] == 255
    for picture, mask in zip(bright, inside):
        assert picture[mask].min() > picture[~mask].mean()


# -- points, solids, words ---------------------------------------------------

@pytest.mark.parametrize("head", ["", "x,y\n", "1st, 2nd\n"])
def test_points_in_a_csv(tmp_path, head):
    points = np.random.default_rng(0).normal(size=(50, 2))
    lines = "\n".join(f"{x!r}, {y!r}" for x, y in points.tolist())
    (tmp_path / "a.csv").write_text(head + lines + "\n\n")
    parts = [
        everything(data.load(tmp_path / "a.csv", "points", split))["points"]
        for split in ("train", "test")
    ]
    assert parts[0].dtype == np.float32 and len(parts[1]) > 0
    both = np.concatenate(parts)
    np.testing.assert_array_equal(
        both[np.argsort(both[:, 0])],
        points[np.argsort(points[:, 0])].astype(np.float32),
    )
    assert data.properties(tmp_path / "a.csv", "points") == (None, ())


@pytest.mark.parametrize("text, message", [
    ("", r"float64 \(0,\); give points"), ("1,2,3\n", r"\(1, 3\); give po"),
    ("1,2\n3\n", "cannot be read"), ("1,2\nx,3\n", "cannot be read"),
    ("1,2\nnan,3\n", "not finite"),
])
def test_a_bad_csv(tmp_path, text, message):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        data.load(tmp_path / "a.csv", "points")
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="cannot be had from a .csv"):
        data.load(tmp_path / "a.csv", "images")


def test_solids(tmp_path):
    full = np.random.default_rng(0).random((20, 4, 6, 8)) < 0.5
    np.savez(tmp_path / "a.npz", x_train=full, x_test=full[:3])
    dataset = data.load(tmp_path / "a.npz", "voxels", size=[4, 6, 8])
    np.testing.assert_array_equal(
        everything(dataset)["voxels"], full[..., None] * np.uint8(255)
    )
    assert dataset.summary() == "20 solids, 4x6x8x1"
    with pytest.raises(InputError, match=r"give size \[4, 6, 8\]; solids are"):
        data.load(tmp_path / "a.npz", "voxels")
    np.savez(tmp_path / "b.npz", x=full.astype(np.float32))
    with pytest.raises(InputError, match="bool or uint8 with 255"):
        data.load(tmp_path / "b.npz", "voxels", size=[4, 6, 8])
    with pytest.raises(InputError, match="cannot be had from picture files"):
        Image.new("L", (8, 8)).save(tmp_path / "a.png")
        data.load(tmp_path, "voxels")


def test_words(tmp_path):
    tokens = np.arange(60).reshape(20, 3) % 5
    words = ["<end>", "a", "red", "disc", "left"]
    np.savez(tmp_path / "a.npz", tokens_train=tokens, tokens_test=tokens[:2],
             vocabulary=words)
    dataset = data.load(tmp_path / "a.npz", "tokens")
    np.testing.assert_array_equal(everything(dataset)["tokens"], tokens)
    assert dataset.classes == tuple(words)
    assert dataset.summary() == "20 tokens, 3, 5 words"
    for wrong in (dict(tokens=tokens), dict(tokens=tokens, vocabulary=["a"])):
        np.savez(tmp_path / "b.npz", **wrong)
        with pytest.raises(InputError, match="vocabulary of 5 strings or mo"):
            data.load(tmp_path / "b.npz", "tokens")


# -- one picture, and labels that are missing --------------------------------

def test_one_picture(packs, tmp_path):
    path = packs.write({"only.png": packs.png(7, 30, 20)})
    for split in ("train", "test"):
        dataset = packs.load(path, "single", split, size=[12, 18])
        assert packs.values(dataset) == [7]
    assert dataset.take([0])["image"].shape == (1, 12, 18, 1)
    assert len(next(iter(dataset.batches(5, 1)))["image"]) == 5
    path = packs.write({"a.png": packs.png(1), "b.png": packs.png(2)})
    with pytest.raises(InputError, match="looks for one picture, found "):
        packs.load(path, "single")
    Image.new("L", (9, 9)).save(tmp_path / "x.png")
    with pytest.raises(InputError, match="x.png is one picture; give a fold"):
        data.load(tmp_path / "x.png", "images")


def test_pictures_without_a_label(packs):
    files = {f"{name}/{i}.png": packs.png(10 * k + i)
             for k, name in enumerate(["ape", "cat"]) for i in range(9)}
    files |= {f"{100 + i}.png": packs.png(100 + i) for i in range(9)}
    path = packs.write(files)
    with pytest.raises(InputError, match="9 pictures outside"):
        packs.load(path, "labelled")
    seen = {}
    for split in ("train", "test"):
        dataset = packs.load(path, "labelled", split, unlabelled=True)
        assert dataset.classes == ("ape", "cat")
        seen |= dict(zip(packs.values(dataset),
                         everything(dataset)["label"].tolist()))
    assert seen == {
        **{i: 0 for i in range(9)}, **{10 + i: 1 for i in range(9)},
        **{100 + i: -1 for i in range(9)},
    }


def test_labels_of_arrays_that_are_missing(tmp_path):
    x = np.zeros((9, 8, 8), np.uint8)
    np.savez(tmp_path / "a.npz", x_train=x, y_train=np.arange(9) % 4 - 1)
    dataset = data.load(tmp_path / "a.npz", "labelled", size=8)
    assert set(everything(dataset)["label"]) == {-1, 0, 1, 2}
    assert dataset.classes == ("0", "1", "2")
    np.savez(tmp_path / "b.npz", x=x, y=np.arange(9) - 2)
    with pytest.raises(InputError, match="-1 where the class is not known"):
        data.load(tmp_path / "b.npz", "labelled", size=8)
