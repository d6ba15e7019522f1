"""The size that data of one's own are trained at, and what is told of it."""

import numpy as np
import pytest
from PIL import Image

import recipes
from keras_gen import data, zoo
from keras_gen.errors import InputError
from keras_gen.zoo import draft, fit_to_data, retold, source_code, weights

STARTERS = [name for name in recipes.NAMES if recipes.starter(name)]


def read(name):
    return draft.Draft.read(weights.recipe_file(name))


def pack(folder, *sizes, top=""):
    """A picture of each (width, height) in a folder."""
    (folder / top).mkdir(parents=True, exist_ok=True)
    for number, size in enumerate(sizes):
        Image.new("RGB", size, (number, 0, 0)).save(
            folder / top / f"{number}.png"
        )
    return str(folder)


@pytest.mark.parametrize("name, sizes, pixels", [
    ("dcgan", [(64, 64)] * 30, 64), ("dcgan", [(178, 218)] * 30, 64),
    ("dcgan", [(40, 30)] * 30, 28), ("dcgan", [(12, 12)] * 30, 16),
    ("vae", [(60, 100)] * 30, 56), ("vae", [(32, 33)] * 30, 32),
    ("gan", [(64, 64)] * 30, 32), ("gan", [(9, 9)] * 30, 8),
    ("wgan_gp", [(30, 64)] * 30, 28), ("autoencoder", [(64, 65)] * 30, 64),
    ("pix2pix", [(512, 256)] * 30, 256), ("pix2pix", [(256, 128)] * 30, 128),
    ("pix2pix", [(1200, 600)] * 30, 256), ("srgan", [(99, 99)] * 30, 96),
    # One small picture among many does not count, several do.
    ("dcgan", [(64, 64)] * 29 + [(20, 20)], 64),
    ("dcgan", [(64, 64)] * 20 + [(20, 20)] * 10, 16),
])
def test_the_largest_that_is_learnt_and_there(name, sizes, pixels, tmp_path):
    recipe, source = read(name), pack(tmp_path / "mine", *sizes)
    found = fit_to_data.own_size(recipe, {"data.source": source})
    assert found.pixels == pixels and f"{pixels} px" in found.why
    larger = min(map(min, sizes)) < pixels and len(set(sizes)) == 1
    assert ("enlarged" in found.why) == larger
    changes = {"data.source": source, "data.size": pixels}
    following = fit_to_data.follow(recipe, changes)
    small = {k: v for k, v in recipe["smoke"].items() if "width" in k}
    made = zoo.recipe(name).override(changes | following | small)
    made.build().check_data(made.dataset())


def test_other_layouts_and_arrays(tmp_path):
    source = pack(tmp_path / "two", *[(150, 200)] * 9, top="trainA")
    pack(tmp_path / "two", *[(99, 300)] * 9, top="trainB")
    found = fit_to_data.own_size(read("cyclegan"), {"data.source": source})
    assert found.pixels == 96
    assert data.short_sides(source, "unpaired") == sorted(
        data.short_sides(source, "unpaired")
    )
    file = tmp_path / "a.npz"
    np.savez(file, x=np.zeros((9, 28, 30), np.uint8), y=np.arange(9) % 2)
    for name in ("dcgan", "cgan", "classifier", "vae"):
        found = fit_to_data.own_size(read(name), {"data.source": str(file)})
        assert found.pixels == 28
    changes = {"data.source": str(file), "data.crop": 5}
    assert fit_to_data.own_size(read("dcgan"), changes).pixels == 16


@pytest.mark.parametrize("name, more", [
    ("dcgan", {"data.size": 32}), ("dcgan", {"networks.generator.size": 16}),
    # Grown in stages; made for certain data, at their size.
    ("dcgan_grown", {}), ("dcgan_celeba", {}),
])
def test_what_is_set_stays(name, more, tmp_path):
    changes = {"data.source": pack(tmp_path / "a", *[(64, 64)] * 5)} | more
    assert fit_to_data.own_size(read(name), changes) is None


@pytest.mark.parametrize("name", recipes.each(STARTERS))
def test_built_in_data_have_any_size(name):
    source = zoo.recipe(name)["data"]["source"]
    assert fit_to_data.own_size(read(name), {}) is None
    assert fit_to_data.own_size(read(name), {"data.source": source}) is None


def test_data_that_do_not_fit_are_told(tmp_path):
    for name, source in (
        ("cgan", pack(tmp_path / "a", (9, 9), (9, 9))),
        ("pix2pix", str(tmp_path / "none.zip")),
    ):
        with pytest.raises(InputError):
            fit_to_data.own_size(read(name), {"data.source": source})


# -- what is told ------------------------------------------------------------


@pytest.mark.parametrize("name, changes, summary", [
    ("dcgan", {"data.source": "~/my faces/", "data.size": 64},
     "my faces, 64 px: deep convolutional GAN"),
    ("pix2pix", {"data.source": "/x/pairs.zip", "data.size": 256},
     "pairs.zip, 256 px: pix2pix"),
    ("pix2pix", {"data.size": 128}, "Label maps to pictures, 128 px: pix2pix"),
    ("vae", {"data.size": [32, 64]},
     "Coloured shapes, 32 x 64 px: variational autoencoder"),
    ("gan_ring", {"data.source": "a.csv"}, "a.csv: the bench of mode collapse"),
])
def test_a_summary_says_what_is_trained(name, changes, summary):
    own = read(name)
    told = retold.told_anew(own.override(changes), own)
    assert told["summary"] == summary
    assert told["card"]["recipe"] == own.name
    for key, value in changes.items():
        assert f"{key} = {value}" in told["card"]["changes"]
    # What is trained is the same.
    assert told["data"] == own.override(changes)["data"]


def test_the_card_stays_where_only_the_training_is_another():
    own = read("dcgan")
    changed = own.override({"train.steps": 5, "data.batch_size": 2})
    assert retold.told_anew(changed, own) is changed
    wider = own.override({"networks.generator.width": 5})
    told = retold.told_anew(wider, own)
    assert told["summary"] == own["summary"]
    assert told["card"]["changes"] == "networks.generator.width = 5"


# -- drafts ------------------------------------------------------------------


@pytest.mark.parametrize("name", recipes.each())
def test_what_code_takes_is_read_as_it_is(name):
    recipe = zoo.recipe(name)
    references = [recipe["objective"]["class"]] + [
        network["function"] for table in recipe["networks"].values()
        for network in (table if isinstance(table, list) else [table])
    ]
    for reference in references:
        takes = source_code.arguments(reference)
        assert takes == recipe.takes("x", reference) and takes
    assert draft.Draft.read(recipe.origin).values == recipe.values


def test_of_other_code_nothing_is_said():
    for reference in (
        "keras.optimizers:Adam", "os:system", "keras_gen.nowhere:GAN",
        "keras_gen.networks.dcgan:no", "none", "keras_gen.optimizers:Adam",
    ):
        assert source_code.arguments(reference) is None
