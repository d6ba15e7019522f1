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


def labelled(scheme, classes=3, made=None):
    """A model with labels, compiled."""
    kind, options = SCHEMES.get(scheme, (made, {}))
    model = kind(
        dcgan.generator(latent_dim=5, classes=classes, **SIZES),
        dcgan.discriminator(classes=classes, normalization="none", **SIZES),
        classes=classes, seed=3, **options,
    )
    model.compile({p: tiny.adam() for p in model.players}, run_eagerly=True)
    return model


@pytest.mark.parametrize("scheme", SCHEMES)
def test_models_with_labels_train_and_generate(scheme):
    model = labelled(scheme)
    assert model.columns == ("image", "label")
    assert model.protocols == ("samples", "labels")
    tiny.fit(model, tiny.data("cgan"))
    assert all(np.isfinite(v).all() for v in values(model))
    pictures = model.generate(3, seed=1, label=0)
    other = model.generate(3, seed=1, label=[0, 1, 2])
    np.testing.assert_array_equal(pictures[0], other[0])
    assert (pictures[1:] != other[1:]).any((1, 2, 3)).all()
    # Class after class where none is asked for.
    np.testing.assert_array_equal(model.generate(3, seed=1), other)
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
    assert model.protocols == ("samples",)
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
