"""Latents of seeds and pictures of latents."""

import numpy as np
import pytest

from explore import linear
from keras_gen import explore
from keras_gen.errors import InputError
from objectives import tiny


def test_latents_and_pictures_are_those_of_generate():
    model = tiny.build("vae")
    made = explore.decode(model, explore.latents(model, [9, 4, 9]))
    for picture, seed in zip(made, (9, 4, 9)):
        expected = model.generate(1, seed=seed)[0]
        assert np.abs(picture.astype(int) - expected).max() <= 1


def test_any_leading_shape_and_many_rows():
    weights = linear.matrix(3)
    latents = np.random.default_rng(1).normal(size=(5, 27, 3))
    made = explore.decode(linear.gan(weights), latents)
    linear.close(made, linear.pictures(latents, weights))
    one = explore.decode(linear.gan(weights), latents[0, 0])
    assert one.shape == (2, 2, 1)


def test_averaged_networks_make_the_pictures():
    model = tiny.build("gan_ema")
    z = explore.latents(model, range(3))
    before = explore.decode(model, z)
    for weight in model.generator.weights:
        weight.assign(weight + 0.5)
    np.testing.assert_array_equal(explore.decode(model, z), before)
    assert (before == model.generate(3, seed=0)).mean() > 0.99


def test_codes_of_an_autoencoder_are_decoded():
    model = linear.autoencoder()
    image = np.random.default_rng(0).integers(0, 256, (9, 2, 2, 1), np.uint8)
    linear.close(explore.decode(model, model.encode(image)), image)


@pytest.mark.parametrize(("name", "words"), [
    ("autoencoder", "codes follow no known distribution"),
    ("pix2pix", "use keras-gen translate"),
    ("classifier", "does not make pictures"),
])
def test_models_without_latents(name, words):
    with pytest.raises(InputError, match=f"has no latents to draw.*{words}"):
        explore.latents(tiny.build(name), [0])


@pytest.mark.parametrize(("name", "latents", "label", "words"), [
    ("pix2pix", np.zeros((1, 5)), None, "has no latents"),
    ("gan", np.zeros((2, 4)), None, r"shape \(..., 5\), got \(2, 4\)"),
    ("gan", np.zeros((0, 5)), None, r"got \(0, 5\)"),
    ("gan", np.zeros((2, 5)), 1, "takes no label"),
    ("cgan", np.zeros((2, 5)), 3, "from 0 to 2, got 3"),
    ("cgan", np.zeros((2, 5)), [-1, 0], "from 0 to 2"),
    ("cgan", np.zeros((2, 5)), 0.5, "whole numbers"),
])
def test_bad_input(name, latents, label, words):
    with pytest.raises(InputError, match=words):
        explore.decode(tiny.build(name), latents, label)
