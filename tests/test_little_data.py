"""--augment: what the switch chooses, and that a run stays with it."""

import pytest

from check import assert_same, values
from keras_gen import zoo
from keras_gen.augmentation import AdaptiveAugment, DiffAugment
from keras_gen.errors import InputError
from keras_gen.training import little_data, trainer
from keras_gen.zoo import checkpoint, weights
from keras_gen.zoo.draft import Draft
from keras_gen.zoo.recipes import Recipe

KEY = "objective.augment"
COLOUR = ["colour", "translation"]


def auto(name, count, monkeypatch, begun=None, **changes):
    """What "auto" makes of the augmentation of a recipe for so many
    pictures."""
    changes = {k.replace("__", "."): v for k, v in changes.items()}
    recipe = zoo.recipe(name).override(changes)
    monkeypatch.setattr(Recipe, "dataset", lambda self: range(count))
    found = little_data.changes(recipe, "auto", begun)
    assert list(found) == [KEY]
    return recipe.override(found)["objective"].get("augment")


@pytest.mark.parametrize("count, images", [
    (100, 3_000), (8_000, 240_000), (15_978, 479_340), (60_000, 500_000),
    (99_999, 500_000), (100_000, None), (10**6, None),
])
def test_auto_goes_by_the_number_of_pictures(
    count, images, monkeypatch, capsys
):
    chosen = auto("dcgan_shapes", count, monkeypatch)
    said = capsys.readouterr().out
    assert said.startswith("augment     ") and f"{count:,} pictures" in said
    if images is None:
        assert chosen is None and "none" in said
        return
    assert chosen == {
        "class": "keras_gen.augmentation:AdaptiveAugment", "policy": COLOUR,
        "images": images,
    }


@pytest.mark.parametrize("name, changes", [
    ("wgan_shapes", {}), ("wgan_gp_shapes", {}),
    ("gan_shapes", {"objective__adversarial": "relativistic"}),
    ("gan_shapes", {"objective__adversarial": "wasserstein"}),
])
def test_a_judge_without_a_boundary_sees_a_fixed_share(
    name, changes, monkeypatch, capsys
):
    chosen = auto(name, 5_000, monkeypatch, **changes)
    assert chosen == {
        "class": "keras_gen.augmentation:DiffAugment", "policy": COLOUR,
        "probability": 0.3,
    }
    assert "30% of what the judge sees" in capsys.readouterr().out


@pytest.mark.parametrize("changes", [
    {"objective__adversarial": "hinge"}, {},
    {"objective__adversarial": "least_squares"},
])
def test_one_with_a_boundary_sees_what_it_needs(changes, monkeypatch):
    for name in ("gan_shapes", "cgan_shapes"):
        chosen = auto(name, 5_000, monkeypatch, **changes)
        assert chosen["class"].endswith(":AdaptiveAugment")


@pytest.mark.parametrize("name", ["dcgan_shapes", "wgan_gp_shapes"])
def test_what_is_chosen_can_be_built(name, monkeypatch):
    with monkeypatch.context() as patch:
        chosen = auto(name, 500, patch)
    model = zoo.recipe(name).smoke().override({KEY: chosen}).build()
    adaptive = name == "dcgan_shapes"
    assert isinstance(model.augment, AdaptiveAugment) == adaptive
    assert isinstance(model.augment, DiffAugment)
    assert model.augment.policy == tuple(COLOUR)


@pytest.mark.parametrize("before", [
    {"class": "keras_gen.augmentation:DiffAugment"}, None,
])
def test_a_run_that_goes_on_stays_with_what_it_has(before, monkeypatch):
    """However many pictures there are by now."""
    begun = zoo.recipe("gan_shapes").override({KEY: before})
    for count in (10, 10**6):
        assert auto("gan_shapes", count, monkeypatch, begun) == before


def test_policies_and_none_are_taken_as_they_are():
    recipe = zoo.recipe("gan_shapes")
    found = little_data.changes(recipe, "cutout,colour", None)
    other = recipe.override(found)
    assert other["objective"]["augment"] == {
        "class": "keras_gen.augmentation:DiffAugment",
        "policy": ["cutout", "colour"],
    }
    found = little_data.changes(other, "none", None)
    assert other.override(found).values == recipe.values
    assert recipe.override(found).values == recipe.values
    wrong = recipe.override(little_data.changes(recipe, "color", None))
    with pytest.raises(InputError, match="policy must be some of colour"):
        wrong.build()


@pytest.mark.parametrize("name, words", [
    ("vae_shapes", "what the judge of a GAN sees"),
    ("pix2pix_shapes", "what the judge of a GAN sees"),
    ("classifier_shapes", "what the judge of a GAN sees"),
    ("gan_ring", "makes points"), ("gan_voxels_shapes", "makes voxels"),
    ("gan_moving_shapes", "makes video"),
    ("gan_shapes", None), ("wgan_shapes", None), ("cgan_shapes", None),
])
@pytest.mark.parametrize("kind", [Recipe, Draft])
def test_what_has_no_pictures_to_judge_is_refused(kind, name, words):
    recipe = kind.read(weights.recipe_file(name))
    if words is None:
        little_data.check(recipe)
        return
    with pytest.raises(InputError, match=words) as caught:
        little_data.check(recipe)
    assert name in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.slow
def test_an_adaptive_run_that_goes_on_equals_one_without_a_stop(tmp_path):
    """Bit for bit, by the recipe in its folder."""
    plain = zoo.recipe("gan_shapes").smoke()
    recipe = plain.override(
        {KEY: {"class": "keras_gen.augmentation:AdaptiveAugment",
               "target": -1.0, "images": 20, "every": 1}}
    )
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    four = {"train.steps": 4}
    trainer.run(recipe.override(four), whole)
    trainer.run(recipe, parts)
    begun = Recipe.read(parts / "recipe.toml")
    found = little_data.changes(plain, "auto", begun)
    trainer.run(plain.override(found | four), parts)
    models = []
    for workdir in (whole, parts):
        models.append(recipe.build())
        checkpoint.restore(models[-1], workdir / "checkpoints")
    assert_same(*map(values, models))
    probability = models[0].memory_of(models[0].augment)["probability"]
    assert 0 < float(probability) <= 1
    for table in ("log.csv", "monitors.csv"):
        assert (whole / table).read_text() == (parts / table).read_text()
