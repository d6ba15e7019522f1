"""Published models by name."""

import shutil

import numpy as np
import pytest

import recipes
from keras_gen import zoo
from keras_gen.errors import InputError
from keras_gen.export import golden
from keras_gen.zoo import records

EACH = pytest.mark.parametrize("name", recipes.each(recipes.PUBLISHED))


def test_every_recipe_is_named_after_its_file_and_published_or_says_why_not():
    assert zoo.names()
    for name in zoo.names():
        recipe = zoo.recipe(name)
        assert recipe.name == name
        # One of the two, not both.
        published = name in recipes.PUBLISHED
        assert ("unpublished" in recipe.values) != published, name


@pytest.mark.parametrize("name", recipes.each())
def test_a_recipe_is_short_and_what_is_recorded_stands_beside_it(name):
    file = zoo.home() / "zoo" / f"{name}.toml"
    lines = file.read_text("utf-8").splitlines()
    assert len(lines) <= 80 and max(map(len, lines)) <= 100
    records.refuse_alone(file)
    assert records.file_of(file).is_file() == (name in recipes.PUBLISHED)


def test_a_family_means_its_starter():
    assert zoo.recipe("pix2pix").name == "pix2pix_shapes"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("dcgn", "dcgan, "),
        ("pix2pix_shape", "pix2pix_shapes, "),
        ("dcgan_celab", "mean dcgan_celeba, wgan_celeba, sngan_celeba[?]"),
    ],
)
def test_an_unknown_name_lists_near_ones(name, near):
    with pytest.raises(InputError, match=near):
        zoo.load(name)


@EACH
def test_published_files(name):
    folder = zoo.home() / "saved_models" / name
    recipe = zoo.recipe(name)
    assert sorted(recipe["weights"]) == sorted(recipe.network_names)
    # What it borrows is what it was trained with.
    assert recipe.pinned().values == recipe.values
    for network, digest in recipe["weights"].items():
        assert zoo.sha256(zoo.weights_file(name, network)) == digest
    assert (folder / "1" / "saved_model.pb").is_file()
    # A classifier's could only show the data's own pictures.
    shown = "classifier" not in recipe["networks"]
    assert (folder / "samples.png").is_file() == shown
    card = recipe["card"]
    for key in ("use", "data", "deviations", "limits"):
        assert len(card[key]) > 10, key
    assert {"command", "backend", "device", "date", "minutes"} <= set(
        card["trained"]
    )
    assert {"command", "date"} <= set(card["measured"])
    assert recipe["results"]


@EACH
def test_a_published_model_computes_what_it_did(name):
    recipe, model = zoo.recipe(name), zoo.load(name)
    assert recipe["parameters"] == {
        network: net.count_params() for network, net in model.networks.items()
    }
    found = golden.numbers(model)
    assert list(found) == list(recipe["golden"])
    for signature, expected in recipe["golden"].items():
        assert len(expected) == golden.COUNT
        np.testing.assert_allclose(
            found[signature], expected, rtol=1e-3, atol=1e-3
        )


def test_saved_models_stay_small():
    total = 0
    for folder in (zoo.home() / "saved_models").iterdir():
        size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
        total += size
        # A larger one says why.
        reason = zoo.recipe(folder.name)["card"].get("size", "")
        assert (size > 12e6) == (len(reason) > 10), (folder.name, size)
    assert total <= 450e6


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of its own with one published model."""
    name = "autoencoder_shapes"
    shutil.copytree(zoo.home() / "saved_models" / name,
                    tmp_path / "saved_models" / name)
    (tmp_path / "zoo").mkdir()
    for ending in ("", ".record"):
        shutil.copy(
            zoo.home() / "zoo" / f"{name}{ending}.toml", tmp_path / "zoo"
        )
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path))
    return tmp_path


def test_home_can_be_elsewhere(home):
    assert zoo.names() == ["autoencoder_shapes"]
    assert zoo.load("autoencoder").name == "autoencoder_shapes"


def test_damaged_and_missing_weights_are_named(home):
    file = zoo.weights_file("autoencoder_shapes", "encoder")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(InputError, match="encoder.weights.h5 are damaged"):
        zoo.load("autoencoder_shapes")
    file.unlink()
    with pytest.raises(InputError, match="are not here .*keras-gen fetch"):
        zoo.load("autoencoder_shapes")


def test_unpublished_recipes_say_how_to_train_them(home):
    file = home / "zoo" / "autoencoder_shapes.toml"
    records.file_of(file).unlink()
    with pytest.raises(InputError, match="published weights: train .*--model"):
        zoo.load("autoencoder_shapes")
    file.write_text('unpublished = "too dim"\n' + file.read_text())
    with pytest.raises(InputError, match=r"\(too dim\): train .*--model"):
        zoo.load("autoencoder_shapes")
    assert zoo.recipe("autoencoder").build().steps_done == 0


def test_weights_that_are_not_the_recipes_networks(home):
    file = home / "zoo" / "autoencoder_shapes.toml"
    record = records.file_of(file)
    text, recorded = file.read_text(), record.read_text()
    digest = zoo.recipe("autoencoder_shapes")["weights"]["decoder"]
    record.write_text(recorded.replace(f'\ndecoder = "{digest}"', ""))
    with pytest.raises(InputError, match="must name encoder, decoder; it na"):
        zoo.load("autoencoder_shapes")
    record.write_text(recorded)
    assert "width = 16" in text
    file.write_text(text.replace("width = 16", "width = 12"))
    with pytest.raises(InputError, match="do not fit the recipe's encoder"):
        zoo.load("autoencoder_shapes")
    file.write_text(text)
    record.write_text(recorded.replace(digest, "../x"))
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        zoo.load("autoencoder_shapes")
    file.write_text(text.replace('"autoencoder_shapes"', '"../x"'))
    with pytest.raises(InputError, match="name must be of letters"):
        zoo.load("autoencoder_shapes")


def test_no_recipes_at_all(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path))
    with pytest.raises(InputError, match="KERAS_GEN_HOME"):
        zoo.recipe("dcgan")


def test_a_loaded_model_generates_and_trains_on():
    model = zoo.load("dcgan_shapes")
    pictures = model.generate(8, seed=3)
    assert pictures.shape == (8, 16, 16, 3) and pictures.dtype == np.uint8
    np.testing.assert_array_equal(pictures[2:3], model.generate(1, seed=5))
    model.fit(pictures, batch_size=4, epochs=1, verbose=0)
    assert model.steps_done == 2
    assert np.abs(model.generate(8, seed=3).astype(int) - pictures).max() > 0
