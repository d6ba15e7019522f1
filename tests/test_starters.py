"""The starters' published weights against what is known of the shapes."""

import numpy as np
import pytest

from keras_gen import zoo
from keras_gen.data.sources import shapes

CLASSES = len(shapes.CLASSES)


def error(a, b):
    return np.abs(a.astype("float64") - b).mean()


@pytest.mark.parametrize("name", [
    "gan_shapes", "dcgan_shapes", "wgan_shapes", "wgan_gp_shapes",
])
def test_gans_show_every_class(name):
    kinds = shapes.classify(zoo.load(name).generate(2000, seed=0))
    shares = np.bincount(kinds, minlength=CLASSES) / 2000
    assert shares.min() >= 0.02, shares


def test_conditional_samples_have_the_requested_class():
    label = np.arange(2000) % CLASSES
    pictures = zoo.load("cgan_shapes").generate(2000, seed=0, label=label)
    assert (shapes.classify(pictures) == label).mean() >= 0.95


def test_pix2pix_is_four_times_nearer_than_the_mean_picture():
    recipe = zoo.recipe("pix2pix_shapes")
    test = recipe.dataset("test").take(np.arange(512))
    mean = recipe.dataset().take(np.arange(2048))["target"].mean(0)
    model = zoo.load("pix2pix_shapes")
    found = error(model.translate(test["input"]), test["target"])
    assert found <= error(mean, test["target"]) / 4


def test_cyclegan_lands_at_most_half_as_far_from_the_partner():
    a, b = shapes.looks("test", 256, 64)
    model = zoo.load("cyclegan_shapes")
    unchanged = error(a, b)
    assert error(model.translate(a, to="b"), b) <= unchanged / 2
    assert error(model.translate(b, to="a"), a) <= unchanged / 2


@pytest.mark.parametrize("name", ["vae_shapes", "autoencoder_shapes"])
def test_reconstruction_beats_pca_of_equal_code_size(name):
    recipe, model = zoo.recipe(name), zoo.load(name)
    code = recipe["networks"]["encoder"]["latent_dim"]
    train = recipe.dataset().take(np.arange(8192))["image"]
    train = train.reshape(len(train), -1).astype("float32")
    pictures = recipe.dataset("test").take(np.arange(1024))["image"]
    flat = pictures.reshape(len(pictures), -1).astype("float32")
    mean = train.mean(0)
    _, vectors = np.linalg.eigh((train - mean).T @ (train - mean))
    axes = vectors[:, -code:]
    pca = (flat - mean) @ axes @ axes.T + mean
    found = model.reconstruct(pictures).reshape(len(pictures), -1)
    assert np.square(found - flat).mean() < np.square(pca - flat).mean()


def test_the_classifier_knows_unseen_shapes():
    test = zoo.recipe("classifier_shapes").dataset("test")
    test = test.take(np.arange(len(test)))
    model = zoo.load("classifier_shapes")
    assert len(test["label"]) == 2048
    assert model.accuracy(test["image"], test["label"]) >= 0.99
