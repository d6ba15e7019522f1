"""Every way into a model reads the same data alike, or refuses them."""

import keras
import numpy as np
import pytest

from check import BACKEND, array, assert_same, installed, values
from keras_gen import explore
from keras_gen.errors import InputError
from keras_gen.networks import unet
from keras_gen.objectives import Pix2Pix
from objectives import tiny


def mostly_slow(quick, names=tiny.NAMES):
    """The names, all but some marked slow."""
    return pytest.mark.parametrize("name", [
        pytest.param(name, marks=[pytest.mark.slow] * (name not in quick))
        for name in names
    ])


SOME = mostly_slow(
    ["autoencoder"], ["autoencoder", "classifier", "pix2pix", "gan_ema"]
)
FORMS = {
    "int64": lambda x: x.astype("int64"),
    "levels": lambda x: x.astype("float32"),
    "float64": lambda x: x.astype("float64"),
    "signed": lambda x: x / np.float32(127.5) - 1,
    "unit": lambda x: x / np.float32(255),
}
# Of labels.
NUMBERS = {
    "int64": lambda x: x.astype("int64"),
    "levels": lambda x: x.astype("float32"),
    "float64": lambda x: x[..., None].astype("float64"),
    "signed": lambda x: x.astype("uint8"),
    "unit": lambda x: x.astype("int8"),
}


def formed(columns, form):
    """The same columns, each in this form."""
    forms = {"u": FORMS, "i": NUMBERS}
    return {
        column: forms.get(x.dtype.kind, {form: np.float64})[form](x)
        for column, x in columns.items()
    }


def pictures(n):
    return tiny.pictures(np.random.default_rng(4), n)


def first(columns):
    return next(iter(columns.values()))


def losses(model, *data, **options):
    return model.evaluate(
        *data, batch_size=tiny.ROWS, verbose=0, return_dict=True, **options
    )


@mostly_slow(["autoencoder"])
def test_a_data_set_is_the_same_in_all_forms(name):
    model, columns = tiny.compiled(name), tiny.data(name, tiny.ROWS)
    expected = losses(model, columns)
    for i, form in enumerate(FORMS):
        data = formed(columns, form)
        found = losses(model, *data.values()) if i % 2 else losses(model, data)
        assert found == pytest.approx(expected, rel=1e-4), form
    # It does depend on the data.
    other = {c: (x[::-1] / 2).astype(x.dtype) for c, x in columns.items()}
    assert losses(model, other) != pytest.approx(expected, rel=1e-4)


@SOME
def test_training_is_the_same_in_all_forms(name):
    columns, found = tiny.data(name, tiny.ROWS), []
    ways = {
        "fit": lambda model, data: tiny.fit(
            model, data, validation_data=(data, None)
        ),
        "batch": lambda model, data: model.train_on_batch(*data.values()),
    }
    for way in ways.values():
        for data in (columns, formed(columns, "levels")):
            keras.utils.set_random_seed(0)
            model = tiny.compiled(name)
            before = values(model)
            way(model, data)
            assert any((a != b).any() for a, b in zip(values(model), before))
            found.append(values(model))
    for other in found[1:]:
        assert_same(other, found[0])


@SOME
def test_a_validation_set_counts_as_in_evaluate(name):
    columns, model = tiny.data(name), tiny.compiled(name)
    history = tiny.fit(
        model, columns,
        validation_data=tuple(formed(columns, "unit").values()),
    ).history
    for key, value in losses(model, columns).items():
        assert history[f"val_{key}"] == [pytest.approx(value, rel=1e-4)]
        assert model.test_on_batch(columns, return_dict=True)[key] is not None


# -- predict and the model as a function --------------------------------------


def own_method(model):
    """What `predict` must say, by the method that says it; in [-1, 1]."""
    if hasattr(model, "classify"):
        return model.classify
    if hasattr(model, "translate"):
        return lambda x: model.translate(x) / 127.5 - 1
    return lambda x: model.reconstruct(x) / 127.5 - 1


