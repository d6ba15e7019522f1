"""Every way into a model reads the same data alike."""

import keras
import numpy as np
import pytest

from check import BACKEND, array, assert_same, values
from keras_gen import explore
from keras_gen.errors import InputError
from keras_gen.networks import unet
from keras_gen.objectives import Pix2Pix
from objectives import tiny
from objectives.forms import (
    FORMS,
    SOME,
    Sequence,
    batches,
    first,
    formed,
    losses,
    mostly_slow,
    pictures,
)


@mostly_slow(["autoencoder"])
def test_a_data_set_is_the_same_in_all_forms(name):
    model, columns = tiny.shared(name), tiny.data(name, tiny.ROWS)
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
    model, x = tiny.shared(name), first(tiny.data(name))
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
    model = tiny.shared(name)
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
    model = tiny.shared("classifier")
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
    model = tiny.shared("classifier")
    image = keras.Input((16, 16, 3))
    whole = keras.Model(image, model(image))
    x = pictures(3)
    np.testing.assert_allclose(
        array(whole(np.float32(x) / 127.5 - 1)), model.classify(x), atol=1e-5
    )


def test_predict_takes_what_stands_beside_labels():
    model, columns = tiny.shared("classifier"), tiny.data("classifier")
    expected = model.classify(columns["image"])
    for made in (Sequence, batches):
        found = model.predict(made(formed(columns, "unit"), True), verbose=0)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_labels_with_an_axis_are_the_labels():
    model = tiny.shared("classifier")
    x, y = tiny.data("classifier").values()
    assert model.accuracy(x, y[:, None]) == model.accuracy(x, y)
    right = model.classify(x).argmax(-1)
    assert model.accuracy(x, right[:, None]) == 1
    assert model.evaluate(x, right[:, None], verbose=0)[1] == (
        model.evaluate(x, right, verbose=0)[1]
    )


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
