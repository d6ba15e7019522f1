"""A run becomes a model of the zoo, and shows nobody's pictures."""

import shutil

import numpy as np
import pytest
from PIL import Image

import recipes
from check import array, needs
from keras_gen import atomic, cli, zoo
from keras_gen.cli import publish
from keras_gen.errors import InputError
from keras_gen.export import golden
from keras_gen.training import trainer
from keras_gen.zoo import compress, records, toml
from keras_gen.zoo.recipes import Recipe


def tiles(pictures):
    return {p.tobytes() for p in np.asarray(pictures)}


@pytest.mark.parametrize("name", recipes.few())
def test_an_exhibit_shows_none_of_the_data(name):
    recipe = zoo.recipe(name).smoke()
    if "classifier" in recipe["networks"]:
        pytest.skip("it makes no pictures")
    batch = recipe.dataset("test").take(np.arange(20))
    pictures, columns = recipe.build().exhibit(batch)
    # All points share one picture.
    least = 1 if recipe["data"]["kind"] == "points" else 16
    assert len(pictures) >= least and len(pictures) % columns == 0
    for column in batch.values():
        assert not tiles(pictures) & tiles(column)


def test_an_autoencoder_s_exhibit_decodes_codes_drawn_at_random():
    model = zoo.load("autoencoder")
    batch = zoo.recipe("autoencoder").dataset("test").take(np.arange(500))
    pictures, _ = model.exhibit(batch)
    codes, seen = model.encode(pictures), model.encode(batch["image"])
    # The lower half has the data's spread in each direction, the upper 1.
    fitted = codes[32:].std(0) / seen.std(0)
    assert 0.6 < np.median(fitted) < 1.4
    assert np.median(codes[:32].std(0)) < 0.7 * np.median(seen.std(0))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A home and a finished run on somebody's pictures."""
    pictures = np.random.default_rng(0).integers(0, 256, (40, 32, 32, 3))
    data = tmp_path / "mine.npz"
    np.savez(data, x_train=pictures.astype("uint8"),
             x_test=pictures[:20].astype("uint8"))
    own = zoo.recipe("vae_shapes").smoke().override({
        "data.source": "celeb_a",
    })
    (tmp_path / "zoo").mkdir()
    file = tmp_path / "zoo" / "vae_shapes.toml"
    plain, record = records.split(own.values)
    file.write_text(toml.text(plain))
    records.file_of(file).write_text(toml.text(record))
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path))
    trainer.run(
        own.override({"data.source": str(data)}), tmp_path / "run"
    )
    return tmp_path


def test_rounding():
    values = np.float32([1 / 3, -1e-9, 70.01, 1 + 2 ** -11])
    near = compress.rounded(values)
    assert near.dtype == "float32"
    np.testing.assert_array_equal(near, np.float16(values))
    assert near[0] != values[0] and near[3] == 1
    counts = np.int64([2 ** 40 + 1])
    assert compress.rounded(counts) is counts
    for large in (70000, np.nan):
        with pytest.raises(InputError, match="beyond float16"):
            compress.rounded(np.float32([large]))


def test_compressed_weights_are_the_same(tmp_path):
    model, fresh = (zoo.recipe("gan_shapes").build() for _ in range(2))
    network, path = model.generator, tmp_path / "generator.weights.h5"
    network.set_weights([
        compress.rounded(0.1 + w) for w in network.get_weights()
    ])
    network.save_weights(path)
    before = path.stat().st_size
    compress.compress(path)
    assert path.stat().st_size < 0.6 * before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    fresh.generator.load_weights(path)
    for a, b in zip(network.weights, fresh.generator.weights):
        np.testing.assert_array_equal(array(a), array(b))


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "recipe.toml"
    path.write_text("old")
    with pytest.raises(KeyError), atomic.replacing(path) as aside:
        aside.write_text("half")
        raise KeyError
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]
    with atomic.replacing(path) as aside:
        aside.write_text("new")
    assert path.read_text() == "new" and list(tmp_path.iterdir()) == [path]
    with pytest.raises(InputError, match="cannot write"):
        with atomic.replacing(tmp_path / "no" / "x") as aside:
            aside.write_text("x")