@mostly_slow(
    ["classifier", "pix2pix"],
    ["autoencoder", "classifier", "pix2pix", "cyclegan", "srgan"],
)
def test_predict_is_the_own_method(name):
    model, x = tiny.compiled(name), first(tiny.data(name))
    expected = own_method(model)(x)
    near = 1e-5 if name == "classifier" else 0.51 / 127.5
    for form in ("uint8", "unit"):
        data = x if form == "uint8" else FORMS[form](x)
        for found in (
            model.predict(data, batch_size=5, verbose=0),
            model.predict_on_batch(data),
            array(model(data)),
            array(model(keras.ops.convert_to_tensor(data))),
        ):
            np.testing.assert_allclose(found, expected, rtol=0, atol=near)
        np.testing.assert_allclose(
            own_method(model)(data), expected, rtol=0, atol=1.01 / 127.5
        )


def test_predict_of_an_average_is_the_average():
    model = tiny.compiled("classifier")
    model.average(0.5, ["classifier"])
    x = pictures(5)
    for weight in model.classifier.weights:
        weight.assign(weight * 1.5 + 0.1)
    averaged = model.classify(x)
    np.testing.assert_allclose(
        model.predict(x, verbose=0), averaged, atol=1e-5
    )
    np.testing.assert_allclose(array(model(x)), averaged, atol=1e-5)
    moving = array(model(x, training=True))
    assert np.abs(moving - averaged).max() > 1e-3


@mostly_slow(["cgan", "vae"], ["gan_ema", "cgan", "vae", "gan_points"])
def test_predict_of_latents_is_decode(name):
    model = tiny.compiled(name)
    z = explore.latents(model, range(4))
    given, label = z, None
    if name == "cgan":
        label = np.array([0, 2, 1, 1])
        given = {"latent": z, "label": label[:, None]}
    expected = explore.decode(model, z, label)
    for found in (
        model.predict(given, verbose=0), array(model(given)),
        model.predict_on_batch(given),
    ):
        found = model.made.restore(found)
        near = 1 if found.dtype == np.uint8 else 1e-5
        assert np.abs(np.float64(found) - expected).max() <= near
    with pytest.raises(InputError, match=r"latents .*\(n, 5\), got"):
        model.predict({"latent": pictures(2), "label": [0, 1]})
    with pytest.raises(InputError, match="finite"):
        model({"latent": z * np.nan, "label": [0, 1, 1, 1]})


def test_predict_says_which_method_draws_dropout():
    model = Pix2Pix(
        unet.generator(size=16, width=4, normalization="instance"),
        tiny.build("pix2pix").discriminator, dropout_at_test=True,
    )
    for ask in (model.predict, model.predict_on_batch, model):
        with pytest.raises(InputError, match=r"use translate\(pictures"):
            ask(pictures(2))


def test_gradients_pass_through_a_call():
    model = tiny.compiled("classifier")
    for form in ("levels", "unit", "signed"):
        x = keras.ops.convert_to_tensor(FORMS[form](pictures(3)))
        if BACKEND == "torch":
            x.requires_grad_(True)
            model(x)[:, 0].sum().backward()
            found = x.grad.numpy()
        else:
            import tensorflow as tf

            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(model(x)[:, 0])
            found = tape.gradient(y, x).numpy()
        assert found.shape == x.shape and np.abs(found).max() > 0


def test_a_model_is_a_layer_of_another():
    model = tiny.compiled("classifier")
    image = keras.Input((16, 16, 3))
    whole = keras.Model(image, model(image))
    x = pictures(3)
    np.testing.assert_allclose(
        array(whole(np.float32(x) / 127.5 - 1)), model.classify(x), atol=1e-5
    )


# -- streams -----------------------------------------------------------------


def batches(columns, plain=True):
    for i in range(0, len(first(columns)), tiny.ROWS):
        batch = {c: x[i:i + tiny.ROWS] for c, x in columns.items()}
        yield tuple(batch.values()) if plain else batch


class Sequence(keras.utils.PyDataset):
    """Batches that may be asked for in any order."""

    def __init__(self, columns, plain):
        super().__init__()
        self.batches = list(batches(columns, plain))

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


def tf_data(columns, plain):
    tf = pytest.importorskip("tensorflow")
    data = tuple(columns.values()) if plain else columns
    data = data[0] if plain and len(data) == 1 else data
    return tf.data.Dataset.from_tensor_slices(data).batch(tiny.ROWS)


def loader(columns, plain):
    torch = pytest.importorskip("torch")
    rows = torch.utils.data.TensorDataset(
        *(torch.as_tensor(x) for x in columns.values())
    )
    return torch.utils.data.DataLoader(rows, batch_size=tiny.ROWS)


