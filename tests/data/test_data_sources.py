"""Arguments of load, .npz arrays, TensorFlow Datasets."""

import contextlib
import os
import subprocess
import sys
import types

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


class Labels:
    names = ["cat", "dog", "eel"]


def fake_tfds(monkeypatch, splits, features=("image", "label")):
    tf = pytest.importorskip("tensorflow")
    tfds = pytest.importorskip("tensorflow_datasets")

    def examples(start, count):
        for i in range(count):
            # Of all sizes, as in many data sets.
            image = np.full((10 + i % 3, 12, 3), start + i, np.uint8)
            attributes = {"tie": i % 2 == 1, "hat": i % 3 == 0}
            yield {"image": image, "label": i % 3, "attributes": attributes}

    signature = {"image": tf.TensorSpec((None, None, 3), tf.uint8),
                 "label": tf.TensorSpec((), tf.int64),
                 "attributes": {"tie": tf.TensorSpec((), tf.bool),
                                "hat": tf.TensorSpec((), tf.bool)}}
    found = {
        name: tf.data.Dataset.from_generator(
            lambda spec=spec: examples(*spec), output_signature=signature
        ) for name, spec in splits.items()
    }
    known = {"image": types.SimpleNamespace(shape=(None, None, 3)),
             "label": Labels(), "attributes": {"tie": None, "hat": None}}
    info = types.SimpleNamespace(
        features={name: known[name] for name in features},
        splits={name: types.SimpleNamespace(num_examples=spec[1])
                for name, spec in splits.items()},
    )

    def load(name, with_info, shuffle_files):
        assert with_info and not shuffle_files
        return found, info

    monkeypatch.setattr(tfds, "load", load)


def test_tfds_images_and_labels(monkeypatch):
    fake_tfds(monkeypatch, {"train": (0, 9), "test": (100, 4)})
    train = load("mnist", "labelled")
    assert train.classes == ("cat", "dog", "eel")
    items = everything(train)
    assert items["image"].shape == (9, 8, 8, 1)
    assert items["image"][:, 4, 4, 0].tolist() == list(range(9))
    assert items["label"].tolist() == [0, 1, 2] * 3
    assert items["label"].dtype == np.int32
    test = everything(load("mnist", "images", "test", channels=3))
    assert list(test) == ["image"]
    assert test["image"][:, 4, 4, 2].tolist() == [100, 101, 102, 103]


def test_tfds_attributes(monkeypatch):
    fake_tfds(monkeypatch, {"train": (0, 6)}, ("image", "attributes"))
    train = load("celeb_a", "attributes")
    assert train.classes == ("hat", "tie")
    both = everything(load("celeb_a", "attributes", "test"))["label"]
    both = np.concatenate([both, everything(train)["label"]])
    assert both.shape == (6, 2) and both.dtype == np.int32
    one = everything(train)["image"][:, 4, 4, 0].astype(int)
    np.testing.assert_array_equal(
        everything(train)["label"], np.stack([one % 3 == 0, one % 2 == 1], 1)
    )
    assert data.properties("celeb_a", "attributes")[1] == ("hat", "tie")
    with pytest.raises(InputError, match="image and label in celeb_a"):
        load("celeb_a", "labelled")


def test_tfds_at_a_size_of_any_shape(monkeypatch):
    fake_tfds(monkeypatch, {"train": (0, 4), "test": (100, 4)})
    wide = everything(load("mnist", "labelled", size=[8, 12], crop=2))
    assert wide["image"].shape == (4, 8, 12, 1)
    assert data.properties("mnist", "images") == (3, ())
    with pytest.raises(InputError, match="kind 'videos' cannot be had from T"):
        data.load("mnist", "videos")


def test_tfds_without_a_test_split(monkeypatch):
    fake_tfds(monkeypatch, {"train": (0, 60)})
    both = [everything(load("mnist", "labelled", split))
            for split in ("train", "test")]
    seen = np.concatenate([part["image"][:, 4, 4, 0] for part in both])
    labels = np.concatenate([part["label"] for part in both])
    assert sorted(seen) == list(range(60)) and len(both[1]["label"]) > 1
    assert (labels == seen % 3).all()


@pytest.mark.parametrize("splits, counts", [
    ({"train": (0, 9), "validation": (50, 5), "test": (100, 4)}, (9, 5, 4)),
    # Without a test, it is the test.
    ({"train": (0, 9), "validation": (100, 4)}, (9, 0, 4)),
    ({"train": (0, 200), "test": (210, 4)}, (None, None, 4)),
])
def test_tfds_have_a_validation(monkeypatch, splits, counts):
    fake_tfds(monkeypatch, splits)
    found = []
    for split in data.SPLITS:
        with contextlib.suppress(InputError):
            found.append(
                everything(load("mnist", "images", split))["image"][:, 4, 4, 0]
            )
            continue
        found.append([])
    told = [len(part) for part in found]
    if counts[0] is None:
        assert sorted([*found[0], *found[1]]) == list(range(200))
        assert 3 <= told[1] <= 25
    else:
        assert told == list(counts)
    assert found[2][0] >= 100


def test_tfds_unpaired(monkeypatch):
    fake_tfds(monkeypatch, {"trainA": (0, 4), "trainB": (50, 3),
                            "testA": (100, 2), "testB": (150, 2)})
    train = load("cycle_gan/maps", "unpaired")
    assert train.columns["a"][:, 4, 4, 0].tolist() == [0, 1, 2, 3]
    assert train.columns["b"][:, 4, 4, 0].tolist() == [50, 51, 52]
    test = load("cycle_gan/maps", "unpaired", "test")
    assert test.columns["b"][:, 4, 4, 0].tolist() == [150, 151]
    with pytest.raises(InputError, match="a split train in .*trainA trainB"):
        load("cycle_gan/maps", "images")


def test_tfds_without_labels(monkeypatch):
    fake_tfds(monkeypatch, {"train": (0, 4)}, features=["image"])
    with pytest.raises(InputError, match="image and label in mnist, found im"):
        load("mnist", "labelled")


def test_tfds_that_cannot_be_downloaded(monkeypatch):
    tfds = pytest.importorskip("tensorflow_datasets")

    def fail(*args, **options):
        raise ConnectionError("no route to host\nand more")

    monkeypatch.setattr(tfds, "load", fail)
    with pytest.raises(InputError) as caught:
        load("mnist", "images")
    message = str(caught.value)
    assert "mnist (ConnectionError: no route to host); offline" in message
    assert all(word in message for word in ("'shapes'", "folder", ".npz"))
    assert "\n" not in message


@pytest.mark.parametrize("name, near", [
    ("fashion_mnst", "fashion_mnist"),
    ("cycle_gan/mapss", "cycle_gan/maps"),
    ("no_such_folder/train", "'shapes'"),
])
def test_tfds_unknown_name(monkeypatch, name, near):
    tfds = pytest.importorskip("tensorflow_datasets")
    monkeypatch.setattr(tfds, "load", None)  # not to be reached
    with pytest.raises(InputError) as caught:
        load(name, "images")
    assert f"no folder or file '{name}'" in str(caught.value)
    assert near in str(caught.value) and "\n" not in str(caught.value)


def test_tfds_has_no_pairs(monkeypatch):
    pytest.importorskip("tensorflow_datasets")
    with pytest.raises(InputError, match="kind 'pairs' cannot be had"):
        load("mnist", "pairs")


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
