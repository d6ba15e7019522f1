"""Every way into a model refuses what is wrong, in one line."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from objectives import tiny
from objectives.forms import Sequence, losses, pictures

WRONG = {
    "large": (lambda x: x * 16.0, "expected numbers from 0 to 255"),
    "sixteen bits": (lambda x: x.astype("uint16") * 257, "0 to 65535"),
    "negative": (lambda x: x.astype("int16") - 1, "got int16 from -1"),
    "nan": (lambda x: np.where(x > 250, np.nan, x), "finite numbers"),
    "channels first": (lambda x: np.moveaxis(x, 3, 1), "channels"),
    "grey": (lambda x: x[..., :1], "it has 1 channels, not 3"),
    "alone": (lambda x: x[0], "the batch's axis"),
    "none": (lambda x: x[:0], "nothing in it"),
    "flat": (lambda x: x.reshape(len(x), -1), "got uint8 of shape"),
    "words": (lambda x: x.astype(str), "of words"),
    "objects": (lambda x: x.astype(object), "of object"),
    "list": (list, "expected .*array"),
    "path": (lambda x: "pictures/", "keras_gen.data.load"),
    "nothing": (lambda x: None, "got None"),
}
# A list of pictures is an array of them here.
METHODS = (
    "classify", "features", "predictions", "translate", "reconstruct",
    "encode", "accuracy",
)


def entries(model):
    """Every way into a model that takes pictures: {name: whether it takes
    other columns, too}."""
    names = {"fit", "evaluate", "train_on_batch", "test_on_batch"}
    if "latent" not in model.call_inputs():
        names |= {"predict", "predict_on_batch", "__call__"}
    names |= {name for name in METHODS if hasattr(model, name)}
    alone = {"predict", "predict_on_batch", "__call__", *METHODS[:-1]}
    return {name: name not in alone for name in sorted(names)}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", [
    "autoencoder", "classifier", "pix2pix", "vae", "cgan",
])
def test_pictures_that_are_refused_everywhere(name, wrong):
    model = tiny.shared(name)
    x, *others = tiny.data(name, 3).values()
    form, words = WRONG[wrong]
    for entry, more in entries(model).items():
        if wrong == "list" and entry in METHODS:
            continue
        with pytest.raises(InputError, match=words) as error:
            getattr(model, entry)(form(x), *(others if more else ()))
        assert "\n" not in str(error.value)
    assert model.steps_done == 0


@pytest.mark.parametrize("wrong, words", [
    (lambda y: y + 1, "label must go from 0 to 2, got 1 to 3: subtract 1"),
    (lambda y: y - 1, "got -1 to 1: -1 stands for an unknown class"),
    (lambda y: np.eye(3)[y], "one-hot"),
    (lambda y: y / 2, "whole numbers"),
    (lambda y: np.array(["a", "b", "c"])[y], "of words"),
    (lambda y: y[:-1], "as many of each, got 6 of image, 5 of label"),
    (lambda y: y[:1], "as many of each, got 6 of image, 1 of label"),
    (lambda y: y[0], r"of shape \(n,\), got"),
    (lambda y: None, "image, label"),
])
@pytest.mark.parametrize("name", ["classifier", "cgan"])
def test_labels_that_are_refused_everywhere(name, wrong, words):
    model, y = tiny.shared(name), np.array([0, 1, 2, 0, 1, 2])
    x = pictures(6)
    ways = [
        model.fit, model.evaluate, model.train_on_batch, model.test_on_batch
    ]
    if name == "classifier" and wrong(y) is not None:
        ways.append(model.accuracy)
    for entry in ways:
        with pytest.raises(InputError, match=words) as error:
            entry(x, wrong(y))
        assert "\n" not in str(error.value)
    assert model.steps_done == 0


def test_attributes_are_0_and_1():
    model = tiny.shared("classifier_attributes")
    x, y = tiny.data("classifier_attributes").values()
    for same in (y.astype(bool), y.astype(float)):
        assert model.accuracy(x, same) == model.accuracy(x, y)
    assert losses(model, x, y.astype(bool)) == losses(model, x, y)
    for wrong, words in [
        (2 * y - 1, "must go from 0 to 1, got -1 to 1"),
        (y[:, :2], r"\(n, 3\), got int32 of shape \(16, 2\)"),
        (y[:, 0], r"\(n, 3\), got int32 of shape \(16,\)"),
    ]:
        for entry in (model.accuracy, model.fit, model.evaluate):
            with pytest.raises(InputError, match=words):
                entry(x, wrong)


@pytest.mark.parametrize("name, columns, words", [
    ("pix2pix", {"input": (8, 17, 16, 3), "target": (8, 17, 16, 3)},
     "multiples of"),
    ("pix2pix", {"input": (8, 16, 16, 3), "target": (8, 32, 32, 3)},
     "its target is 32 x 32"),
    ("pix2pix", {"input": (8, 16, 16, 3), "target": (8, 16, 16, 1)},
     "target: .* 1 channels"),
    ("cyclegan", {"a": (8, 32, 32, 3), "b": (8, 32, 32, 3)},
     r"a: .*\(n, 16, 16, 3\)"),
    ("cyclegan", {"a": (8, 16, 16, 3), "b": (4, 16, 16, 3)},
     "got 8 of a, 4 of b"),
    ("srgan", {"input": (8, 4, 4, 3), "target": (8, 16, 12, 3)},
     r"target: .*\(n, 16, 16, 3\)"),
    ("wgan_voxels", {"voxels": (8, 16, 16, 16)}, ""),
    ("gan_points", {"points": (8, 3)}, r"points of shape \(n, 2\)"),
])
def test_columns_that_do_not_go_together(name, columns, words):
    rng = np.random.default_rng(0)
    model = tiny.shared(name)
    data = {
        c: rng.integers(0, 256, s).astype("uint8") for c, s in columns.items()
    }
    if not words:
        whole = {c: x[..., None] for c, x in data.items()}
        assert losses(model, data) == losses(model, whole)
        return
    with pytest.raises(InputError, match=words) as error:
        model.fit(data, verbose=0)
    assert "\n" not in str(error.value) and model.steps_done == 0


def test_what_a_model_cannot_compare_with_is_refused(capsys):
    model, x = tiny.compiled("autoencoder"), pictures(8)
    with pytest.raises(InputError, match="trains on image alone: leave y out"):
        model.fit(x, x.copy())
    tiny.fit(model, x)
    model.fit(x, x, verbose=0)
    assert capsys.readouterr().err == ""
    for _ in range(2):
        model.fit(x, np.arange(8), verbose=0)
    assert len(capsys.readouterr().err.splitlines()) == 1
    with pytest.raises(InputError, match="brings its own: leave y out"):
        model.fit(Sequence({"image": x}, True), np.arange(8))


@pytest.mark.parametrize("x", [
    3, None, "x", object(), {}, {1: 2}, {"image": 3}, [], (), set(), [[1], [2]],
    np.zeros(()), np.zeros((2, 16, 16, 3), complex), len, b"", iter([]),
    iter([None]), ("image", "label"),
], ids=lambda x: type(x).__name__)
def test_anything_else_is_refused_in_one_line(x):
    model = tiny.shared("classifier")
    for entry in (model.fit, model.evaluate, model.predict,
                  model.train_on_batch, model.classify, model):
        with pytest.raises(InputError) as error:
            entry(x)
        assert "\n" not in str(error.value)
