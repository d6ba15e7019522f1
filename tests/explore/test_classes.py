"""Classes, and mixtures of them."""

import keras
import numpy as np
import pytest
from keras import layers

from explore import linear
from keras_gen import explore, zoo
from keras_gen.errors import InputError
from keras_gen.explore.classes import mixed
from networks.case import randomise
from objectives import tiny


@pytest.fixture(params=["cgan", "cgan_resnet", "zoo", "ema"])
def model(request):
    if request.param == "zoo":
        return zoo.load("cgan_shapes")
    model = tiny.build("cgan" if request.param == "ema" else request.param)
    randomise(model.generator)
    if request.param == "ema":
        model.average(0.9, ["generator"])
        for weight in model.generator.weights:
            weight.assign(0 * weight)
    return model


def test_a_row_is_a_class_and_a_column_a_latent(model):
    rows = explore.class_grid(model, explore.latents(model, [4, 5]))
    assert rows.shape[:2] == (model.classes, 2)
    for label in (0, model.classes - 1):
        own = model.generate(2, seed=4, label=label)
        assert np.abs(rows[label].astype(int) - own).max() <= 1
    assert (rows[0] != rows[1]).any()


def test_ends_are_the_pure_classes(model):
    z = explore.latents(model, range(30))
    rows = explore.class_interpolation(model, 2, 0, z, steps=3)
    for column, label in ((0, 2), (2, 0)):
        own = explore.decode(model, z, label)
        assert np.abs(rows[:, column].astype(int) - own).max() <= 1
        assert (rows[:, column] == own).mean() > 0.99
    middle = rows[:, 1].astype(int)
    assert np.abs(middle - rows[:, 0]).max() > 5
    assert np.abs(middle - rows[:, 2]).max() > 5


def test_in_between_are_mixtures_of_the_embedded_labels():
    table = np.random.default_rng(1).normal(size=(4, 3))
    weights, z = linear.matrix(3), np.random.default_rng(2).normal(size=(5, 3))
    model = linear.cgan(weights, table)
    rows = explore.class_interpolation(model, 1, 3, z, steps=6)
    t = np.linspace(0, 1, 6)[:, None]
    vectors = (1 - t) * table[1] + t * table[3]
    linear.close(rows, linear.pictures(z[:, None] + vectors, weights))


@pytest.mark.slow
def test_the_networks_keep_their_inputs_and_weights(model):
    before = [v.path for v in model.generator.weights]
    inputs = sorted(x.name for x in model.generator.inputs)
    explore.class_interpolation(model, 0, 1, explore.latents(model, [0]))
    assert [v.path for v in model.generator.weights] == before
    assert sorted(x.name for x in model.generator.inputs) == inputs


def test_labels_that_are_not_embedded():
    latent = keras.Input((3,), name="latent")
    label = keras.Input((), dtype="int32", name="label")
    code = layers.CategoryEncoding(2, output_mode="one_hot")(label)
    x = layers.Dense(4)(layers.Concatenate()([latent, code]))
    network = keras.Model({"latent": latent, "label": label}, x, name="coded")
    with pytest.raises(InputError, match="labels of coded cannot be mixed"):
        mixed(network)


def test_bad_input():
    model, z = tiny.build("cgan"), np.zeros((1, 5))
    with pytest.raises(InputError, match="from 0 to 2"):
        explore.class_interpolation(model, 0, 3, z)
    with pytest.raises(InputError, match="at least 2 steps"):
        explore.class_interpolation(model, 0, 1, z, steps=1)
    for call in (
        lambda m: explore.class_grid(m, z),
        lambda m: explore.class_interpolation(m, 0, 1, z),
    ):
        with pytest.raises(InputError, match="has no classes"):
            call(tiny.build("gan"))