STREAMS = {
    "generator": batches,
    "iterator": lambda columns, plain: iter(list(batches(columns, plain))),
    "PyDataset": Sequence,
    "tf.data": tf_data,
    "DataLoader": loader,
}
# PyTorch takes long to import.
EACH = pytest.mark.parametrize("stream", [
    pytest.param(stream, marks=[pytest.mark.slow] * (stream in slow))
    for slow in [("iterator", "DataLoader")] for stream in STREAMS
])


@EACH
@SOME
def test_a_stream_is_the_same_in_all_forms(name, stream):
    model, columns = tiny.compiled(name), tiny.data(name)
    expected = losses(model, columns)
    for i, form in enumerate(("uint8", "levels", "unit", "signed")):
        data = columns if form == "uint8" else formed(columns, form)
        data = STREAMS[stream](data, i % 2 == 0)
        found = model.evaluate(data, verbose=0, return_dict=True)
        assert found == pytest.approx(expected, rel=1e-4), form


@pytest.mark.parametrize("stream", [
    stream if stream == "tf.data" else
    pytest.param(stream, marks=pytest.mark.slow) for stream in STREAMS
])
def test_a_model_is_trained_by_a_stream_in_a_graph(stream):
    found = []
    for form in ("uint8", "levels"):
        columns = tiny.data("classifier")
        columns = columns if form == "uint8" else formed(columns, form)
        keras.utils.set_random_seed(0)
        model = tiny.compiled("classifier", run_eagerly=False)
        model.fit(
            STREAMS[stream](columns, True), verbose=0, shuffle=False,
            validation_data=STREAMS[stream](columns, True),
            steps_per_epoch=2, validation_steps=2,
        )
        assert model.steps_done == 2
        found.append(values(model))
    for a, b in zip(*found):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@EACH
def test_a_batch_of_a_stream_is_refused_in_its_turn(stream):
    columns = formed(tiny.data("classifier", 4 * tiny.ROWS), "levels")
    for column, value, words in [
        ("image", 4000, "image: the first batches were floats in 0 ... 255, "
         "then came one from 0 to 4000: scale all alike"),
        ("label", 3, "label must go from 0 to 2, got 0 to 3"),
    ]:
        wrong = {c: x.copy() for c, x in columns.items()}
        wrong[column][3 * tiny.ROWS] = value
        model = tiny.compiled("classifier")
        with pytest.raises(InputError) as error:
            model.fit(STREAMS[stream](wrong, True), verbose=0, shuffle=False)
        assert str(error.value) == words and model.steps_done < 4


@EACH
def test_small_batches_tell_the_scale_together(stream, capsys):
    """Of three pictures alone one could not know."""
    x = np.float32(pictures(24)) / 255
    x = (0.1 + 0.8 * x) ** 1.1
    x[16:] = np.float32(pictures(8)) / 255 * 0.98
    model = tiny.compiled("autoencoder")
    expected = model.evaluate(2 * x - 1, batch_size=tiny.ROWS, verbose=0)
    assert capsys.readouterr().err == ""
    found = model.evaluate(STREAMS[stream]({"image": x}, True), verbose=0)
    assert found == pytest.approx(expected, rel=1e-4)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "taken as [0, 1]" in said[0]


@pytest.mark.slow
def test_a_loader_of_dicts():
    torch = pytest.importorskip("torch")
    model, columns = tiny.compiled("classifier"), tiny.data("classifier")
    rows = [dict(zip(columns, row)) for row in zip(*columns.values())]
    loader = torch.utils.data.DataLoader(rows, batch_size=tiny.ROWS)
    if BACKEND == "torch":
        expected = losses(model, columns)
        found = model.evaluate(loader, verbose=0, return_dict=True)
        assert found == pytest.approx(expected, rel=1e-4)
        return
    with pytest.raises(InputError, match="tuples of image, label"):
        model.evaluate(loader, verbose=0)