@pytest.mark.slow
@needs("tensorflow")
def test_publishing(run):
    results = zoo.recipe("vae_shapes")["results"]
    assert results
    file = run / "zoo" / "vae_shapes.toml"
    plain = file.read_text()
    assert publish.publish(run / "run") == "vae_shapes"
    # What a person wrote is as it was.
    assert file.read_text() == plain
    recipe, model = zoo.recipe("vae_shapes"), zoo.load("vae_shapes")
    assert recipe["data"]["source"] == "celeb_a"
    # The numbers of other weights are gone.
    assert "results" not in recipe.values
    assert "measured" not in recipe["card"]
    assert recipe["card"]["trained"]["minutes"] >= 0
    assert recipe["golden"] == golden.numbers(model)
    assert recipe["parameters"]["encoder"] == model.encoder.count_params()
    for weight in model.decoder.weights:
        np.testing.assert_array_equal(array(weight), np.float16(array(weight)))
    folder = run / "saved_models" / "vae_shapes"
    with Image.open(folder / "samples.png") as image:
        sheet = np.asarray(image)
    shown = [
        sheet[y:y + 32, x:x + 32]
        for y in range(0, 8 * 34, 34) for x in range(0, 8 * 34, 34)
    ]
    made = model.generate(64, seed=0)
    assert np.abs(np.stack(shown).astype(int) - made).max() <= 1
    graph = folder / "1" / "saved_model.pb"
    assert b"truncation must be at least 0.001" in graph.read_bytes()
    # Measured, it is served as it was measured, and all else stays.
    records.write(file, recipe.values | {"results": results})
    others = {
        path: path.read_bytes() for path in folder.iterdir() if path.is_file()
    }
    cli.main(["publish", "vae_shapes"])
    assert b"truncation must be at least 10: " in graph.read_bytes()
    assert {path.name for path in folder.iterdir()} == {
        "1", *(path.name for path in others)
    }
    assert all(path.read_bytes() == b for path, b in others.items())
    assert zoo.recipe("vae_shapes")["weights"] == recipe["weights"]


@pytest.mark.slow
@needs("tensorflow")
def test_another_recipe_or_an_unfinished_run_is_refused(run):
    weights = run / "run" / "export" / "encoder.weights.h5"
    shutil.move(weights, run / "encoder")
    with pytest.raises(InputError, match="unfinished"):
        publish.publish(run / "run")
    shutil.move(run / "encoder", weights)
    file = run / "zoo" / "vae_shapes.toml"
    plain = file.read_text()
    for before, after, words in [
        ("beta = 1.0", "beta = 2.0", "objective.beta"),
        ("\n\n", '\nunpublished = "too blurred"\n\n',
         r"not published \(too blurred\): take that out"),
        ("\n\n", "\nparameters = {encoder = 3}\n\n",
         "parameters.encoder is in the recipe beside it, too"),
    ]:
        assert before in plain
        file.write_text(plain.replace(before, after, 1))
        with pytest.raises(InputError, match=words):
            publish.publish(run / "run")
    file.write_text(plain)
    # The recipe of a run that went on and was stopped again.
    for path in (file, run / "run" / "recipe.toml"):
        longer = Recipe.read(path).override({"train.steps": 5})
        path.write_text(toml.text(
            records.split(longer.values)[0] if path == file else longer.values
        ))
    with pytest.raises(InputError, match="done 2 of 5 steps"):
        publish.publish(run / "run")
    assert not (run / "saved_models").exists()


def test_the_command_says_what_a_run_started_from():
    own = zoo.recipe("vae_shapes")
    plain = "python train/main.py --model=vae_shapes"
    assert publish.command(own, {"init_from": ""}) == plain
    for start in ("vae_celeba", "/home/somebody/runs/vae_celeba"):
        assert publish.command(own, {"init_from": start}) == (
            f"{plain} --init_from=vae_celeba"
        )
