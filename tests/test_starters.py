"""The starters' published weights against what is known of the shapes."""

import numpy as np
import pytest
from scipy import linalg

import recipes
from keras_gen import zoo
from keras_gen.data.sources import moving, points, shapes, solids
from keras_gen.metrics import mode_coverage
from keras_gen.values.picture import resized

CLASSES = len(shapes.CLASSES)
STARTERS = [name for name in recipes.PUBLISHED if recipes.starter(name)]


def error(a, b):
    return np.abs(a.astype("float64") - b).mean()


def shows_every_class(recipe, model):
    kinds = shapes.classify(model.generate(2000, seed=0))
    shares = np.bincount(kinds, minlength=CLASSES) / 2000
    assert shares.min() >= 0.02, shares


def draws_the_requested_class(recipe, model):
    label = np.arange(2000) % CLASSES
    pictures = model.generate(2000, seed=0, label=label)
    assert (shapes.classify(pictures) == label).mean() >= 0.95


def is_four_times_nearer_than_the_mean_picture(recipe, model):
    test = recipe.dataset("test").take(np.arange(512))
    mean = recipe.dataset().take(np.arange(2048))["target"].mean(0)
    found = error(model.translate(test["input"]), test["target"])
    assert found <= error(mean, test["target"]) / 4


def lands_at_most_half_as_far_from_the_partner(recipe, model):
    a, b = shapes.looks("test", 256, 64)
    unchanged = error(a, b)
    assert error(model.translate(a, to="b"), b) <= unchanged / 2
    assert error(model.translate(b, to="a"), a) <= unchanged / 2


def beats_pca_of_equal_code_size(recipe, model):
    code = recipe["networks"]["encoder"]["latent_dim"]
    train = recipe.dataset().take(np.arange(8192))["image"]
    train = train.reshape(len(train), -1).astype("float32")
    pictures = recipe.dataset("test").take(np.arange(1024))["image"]
    flat = pictures.reshape(len(pictures), -1).astype("float32")
    mean = train.mean(0)
    _, axes = linalg.eigh(
        (train - mean).T @ (train - mean),
        subset_by_index=[len(mean) - code, len(mean) - 1],
    )
    pca = (flat - mean) @ axes @ axes.T + mean
    found = model.reconstruct(pictures).reshape(len(pictures), -1)
    assert np.square(found - flat).mean() < np.square(pca - flat).mean()


def knows_unseen_shapes(recipe, model):
    test = recipe.dataset("test")
    test = test.take(np.arange(len(test)))
    assert len(test["label"]) == 2048
    assert model.accuracy(test["image"], test["label"]) >= 0.99


def shows_five_classes_and_beats_the_mixture(recipe, model):
    """Of a training in stages, whose crosses hardly appear: see its card."""
    kinds = shapes.classify(model.generate(2000, seed=0))
    shares = np.bincount(kinds, minlength=CLASSES) / 2000
    assert (shares >= 0.02).sum() >= CLASSES - 1, shares
    distances = next(
        group["frechet_distance"] for group in recipe["results"]
        if "frechet_distance" in group
    )
    assert distances["model"] < distances["Gaussian mixture"]


def finds_every_mode(recipe, model):
    mixture = points.MIXTURES[recipe["data"]["source"]]
    found = mode_coverage(model.generate(2000, seed=0), mixture)
    assert found.found == len(mixture.centres)
    assert found.high_quality >= 0.6


def shows_most_classes(recipe, model):
    source = {"voxels": solids, "videos": moving}[recipe["data"]["kind"]]
    kinds = source.classify(model.generate(512, seed=0))
    shares = np.bincount(kinds, minlength=len(source.CLASSES)) / 512
    # Chance alone would be one sixth each.
    assert (shares >= 0.01).sum() >= len(shares) - 1, shares


def enlarges_better_than_bicubic(recipe, model):
    test = recipe.dataset("test").take(np.arange(256))
    small, large = test["input"], test["target"]
    made = model.translate(small)
    assert made.shape == large.shape
    plain = resized(small, large.shape[1:3])
    assert error(made, large) < 0.8 * error(plain, large)


# What must be true of an objective's starters on a kind of data.
TRUE = {
    ("GAN", "images"): shows_every_class,
    ("GAN", "images", "stages"): shows_five_classes_and_beats_the_mixture,
    ("GAN", "points"): finds_every_mode,
    ("UnrolledGAN", "points"): finds_every_mode,
    ("GAN", "voxels"): shows_most_classes,
    ("GAN", "videos"): shows_most_classes,
    ("WGAN", "images"): shows_every_class,
    ("CGAN", "labelled"): draws_the_requested_class,
    ("Pix2Pix", "pairs"): is_four_times_nearer_than_the_mean_picture,
    ("SRGAN", "pairs"): enlarges_better_than_bicubic,
    ("CycleGAN", "unpaired"): lands_at_most_half_as_far_from_the_partner,
    ("VAE", "images"): beats_pca_of_equal_code_size,
    ("Autoencoder", "images"): beats_pca_of_equal_code_size,
    ("Classifier", "labelled"): knows_unseen_shapes,
}


@pytest.mark.parametrize("name", recipes.few(STARTERS))
def test_a_starter_knows_the_shapes(name):
    recipe, model = zoo.recipe(name), zoo.load(name)
    key = type(model).__name__, recipe["data"]["kind"]
    if "stages" in recipe.values:
        key = *key, "stages"
    TRUE[key](recipe, model)
