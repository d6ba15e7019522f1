"""Networks that follow the data."""

import numpy as np
import pytest
from PIL import Image

import recipes
from keras_gen import data, zoo
from keras_gen.errors import InputError
from keras_gen.zoo import fit_to_data

KINDS = {name: zoo.recipe(name)["data"]["kind"] for name in recipes.NAMES}
_TOPS = {
    "images": [""], "labelled": ["ape/", "bee/", "cat/"], "pairs": [""],
    "unpaired": ["trainA/", "trainB/"],
}


def pack(folder, kind, mode):
    """12 pictures of a mode for each part of a layout; arrays where there is
    no layout of files."""
    rng = np.random.default_rng(0)
    if kind == "attributes":
        values = rng.integers(0, 256, (12, 20, 24, 3), np.uint8)
        np.savez(
            f"{folder}.npz", y=rng.integers(0, 2, (12, 2)),
            x=values if mode == "RGB" else values[..., 0],
            classes=["hat", "tie"],
        )
        return f"{folder}.npz"
    width = 40 if kind == "pairs" else 24
    for top in _TOPS[kind]:
        (folder / top).mkdir(parents=True, exist_ok=True)
        for number in range(12):
            values = rng.integers(0, 256, (20, width, 3), np.uint8)
            Image.fromarray(values).convert(mode).save(
                folder / top / f"{number}.png"
            )
    return str(folder)


def fitted(name, changes):
    """The recipe with the changes and what follows, small; and the latter."""
    recipe = zoo.recipe(name)
    more = fit_to_data.follow(recipe, changes)
    small = {
        key: value for key, value in recipe["smoke"].items()
        if key.endswith("width")
    }
    return recipe.override(changes | more | small), more


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("name", recipes.each())
def test_every_recipe_takes_every_folder(name, mode, tmp_path):
    source = pack(tmp_path / "pack", KINDS[name], mode)
    recipe, _ = fitted(name, {"data.source": source})
    dataset = recipe.dataset()
    channels = 1 if mode == "L" else 3
    assert next(iter(dataset.take([0]).values())).shape[-1] == channels
    objective = recipe.build()
    objective.check_data(dataset)
    for network in objective.networks.values():
        assert all(
            len(x.shape) != 4 or x.shape[-1] == channels
            for x in network.inputs
        )
    if "classifier" in objective.networks:
        assert objective.classes == list(dataset.classes)
    elif KINDS[name] == "labelled":
        assert dataset.classes == ("ape", "bee", "cat")
        assert objective.generate(3, label=[0, 1, 2]).shape[-1] == channels
        with pytest.raises(InputError, match="labels go from 0 to 2"):
            objective.generate(1, label=3)


def test_nothing_follows_where_all_fits(tmp_path):
    recipe = zoo.recipe("cgan")
    assert fit_to_data.follow(recipe, {"train.steps": 3}) == {}
    assert fit_to_data.follow(recipe, {"data.source": "shapes"}) == {}
    source = pack(tmp_path, "images", "RGB")
    changes = {"data.source": source}
    assert fit_to_data.follow(zoo.recipe("dcgan"), changes) == {}


def test_one_picture_in_colour_makes_all_colour(tmp_path):
    source = pack(tmp_path, "images", "L")
    Image.new("RGB", (9, 9), "red").save(tmp_path / "x.png")
    assert data.properties(source, "images") == (3, ())


def test_what_is_set_stays(tmp_path):
    source = pack(tmp_path, "labelled", "L")
    given = {"data.source": source, "networks.generator.classes": 7}
    _, more = fitted("cgan", given)
    assert more["networks.discriminator.classes"] == 3
    assert more["networks.generator.channels"] == 1
    assert "networks.generator.classes" not in more
    recipe, more = fitted("cgan", {
        "data.source": source, "data.channels": 3
    })
    assert recipe["data"]["channels"] == 3
    assert not any("channels" in key for key in more)


def test_networks_follow_a_size_that_is_set():
    recipe, more = fitted("cyclegan", {"data.size": 32, "data.channels": 1})
    assert more["objective.image_shape"] == [32, 32, 1]
    recipe.build().check_data(recipe.dataset())
    recipe, more = fitted("pix2pix", {"data.size": 128})
    assert more == {"networks.generator.size": 128}


def test_arrays_too(tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "a.npz", y_train=np.arange(20) % 5, y_test=[9],
             x_train=rng.integers(0, 256, (20, 9, 9), np.uint8),
             x_test=rng.integers(0, 256, (1, 9, 9), np.uint8))
    source = str(tmp_path / "a.npz")
    ten = tuple("0123456789")
    assert data.properties(source, "labelled") == (1, ten)
    assert data.properties(source, "images") == (1, ())
    recipe, _ = fitted("cgan", {"data.source": source})
    recipe.build().check_data(recipe.dataset())


def test_names_that_only_count_replace_none(tmp_path):
    for classes in (10, 7):
        np.savez(tmp_path / "a.npz", y=np.arange(40) % classes,
                 x=np.zeros((40, 28, 28), np.uint8))
        changes = {"data.source": str(tmp_path / "a.npz")}
        recipe, more = fitted("classifier_fashion_mnist", changes)
        names = recipe["objective"]["classes"]
        if classes == 10:
            assert names[0] == "T-shirt/top" and more == {}
        else:
            assert names == list("0123456")
            assert recipe["networks"]["classifier"]["classes"] == 7
        recipe.build().check_data(recipe.dataset())


def test_bad_data_is_told_at_once(tmp_path):
    source = pack(tmp_path, "images", "L")
    for name, words in [("cgan", "one folder for each class"),
                        ("cyclegan", "trainA/ and trainB/")]:
        with pytest.raises(InputError, match=words):
            fitted(name, {"data.source": source})
    with pytest.raises(InputError, match="there is no ./no/where"):
        fitted("gan", {"data.source": "./no/where"})
