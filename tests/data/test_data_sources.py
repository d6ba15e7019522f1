"""Arguments of load, .npz arrays."""

import os
import subprocess
import sys

import numpy as np
import pytest

from check import BACKEND
from keras_gen import data
from keras_gen.errors import InputError


def pixels(count, size=8, channels=None, start=0):
    shape = (count, size, size) + ((channels,) if channels else ())
    array = np.empty(shape, np.uint8)
    array[:] = (start + np.arange(count)).reshape(-1, *[1] * (array.ndim - 1))
    return array


def save(tmp_path, **arrays):
    np.savez(tmp_path / "pack.npz", **arrays)
    return tmp_path / "pack.npz"


def load(path, kind, split="train", **options):
    options = {"size": 8, "channels": 1, **options}
    return data.load(path, kind, split, **options)


def everything(dataset):
    return dataset.take(np.arange(len(dataset)))


@pytest.mark.parametrize("change, message", [
    (dict(kind="films"), "kind is 'films'; give one of 'attributes', 'im"),
    (dict(split="val"), "split is 'val'; give one of 'train', 'v"),
    (dict(size=4), "size is 4; give a whole number 8 ... 1024"),
    (dict(size=32.0), "size must be a whole number or a list"),
    (dict(size=2000), "size is 2000"),
    (dict(channels=4), "channels is 4; give one of 1, 3"),
    (dict(kind="pairs", direction="both"),
     "direction is 'both'; give one of 'AtoB'"),
    (dict(seed="x"), "seed must be a whole number, got 'x'"),
    (dict(crop=-2), "crop is -2; give a whole number 0 ... 32"),
    (dict(size=8), "size is 8; the built-in shapes need 16 or more"),
    (dict(source="./nowhere"), "there is no ./nowhere; give 'shapes'"),
    (dict(source="~/nowhere.zip"), "there is no ~/nowhere.zip"),
    (dict(source="nowhere.npz"), "there is no nowhere.npz"),
    (dict(source="/no/where"), "there is no /no/where"),
    (dict(source=__file__), "neither a folder nor a .zip nor an .npz"),
])
def test_bad_arguments(change, message):
    arguments = dict(source="shapes", kind="images", size=32) | change
    with pytest.raises(InputError) as caught:
        data.load(**arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_keras_layout(tmp_path):
    path = save(
        tmp_path, x_train=pixels(20), y_train=np.arange(20) % 3,
        x_test=pixels(5, start=100), y_test=np.arange(5).reshape(5, 1),
    )
    train, test = load(path, "labelled"), load(path, "labelled", "test")
    assert len(train) == 20 and len(test) == 5
    assert train.classes == test.classes == ("0", "1", "2", "3", "4")
    assert everything(train)["label"].tolist() == [i % 3 for i in range(20)]
    assert everything(test)["label"].tolist() == [0, 1, 2, 3, 4]
    assert everything(test)["label"].dtype == np.int32
    assert everything(test)["image"].shape == (5, 8, 8, 1)
    np.testing.assert_array_equal(
        everything(load(path, "images"))["image"][:, 0, 0, 0], np.arange(20)
    )
    assert test.summary() == "5 pictures, 8x8x1, 5 classes"


def test_attributes_of_arrays(tmp_path):
    rows = np.arange(60).reshape(20, 3) % 2
    path = save(
        tmp_path, x_train=pixels(20), y_train=rows, x_test=pixels(2),
        y_test=np.array([[True, False, True], [False, False, True]]),
        classes=np.array(["hat", "tie", "dog"]),
    )
    train = load(path, "attributes")
    test = load(path, "attributes", "test")
    assert train.classes == test.classes == ("hat", "tie", "dog")
    np.testing.assert_array_equal(everything(train)["label"], rows)
    found = everything(test)["label"]
    assert found.tolist() == [[1, 0, 1], [0, 0, 1]]
    assert found.dtype == np.int32
    assert train.summary() == "20 pictures, 8x8x1, 3 attributes"
    assert data.properties(path, "attributes") == (1, train.classes)
    assert data.properties(path, "images") == (1, ())
    for batch in (train.batches(4, 1)[0], next(iter(_tf_batches(train)))):
        one = batch["image"][:, 0, 0, 0].astype(int)
        np.testing.assert_array_equal(batch["label"], rows[one])


def _tf_batches(dataset):
    if BACKEND != "tensorflow":
        return [dataset.batches(4, 1)[0]]
    return dataset.batches(4, 1).tf_data().as_numpy_iterator()


def test_hold_out_of_attributes(tmp_path):
    rows = np.arange(100)[:, None] // [1, 2] % 2
    path = save(tmp_path, image=pixels(100), label=rows)
    for split in ("train", "test"):
        part = everything(load(path, "attributes", split))
        one = part["image"][:, 0, 0, 0].astype(int)
        np.testing.assert_array_equal(part["label"], rows[one])


def test_named_classes_of_arrays(tmp_path):
    arrays = dict(x_train=pixels(4), y_train=[0, 1, 1, 0])
    path = save(tmp_path, classes=["cat", "dog", "eel"], **arrays)
    assert load(path, "labelled").classes == ("cat", "dog", "eel")
    for wrong in (["cat"], [1, 2], [["cat", "dog"]]):
        path = save(tmp_path, classes=wrong, **arrays)
        with pytest.raises(InputError, match="give the names of all"):
            load(path, "labelled")


@pytest.mark.parametrize("names", [
    ("image", "label"), ("x_train", "y_train"),
])
def test_hold_out_of_arrays(tmp_path, names):
    path = save(tmp_path, **{names[0]: pixels(100, channels=3),
                             names[1]: np.arange(100)})
    both = [everything(load(path, "labelled", split, channels=3))
            for split in data.SPLITS]
    for part in both:
        np.testing.assert_array_equal(
            part["image"][:, 0, 0, 0], part["label"]
        )
    joined = np.concatenate([part["label"] for part in both])
    assert sorted(joined) == list(range(100))
    assert 3 <= len(both[2]["label"]) <= 20


@pytest.mark.parametrize("names", [("input", "target"), ("a", "b")])
def test_pairs_of_arrays(tmp_path, names):
    path = save(tmp_path, **{names[0]: pixels(50),
                             names[1]: pixels(50, start=100)})
    there = everything(load(path, "pairs"))
    back = everything(load(path, "pairs", direction="BtoA"))
    np.testing.assert_array_equal(there["input"] + 100, there["target"])
    np.testing.assert_array_equal(there["input"], back["target"])
    np.testing.assert_array_equal(there["target"], back["input"])


def test_unpaired_arrays_may_differ_in_length(tmp_path):
    path = save(tmp_path, a_train=pixels(7), b_train=pixels(3),
                a_test=pixels(2), b_test=pixels(2))
    dataset = load(path, "unpaired")
    assert dataset.unpaired
    assert {k: len(v) for k, v in dataset.columns.items()} == {"a": 7, "b": 3}


def test_arrays_are_scaled_and_converted(tmp_path):
    image = np.full((20, 30, 40), 100 * 257, np.uint16)
    dataset = load(save(tmp_path, image=image), "images", size=16, channels=3)
    pictures = everything(dataset)["image"]
    assert pictures.shape[1:] == (16, 16, 3) and (pictures == 100).all()


@pytest.mark.parametrize("arrays, kind, message", [
    (dict(x_train=np.zeros((9, 8, 8), complex)), "images",
     "is complex128; give numbers"),
    (dict(x_train=np.zeros((9, 3, 8, 8), np.uint8)), "images",
     r"has shape \(9, 3, 8, 8\); give \(number, height"),
    (dict(pictures=np.zeros((9, 8, 8), np.uint8)), "images",
     "looks for arrays x_train or x or image.* found pictures"),
    (dict(x_train=np.zeros((9, 8, 8), np.uint8)), "labelled",
     "looks for arrays x_train y_train or"),
    (dict(image=np.zeros((9, 8, 8), np.uint8), label=np.zeros(8, int)),
     "labelled", "9 and 8 items"),
    (dict(image=np.zeros((9, 8, 8), np.uint8), label=np.zeros(9)),
     "labelled", "float64 .*whole numbers"),
    (dict(image=np.zeros((9, 8, 8), np.uint8), label=-np.ones(9, int)),
     "labelled", "whole numbers 0, 1"),
    (dict(image=np.zeros((9, 8, 8), np.uint8), label=np.zeros(9, int)),
     "attributes", r"int64 \(9,\); give 0 and 1 in one array"),
    (dict(image=np.zeros((9, 8, 8), np.uint8), label=-np.ones((9, 2), int)),
     "attributes", r"from -1 and 1 by \(y \+ 1\) // 2"),
    (dict(image=np.zeros((9, 8, 8), np.uint8), label=np.zeros((9, 2))),
     "attributes", "float64"),
    (dict(image=np.zeros((9, 8, 8), np.uint8), label=np.zeros((9, 2), int),
          classes=["a", "b", "c"]), "attributes", "3 names for 2 attributes"),
    (dict(image=np.zeros((9, 8, 8), np.uint8), label=np.zeros((9, 2), int)),
     "labelled", "whole numbers 0, 1"),
    (dict(image=np.array([None] * 9)), "images", "cannot be read"),
    (dict(image=np.uint8(3)), "images", "single value"),
])
def test_bad_arrays(tmp_path, arrays, kind, message):
    with pytest.raises(InputError, match=message) as caught:
        load(save(tmp_path, **arrays), kind)
    assert "\n" not in str(caught.value)


def test_not_an_npz(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"x")
    with open(tmp_path / "b.npz", "wb") as file:
        np.save(file, np.zeros(3))
    for name in "ab":
        with pytest.raises(InputError, match=f"{name}.npz is not an .npz"):
            load(tmp_path / f"{name}.npz", "images")


@pytest.mark.slow
def test_no_tensorflow_on_torch():
    pytest.importorskip("torch")
    code = (
        "import sys\n"
        "from keras_gen import data\n"
        "ds = data.load('shapes', 'pairs', size=16, crop=2)\n"
        "assert len(list(ds.batches(4, 3, flip=True))) == 3\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True,
        env=os.environ | {"KERAS_BACKEND": "torch"},
    )
