"""Perceptual path length of linear generators, where it is known."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_gen.errors import InputError
from keras_gen.evaluation import path_length
from keras_gen.networks import mlp
from keras_gen.objectives.cgan import CGAN
from keras_gen.objectives.gan import GAN
from objectives import tiny


def linear(dim, weights=None, seed=0):
    """A GAN whose generator is 2 x 2 pixels of a matrix times the latent."""
    latent = keras.Input((dim,), name="latent")
    x = layers.Dense(4, use_bias=False, name="matrix")(latent)
    generator = keras.Model(latent, layers.Reshape((2, 2, 1))(x))
    if weights is None:
        weights = np.random.default_rng(seed).normal(size=(dim, 4))
    generator.get_layer("matrix").set_weights([weights])
    return GAN(generator, mlp.discriminator(2, 1)), weights


def identity(pictures):
    return pictures


def test_a_linear_generator_on_straight_paths():
    """|W (b - a)|^2, whose mean over normal a and b is 2 |W|^2. Twice the
    features are four times the length."""
    model, w = linear(6)
    found = path_length(
        model, identity, 6000, epsilon=1e-2, interpolation="linear"
    )
    error = found.spread / np.sqrt(6000)
    assert found.value == pytest.approx(2 * (w * w).sum(), abs=4 * error)
    assert error < 0.02 * found.value
    twice = path_length(
        model, lambda x: 2 * np.asarray(x), 6000, epsilon=1e-2,
        interpolation="linear",
    )
    assert twice.value == pytest.approx(4 * found.value, rel=1e-5)


@pytest.mark.parametrize("n", [5, 70])
def test_each_path_is_between_its_own_latents(n):
    """The same latents through the derivative of the great circle, whose
    radius goes evenly from |a| to |b|."""
    model, w = linear(9)
    found = path_length(model, identity, n, epsilon=1e-3, seed=7)
    t = np.random.default_rng(7).uniform(0, 1 - 1e-3, n)
    lengths = []
    for first in range(0, n, 32):
        rows = min(32, n - first)
        seeds = 7 + 2 * first + np.arange(2 * rows)
        latents = keras.ops.convert_to_numpy(model.latents(seeds))
        for i in range(rows):
            a, b = latents[i], latents[rows + i]
            r, s = np.linalg.norm(a), np.linalg.norm(b)
            a, b = a / r, b / s
            angle, at = np.arccos(a @ b), t[first + i] + 5e-4
            place = np.sin((1 - at) * angle) * a + np.sin(at * angle) * b
            turn = np.cos(at * angle) * b - np.cos((1 - at) * angle) * a
            speed = (s - r) * place + (r + at * (s - r)) * angle * turn
            speed = speed / np.sin(angle)
            lengths.append(((speed @ w) ** 2).sum())
    assert found.value == pytest.approx(np.mean(lengths), rel=1e-3)
    assert found.spread == pytest.approx(np.std(lengths), rel=1e-3)


def test_epsilon_is_divided_out():
    model = tiny.build("gan_r1")
    values = [
        path_length(model, identity, 40, epsilon=epsilon).value
        for epsilon in (4e-3, 1e-3)
    ]
    assert values[0] == pytest.approx(values[1], rel=0.05)
    assert values[0] > 0


def test_a_generator_that_ignores_its_latents_has_no_length():
    model, _ = linear(3, np.zeros((3, 4)))
    assert path_length(model, identity, 40) == (0, 0)


def test_averages_and_any_keras_model():
    """The average is measured where there is one, as it makes the
    pictures; features may be a Keras network."""
    model, w = linear(4)
    model.average(0.5, ["generator"])
    model.generator.get_layer("matrix").set_weights([np.zeros((4, 4))])
    inputs = keras.Input((2, 2, 1))
    network = keras.Model(inputs, layers.Rescaling(3.0)(inputs))
    found = path_length(model, network, 20, epsilon=1e-2)
    plain = path_length(linear(4, w)[0], identity, 20, epsilon=1e-2)
    assert found.value == pytest.approx(9 * plain.value, rel=1e-4)


def conditional():
    """A cGAN whose class 0 is still and whose class 1 moves."""
    latent = keras.Input((4,), name="latent")
    label = keras.Input((), dtype="int32", name="label")
    x = layers.Multiply()([
        latent, layers.Embedding(2, 1, name="speed")(label)
    ])
    generator = keras.Model(
        {"latent": latent, "label": label}, layers.Reshape((2, 2, 1))(x)
    )
    generator.get_layer("speed").set_weights([np.array([[0.0], [1.0]])])
    image = keras.Input((2, 2, 1), name="image")
    score = layers.Dense(1)(layers.Flatten()(image))
    discriminator = keras.Model({"image": image, "label": label}, score)
    return CGAN(generator, discriminator, classes=2)


def test_a_conditional_model_keeps_the_label_along_the_path():
    model = conditional()
    found = [
        path_length(
            model, identity, 50, label=labels, interpolation="linear"
        ) for labels in (np.zeros(50), np.ones(50), np.arange(50) % 2)
    ]
    assert found[0] == (0, 0)
    assert found[1].value > 4
    assert found[2].value == pytest.approx(found[1].value / 2, rel=0.5)


@pytest.mark.parametrize(("options", "message"), [
    ({"n": 0}, "n must be"),
    ({"epsilon": 0}, "epsilon must be between 0 and 1"),
    ({"interpolation": "slerp"}, "one of spherical, linear, got 'slerp'"),
    ({"label": [1]}, r"each of the 10 paths, got shape \(1,\)"),
])
def test_bad_input(options, message):
    with pytest.raises(InputError, match=message):
        path_length(linear(3)[0], identity, **{"n": 10, **options})


def test_a_model_without_latents_is_refused():
    with pytest.raises(InputError, match="has no latents to draw: it trans"):
        path_length(tiny.build("pix2pix"), identity, 10)
