"""Labels are optional: GAN and WGAN with and without them."""

import numpy as np
import pytest

from check import BACKEND, assert_same, needs, values
from keras_gen import explore
from keras_gen.data import Dataset
from keras_gen.errors import InputError
from keras_gen.export import golden
from keras_gen.networks import dcgan
from keras_gen.objectives.cgan import CGAN
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN
from objectives import tiny

SIZES = {"size": 16, "channels": 3, "width": 4}
SCHEMES = {
    "gan": (GAN, {"discriminator_steps": 2}),
    "wgan": (WGAN, {"gradient_penalty": 10.0, "critic_steps": 2}),
}


def labelled(scheme, classes=3, made=None, **more):
    """A model with labels, compiled."""
    kind, options = SCHEMES.get(scheme, (made, {}))
    model = kind(
        dcgan.generator(latent_dim=5, classes=classes, **SIZES),
        dcgan.discriminator(classes=classes, normalization="none", **SIZES),
        classes=classes, seed=3, **options, **more,
    )
    model.compile({p: tiny.adam() for p in model.players}, run_eagerly=True)
    return model


@pytest.mark.parametrize("scheme", SCHEMES)
def test_models_with_labels_train_and_generate(scheme):
    model = labelled(scheme)
    assert model.columns == ("image", "label")
    assert model.protocols == ("samples", "truncation", "labels")
    tiny.fit(model, tiny.data("cgan"))
    assert all(np.isfinite(v).all() for v in values(model))
    pictures = model.generate(3, seed=1, label=0)
    other = model.generate(3, seed=1, label=[0, 1, 2])
    np.testing.assert_array_equal(pictures[0], other[0])
    assert (pictures[1:] != other[1:]).any((1, 2, 3)).all()
    # Where none is asked for each has its seed's, in whatever batch.
    np.testing.assert_array_equal(
        model.generate(3, seed=1), model.generate(3, seed=1, label=[1, 2, 0])
    )
    np.testing.assert_array_equal(
        model.generate(3, seed=-2)[1:], model.generate(2, seed=-1)
    )
    with pytest.raises(InputError, match="labels go from 0 to 2"):
        model.generate(1, label=3)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_both_networks_learn_from_the_label(scheme):
    """The same step with other labels leads elsewhere."""
    columns = tiny.data("cgan", tiny.ROWS)
    moved = []
    for turn in range(2):
        model = labelled(scheme)
        model.generator.set_weights([
            np.random.default_rng(i).normal(0, 0.1, w.shape)
            for i, w in enumerate(model.generator.get_weights())
        ])
        judge = model.networks[model.judge]
        judge.set_weights([
            np.random.default_rng(i).normal(0, 0.1, w.shape)
            for i, w in enumerate(judge.get_weights())
        ])
        label = (columns["label"] + turn) % 3
        model.train_step(columns | {"label": label})
        moved.append([model.generator.get_weights(), judge.get_weights()])
    for one, other in zip(*moved):
        assert any((a != b).any() for a, b in zip(one, other))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_labels_out_of_range_are_refused_in_data(scheme):
    model, columns = labelled(scheme), tiny.data("cgan")
    model.check_data(Dataset(columns))
    for wrong in (-1, 3):
        columns["label"][0] = wrong
        with pytest.raises(InputError, match="labels must go from 0 to 2"):
            model.check_data(Dataset(columns))


def test_a_cgan_is_a_gan_with_labels():
    columns, found = tiny.data("cgan"), []
    for scheme, made in [("gan", None), ("cgan", CGAN)]:
        model = labelled(scheme, made=made)
        model.discriminator_steps = 1
        for i, network in enumerate(model.networks.values()):
            network.set_weights([
                np.random.default_rng([i, j]).normal(0, 0.1, w.shape)
                for j, w in enumerate(network.get_weights())
            ])
        tiny.fit(model, columns)
        found.append(values(model))
    assert_same(*found)


def test_without_labels_there_is_no_label():
    model = tiny.build("gan")
    assert model.classes == 0 and model.columns == ("image",)
    assert model.protocols == ("samples", "truncation")
    assert model.condition_inputs == {}
    with pytest.raises(InputError, match="takes no label"):
        model.generate(1, label=0)


def test_a_cgan_needs_labels():
    with pytest.raises(InputError, match="without labels use GAN"):
        CGAN(dcgan.generator(**SIZES), dcgan.discriminator(**SIZES), classes=0)


