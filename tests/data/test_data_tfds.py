"""TensorFlow Datasets: splits, columns, what cannot be had."""

import contextlib
import types

import numpy as np
import pytest

from keras_gen import data
from keras_gen.errors import InputError


def load(name, kind, split="train", **options):
    return data.load(name, kind, split, **{"size": 8, "channels": 1, **options})


def everything(dataset):
    return dataset.take(np.arange(len(dataset)))


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
