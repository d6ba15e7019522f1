"""Sliders of attributes: which there are, and that they do what they say."""

import numpy as np
import pytest

from check import needs
from keras_gen import explore, zoo
from keras_gen.play import attributes, judges
from keras_gen.zoo import weights

NAMES = ["Smiling", "Rare", "Steady", "Attractive", "Young", "Slight"]


def says(latents):
    """A judge of six attributes, of latents themselves: the first and the
    fifth follow them, one is rare, one the same everywhere, one an opinion,
    and one changes little."""
    x, y = latents[:, 0], latents[:, 1]
    logits = np.stack([
        3 * x + 2 * y, x - 8, 0 * x + 9, 4 * x, 2 * y, 0.1 * x,
    ], 1)
    return 1 / (1 + np.exp(-logits))


def latents(n, seed):
    return np.random.default_rng(seed).normal(size=(n, 5)).astype("float32")


def test_directions_are_those_of_what_follows_the_latents():
    found = attributes.sliders(says, latents(4000, 0), latents(50, 1), NAMES)
    assert [each["name"] for each in found] == ["Smiling", "Young"]
    wanted = np.array([[3, 2, 0, 0, 0], [0, 1, 0, 0, 0]])
    wanted = wanted / np.linalg.norm(wanted, axis=1, keepdims=True)
    directions = np.array([each["direction"] for each in found])
    np.testing.assert_allclose(directions, wanted, atol=0.06)
    for i, each in enumerate(found):
        # Of the trials, two units each way.
        means = [
            says(latents(50, 1) + way * directions[i])[:, (0, 4)[i]].mean()
            for way in (-2, 2)
        ]
        np.testing.assert_allclose(each["means"], means, atol=2e-3)
        assert means[1] - means[0] > 0.3


def test_there_are_at_most_six():
    def all_alike(z):
        return says(z)[:, [0] * 9]

    names = [f"a{i}" for i in range(9)]
    found = attributes.sliders(
        all_alike, latents(500, 0), latents(20, 1), names
    )
    assert len(found) == 6


def test_a_judge_is_of_the_same_data_and_at_hand(monkeypatch):
    faces = zoo.recipe("vae_celeba")["data"]
    assert judges.of(faces) == "classifier_celeba"
    # Of one class each, not of attributes.
    assert judges.of(zoo.recipe("vae_shapes")["data"]) is None
    assert judges.of(zoo.recipe("pix2pix_maps")["data"]) is None
    monkeypatch.setattr(
        weights, "found", lambda values: {"classifier": ("to fetch", None)}
    )
    assert judges.of(faces) is None


def test_a_model_without_a_judge_has_none():
    recipe = zoo.recipe("gan_ring")
    assert attributes.of(recipe.smoke().build(), recipe) is None


def test_pictures_that_the_judge_does_not_take_have_none(monkeypatch):
    recipe = zoo.recipe("vae_shapes")
    monkeypatch.setattr(judges, "of", lambda data: "classifier_celeba")
    monkeypatch.setattr(attributes, "_SAMPLES", 4)
    assert attributes.of(zoo.load("vae_shapes"), recipe) is None


@pytest.mark.slow
@needs("tensorflow")
def test_sliders_raise_the_probability_of_their_attributes():
    """Of seeds that had no part in the directions."""
    model = zoo.load("vae_celeba")
    found = attributes.of(model, zoo.recipe("vae_celeba"))
    judge = zoo.load(found["judge"])
    assert found["judge"] == "classifier_celeba"
    names = [each["name"] for each in found["sliders"]]
    assert "Smiling" in names and "Attractive" not in names
    begun = explore.latents(model, range(9000, 9032))
    for each in found["sliders"]:
        direction = np.array(each["direction"], "float32")
        assert np.linalg.norm(direction) == pytest.approx(1, abs=1e-3)
        i = list(judge.classes).index(each["name"])
        means = [
            judge.predictions(explore.decode(model, begun + way * direction))
            ["probabilities"][:, i].mean()
            for way in (-2, 0, 2)
        ]
        assert means[0] < means[1] < means[2], each["name"]
        assert means[2] - means[0] > 0.25, each["name"]
        # As the page says, but for other faces.
        np.testing.assert_allclose(
            [means[0], means[2]], each["means"], atol=0.2
        )