def test_one_class_is_a_class(tmp_path):
    model, columns = labelled("gan", classes=1), tiny.data("gan", tiny.ROWS)
    label = np.zeros(tiny.ROWS, int)
    tiny.fit(model, columns | {"label": label})
    np.testing.assert_array_equal(
        model.generate(2, seed=1), model.generate(2, seed=1, label=0)
    )
    with pytest.raises(InputError, match="must go from 0 to 0, got 1 to 1"):
        tiny.fit(model, columns | {"label": label + 1})
    z = explore.latents(model, [1, 2])
    assert explore.class_grid(model, z).shape == (1, 2, 16, 16, 3)
    assert len(golden.numbers(model)) == 2
    if BACKEND == "tensorflow":
        assert model.export(tmp_path).name == "1"


@needs("tensorflow")
def test_a_wgan_with_labels_is_exported(tmp_path):
    import tensorflow as tf

    model = labelled("wgan")
    served = tf.saved_model.load(str(model.export(tmp_path)))
    made = served.signatures["sample"](
        seed=tf.constant([1, 2], tf.int64),
        label=tf.constant([0, 2]),
        truncation=tf.constant([np.inf, np.inf]),
    )["image"].numpy()
    expected = model.generate(2, seed=1, label=[0, 2])
    assert np.abs(np.int32(made) - expected).max() <= 1


NAMES = ["Ankle boot", "bag", "Bag", "10", "Coat", "Übermantel"]


@pytest.fixture(scope="module")
def named():
    """A model whose classes have names."""
    return labelled("gan", 6, class_names=NAMES)


@pytest.mark.parametrize("label, number", [
    ("Ankle boot", 0), ("ANKLE BOOT", 0), ("bag", 1), ("Bag", 2), (2, 2),
    ("10", 3), ("5", 5), ("coat", 4), ("übermantel", 5), (np.int8(3), 3),
])
def test_a_class_is_asked_for_by_name_or_number(named, label, number):
    np.testing.assert_array_equal(named.labels(label, (2,)), [number] * 2)
    mixed = named.labels(np.array([label, 0], object), (2,))
    np.testing.assert_array_equal(mixed, [number, 0])


@pytest.mark.parametrize("label, words", [
    ("cat", "no class 'cat', did you mean Coat"),
    ("BAG", "no class 'BAG'"),  # there are two
    ("ankel boot", "did you mean Ankle boot: its labels go from 0 to 5"),
    ("zzz", r"no class 'zzz': its labels go from 0 to 5 .Ankle boot, bag, "),
    ("6", "labels go from 0 to 5, got 6"), ("-1", "go from 0 to 5, got -1"),
    (["Coat", "zzz"], "no class 'zzz'"), ("", "no class ''"),
    (None, "no class 'None'"), (1.0, "whole numbers"),
    ([[0], [0, 1]], "one or an array"),
])
def test_an_unknown_class_is_one_line(named, label, words):
    with pytest.raises(InputError, match=words) as caught:
        named.labels(label, (2,))
    assert "\n" not in str(caught.value)


def test_names_of_classes_are_as_many_as_these_and_different():
    for names in (["a", "b"], ["a", "b", "a"], [1, 2, 3]):
        with pytest.raises(InputError, match="class_names"):
            labelled("gan", 3, class_names=names)


def test_classes_that_moved_are_refused_in_data():
    model = labelled("gan", 3, class_names=["ape", "cat", "dog"])
    columns = tiny.data("cgan")
    for classes in [("ape", "cat", "dog"), ("0", "1", "2"), ("x", "y", "z")]:
        model.check_data(Dataset(columns, classes=classes))
    for classes in [("ape", "bee", "cat", "dog"), ("cat", "dog", "eel")]:
        with pytest.raises(InputError, match="'cat' is number 1 of the mod"):
            model.check_data(Dataset(columns, classes=classes))


def test_names_are_saved_with_the_model(named, tmp_path):
    import keras

    named.save(tmp_path / "named.keras")
    again = keras.models.load_model(tmp_path / "named.keras")
    assert list(again.class_names) == NAMES
    np.testing.assert_array_equal(
        again.generate(2, seed=1, label="coat"),
        named.generate(2, seed=1, label=4),
    )


@needs("tensorflow")
def test_an_export_knows_the_names(named, tmp_path):
    import tensorflow as tf

    served = tf.saved_model.load(str(named.export(tmp_path)))
    label_of = served.signatures["label_of"]
    asked = ["Ankle boot", "ANKLE BOOT", "bag", "Bag", "10", "ÜBERMANTEL"]
    found = label_of(class_name=tf.constant(asked))["label"].numpy()
    assert found.tolist() == [0, 0, 1, 2, 3, 5]
    for wrong in ("BAG", "cat", ""):
        with pytest.raises(Exception, match="no such class: they are Ankle"):
            label_of(class_name=tf.constant(["bag", wrong]))


@needs("tensorflow")
def test_a_model_of_one_class_is_exported(tmp_path):
    model = labelled("gan", 1, class_names=["cat"])
    assert model.export(tmp_path).is_dir()