@pytest.mark.parametrize("x", [
    3, None, "x", object(), {}, {1: 2}, {"image": 3}, [], (), set(), [[1], [2]],
    np.zeros(()), np.zeros((2, 16, 16, 3), complex), len, b"", iter([]),
    iter([None]), ("image", "label"),
], ids=lambda x: type(x).__name__)
def test_anything_else_is_refused_in_one_line(x):
    model = tiny.compiled("classifier")
    for entry in (model.fit, model.evaluate, model.predict,
                  model.train_on_batch, model.classify, model):
        with pytest.raises(InputError) as error:
            entry(x)
        assert "\n" not in str(error.value)


def test_predict_takes_what_stands_beside_labels():
    model, columns = tiny.compiled("classifier"), tiny.data("classifier")
    expected = model.classify(columns["image"])
    for made in (Sequence, batches):
        found = model.predict(made(formed(columns, "unit"), True), verbose=0)
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.skipif(not installed("tensorflow"), reason="Keras' reader")
def test_pictures_of_a_folder_as_keras_reads_them(tmp_path, capsys):
    from PIL import Image

    x, label = pictures(12), np.arange(12) % 2
    for i, picture in enumerate(x):
        folder = tmp_path / "ab"[label[i]]
        folder.mkdir(exist_ok=True)
        Image.fromarray(picture).save(folder / f"{i:02}.png")
    # Class after class.
    x = np.concatenate([x[0::2], x[1::2]])

    def read(mode):
        return keras.utils.image_dataset_from_directory(
            tmp_path, image_size=(16, 16), batch_size=4, shuffle=False,
            label_mode=mode, verbose=False,
        )

    label = np.repeat([0, 1], 6)
    model = tiny.compiled("classifier")
    expected = model.evaluate(x, label, batch_size=4, verbose=0)
    found = model.evaluate(read("binary"), verbose=0)
    assert found == pytest.approx(expected, rel=1e-4)
    with pytest.raises(InputError, match="one-hot"):
        model.evaluate(read("categorical"), verbose=0)
    model = tiny.compiled("autoencoder")
    expected = model.evaluate(x, batch_size=4, verbose=0)
    assert capsys.readouterr().err == ""
    for mode in (None, "int"):
        found = model.evaluate(read(mode), verbose=0)
        assert found == pytest.approx(expected, rel=1e-4)
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"{model.name}: y: left out, for Autoencoder trains on image alone"
    ]


# -- what is refused ----------------------------------------------------------

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
    model = tiny.compiled(name)
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
    model, y = tiny.compiled(name), np.array([0, 1, 2, 0, 1, 2])
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
    model = tiny.compiled("classifier_attributes")
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


def test_labels_with_an_axis_are_the_labels():
    model = tiny.compiled("classifier")
    x, y = tiny.data("classifier").values()
    assert model.accuracy(x, y[:, None]) == model.accuracy(x, y)
    right = model.classify(x).argmax(-1)
    assert model.accuracy(x, right[:, None]) == 1
    assert model.evaluate(x, right[:, None], verbose=0)[1] == (
        model.evaluate(x, right, verbose=0)[1]
    )


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
    model = tiny.compiled(name)
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


def test_explore_reads_pictures_and_refuses_words():
    model, x = tiny.build("vae"), pictures(4)
    way = explore.attribute_direction(model.encode(x), [0, 1, 1, 0])
    expected = explore.shifted(model, x, way)
    for form in ("unit", "levels", "signed"):
        found = explore.shifted(model, FORMS[form](x), way)
        assert found.dtype == np.uint8
        assert np.abs(np.int32(found) - expected).max() <= 1
    rows, _ = explore.neighbours(x[:2] / 255, x * 1.0, k=1)
    np.testing.assert_array_equal(rows[:, 0], rows[:, 1])
    z = model.encode(x)
    for call, words in [
        (lambda: explore.decode(model, [["a"] * 5]), "of words"),
        (lambda: explore.decode(model, z * np.nan), "finite"),
        (lambda: explore.interpolate(model, None), "array of numbers"),
        (lambda: explore.attribute_direction(z, [-1, 1, 1, -1]), "0 and 1"),
        (lambda: explore.attribute_direction(z, list("abba")), "of words"),
        (lambda: explore.shifted(model, x, way[:3]), "direction must be"),
        (lambda: explore.shifted(model, x * 16.0, way), "from 0 to 255"),
        (lambda: explore.neighbours(x * 16.0, x), "samples: .* 0 to 255"),
    ]:
        with pytest.raises(InputError, match=words) as error:
            call()
        assert "\n" not in str(error.value)
