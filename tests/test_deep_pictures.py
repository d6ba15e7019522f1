"""Pictures of 16 bits, of many channels, and of ranges of their own, from
files through training to what is written and served."""

import io

import keras
import numpy as np
import pytest
from PIL import Image

from check import BACKEND, needs
from keras_gen import cli, data, zoo
from keras_gen.data.reading import Reading
from keras_gen.errors import InputError
from keras_gen.training import trainer
from keras_gen.zoo import fit_to_data, weights

SIDE = 16


def smooth(count, channels, top, seed=0):
    """uint16 (count, SIDE, SIDE, channels) 0 ... top, in blocks."""
    random = np.random.default_rng(seed)
    blocks = random.integers(0, top + 1, (count, 4, 4, channels))
    blocks[:, 0, 0], blocks[:, 0, 1] = 0, top
    return blocks.repeat(4, 1).repeat(4, 2).astype("u2")


def pack(folder):
    """Pairs of 4 channels, .npy, and grey, PNG, both of 12 bits in 16."""
    for split, count in ("train", 6), ("test", 2):
        a, b = smooth(count, 4, 4095), smooth(count, 1, 4095, 1)
        for side in "AB":
            (folder / f"{split}{side}").mkdir(parents=True)
        for number in range(count):
            np.save(folder / f"{split}A/{number}.npy", a[number])
            Image.fromarray(b[number, ..., 0]).save(
                folder / f"{split}B/{number}.png"
            )
    return str(folder)


def small(name, **changes):
    """A recipe for other data, as the trainer fits it, and made small."""
    recipe = zoo.recipe(name)
    changes = {
        key.replace("_", ".", 1): value for key, value in changes.items()
    } | {"data.size": SIDE}
    if name == "pix2pix":
        changes["networks.discriminator.layers"] = 1
    changes |= {
        key: value for key, value in recipe["smoke"].items()
        if key not in changes
    }
    return recipe.override(changes | fit_to_data.follow(recipe, changes))


def run(*arguments):
    cli.main([str(argument) for argument in arguments])


# -- recipes -----------------------------------------------------------------


def test_networks_and_objective_follow_channels_and_bits(tmp_path):
    recipe = small(
        "pix2pix", data_source=pack(tmp_path / "a"), data_bits=16,
        data_range=[0, 4095],
    )
    assert recipe["data"]["channels"] == [4, 1]
    assert recipe["objective"]["makes"] == "picture16"
    generator, judge = (
        recipe["networks"][name] for name in ("generator", "discriminator")
    )
    assert (generator["channels_in"], generator["channels_out"]) == (4, 1)
    assert (judge["condition_channels"], judge["channels"]) == (4, 1)
    objective = recipe.build()
    objective.check_data(recipe.dataset())
    assert objective.picture_ranges == {
        "input": (0, 4095), "target": (0, 4095),
    }
    again = type(recipe)(recipe.values, "x")
    assert again.override({}).values == recipe.values
    back = fit_to_data.follow(
        recipe, {"data.bits": 8, "data.channels": [1, 4]}
    )
    assert back["objective.makes"] == "picture"
    assert back["networks.generator.channels_in"] == 1


def test_the_range_of_floats_goes_into_the_recipe(tmp_path):
    x = smooth(20, 1, 4095) / np.float32(4095)
    np.savez(tmp_path / "a.npz", x=x)
    recipe = small("gan", data_source=str(tmp_path / "a.npz"))
    assert recipe["data"]["range"] == [0, 1]
    assert recipe.build().picture_ranges == {"image": (0, 1)}
    given = small(
        "gan", data_source=str(tmp_path / "a.npz"), data_range=[-1, 1]
    )
    assert given["data"]["range"] == [-1, 1]


def test_data_of_16_bits_need_an_objective_of_16():
    recipe = small("gan", data_channels=1)
    objective = recipe.build()
    deep = data.Dataset({"image": smooth(3, 1, 65535)})
    assert deep.types["image"].name == "picture16"
    with pytest.raises(InputError, match="objective.makes to 'picture16'"):
        objective.check_data(deep)
    for makes in ("video", "mask", "pictures16"):
        with pytest.raises(InputError, match="picture16"):
            small("pix2pix").override({"objective.makes": makes}).build()


# -- models ------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name, channels", [
    ("gan", 5), ("vae", 1), ("autoencoder", 5),
])
def test_models_of_pictures_keep_16_bits(name, channels, tmp_path):
    x = smooth(24, channels, 65535)
    np.savez(tmp_path / "a.npz", x=x)
    recipe = small(
        name, data_source=str(tmp_path / "a.npz"), data_bits=16,
        data_batch_size=4,
    )
    model, dataset = recipe.build(), recipe.dataset()
    model.check_data(dataset)
    batch = dataset.take(np.arange(8))
    model.fit(batch["image"], batch_size=4, epochs=1, verbose=0)
    pictures, columns = model.preview(batch)
    assert pictures.dtype == np.uint8
    assert pictures.shape[-1] == (1 if channels == 1 else 3)
    _, real, _ = model.monitored(batch)
    assert model.made.watched(real).dtype == np.uint8
    made = (
        model.reconstruct(batch["image"]) if name == "autoencoder"
        else model.generate(3, seed=1)
    )
    assert made.dtype == np.uint16 and made.shape[1:] == x.shape[1:]
    # More than 256 levels: nothing was cut on the way.
    assert len(np.unique(made % 256)) > 100
    if name == "autoencoder":
        eight = model.reconstruct((batch["image"] // 257).astype("u1"))
        assert np.abs(eight - made.astype(float)).mean() < 600


def test_a_saved_model_keeps_type_and_ranges(tmp_path):
    recipe = small(
        "pix2pix", data_bits=16, data_range=[[0, 4095], [-1.5, 2]],
        data_source=pack(tmp_path / "a"),
    )
    model = recipe.build()
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    assert again.picture_ranges == {"input": (0, 4095), "target": (-1.5, 2)}
    assert again.made == model.made and again.makes == "picture16"
    x = smooth(2, 4, 65535)
    np.testing.assert_array_equal(again.translate(x), model.translate(x))
    x = smooth(2, 4, 65535)
    floats = x / np.float32(32767.5) - 1
    np.testing.assert_array_equal(model.translate(floats), again.translate(x))
    with pytest.raises(InputError, match="it has 3 channels, not 4"):
        model.translate(x[..., :3])


# -- whole runs --------------------------------------------------------------


@pytest.mark.slow
def test_pairs_of_4_and_1_channels_of_16_bits(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = pack(tmp_path / "a")
    recipe = small(
        "pix2pix", data_source=source, data_bits=16, data_range=[0, 4095]
    )
    assert trainer.run(recipe, tmp_path / "run")
    told = capsys.readouterr()
    assert "16x16x4 to 16x16x1" in told.out and "values" not in told.err
    grid = Image.open(next((tmp_path / "run/samples").glob("*.png")))
    assert grid.mode == "RGB"
    model = zoo.load(tmp_path / "run")
    test = recipe.dataset("test").take([0, 1])
    made = model.translate(test["input"])
    assert made.dtype == np.uint16 and made.shape == (2, SIDE, SIDE, 1)
    assert len(np.unique(made % 256)) > 100
    # On the command line: read as in training, written with 16 bits.
    run("translate", tmp_path / "run", tmp_path / "a/testA", tmp_path / "out")
    for number in range(2):
        found = np.asarray(Image.open(tmp_path / f"out/{number}.png"))
        assert found.dtype == np.uint16
        np.testing.assert_array_equal(found, made[number, ..., 0])
    run("translate", tmp_path / "run", tmp_path / "a/testA", tmp_path / "two",
        "--compare")
    assert Image.open(tmp_path / "two/0.png").size == (2 * SIDE + 2, SIDE)
    # Measured in grey levels 0 ... 255, as all are.
    capsys.readouterr()
    run("evaluate", tmp_path / "run", "--metrics", "l1")
    assert "l1" in capsys.readouterr().out
    if BACKEND == "tensorflow":
        import tensorflow as tf

        loaded = tf.saved_model.load(str(tmp_path / "run/export/1"))
        # No picture file holds four channels.
        assert set(loaded.signatures) == {"serving_default", "to_target"}
        x = model.types["input"].floats(test["input"])
        (served,) = loaded.signatures["to_target"](
            image=tf.constant(x)
        ).values()
        found = model.made.restore(served.numpy()).astype(int)
        assert np.abs(found - made).max() <= 1


@pytest.mark.slow
@needs("tensorflow")
@pytest.mark.parametrize("bits, side", [(8, 16), (16, 20)])
def test_served_files_have_the_range_of_training(bits, side, tmp_path):
    """Grey PNG of 8 and 16 bits with values 0 ... 1000 and 0 ... 200."""
    import tensorflow as tf

    span = {8: [0, 200], 16: [0, 1000]}[bits]
    model = small(
        "pix2pix", data_channels=1, data_bits=16, data_range=span,
        data_source=grey_pack(tmp_path / "a"),
    ).build()
    loaded = tf.saved_model.load(str(model.export(tmp_path / "e")))
    x = smooth(1, 1, 1200 if bits == 16 else 255)[0]
    x = np.pad(x[..., 0], (0, side - SIDE), "edge").astype(f"u{bits // 8}")
    file = io.BytesIO()
    Image.fromarray(x).save(file, "PNG")
    (served,) = loaded.signatures["translate_png"](
        image_bytes=tf.constant([file.getvalue()])
    ).values()
    found = tf.io.decode_png(served[0], dtype=tf.uint16).numpy()
    reading = Reading(1, tuple(span), 16)
    picture = reading.scaled(reading.opened(file.getvalue()), SIDE)
    expected = model.translate(picture[None])[0].astype(int)
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 40  # of 65535
    (tmp_path / "x.png").write_bytes(file.getvalue())
    found = Image.open(io.BytesIO(served[0].numpy()))
    assert found.mode == "I;16"
    with pytest.raises(Exception, match="expected a PNG file"):
        file = io.BytesIO()
        Image.new("L", (16, 16)).save(file, "JPEG")
        loaded.signatures["translate_png"](
            image_bytes=tf.constant([file.getvalue()])
        )


def grey_pack(folder):
    """Pairs of grey pictures."""
    for side in "AB":
        (folder / f"train{side}").mkdir(parents=True)
        for number in range(12):
            Image.fromarray(smooth(1, 1, 4095, number)[0, ..., 0]).save(
                folder / f"train{side}/{number}.png"
            )
    return str(folder)


@pytest.mark.slow
@needs("tensorflow")
@pytest.mark.parametrize("channels", [1, 3, 8])
def test_served_samples_of_16_bits(channels, tmp_path):
    import tensorflow as tf

    np.savez(tmp_path / "a.npz", x=smooth(24, channels, 65535))
    model = small(
        "gan", data_source=str(tmp_path / "a.npz"), data_bits=16
    ).build()
    loaded = tf.saved_model.load(str(model.export(tmp_path / "e")))
    given = dict(
        seed=tf.constant([3, 4], tf.int64),
        truncation=tf.constant([10.0, 10.0]),
    )
    expected = model.generate(2, seed=3).astype(int)
    (found,) = loaded.signatures["sample"](**given).values()
    assert found.dtype == tf.uint16
    assert np.abs(found.numpy() - expected).max() <= 1
    assert ("sample_png" in loaded.signatures) == (channels < 4)
    if channels < 4:
        (files,) = loaded.signatures["sample_png"](**given).values()
        found = tf.io.decode_png(files[0], dtype=tf.uint16).numpy()
        assert np.abs(found - expected[0]).max() <= 1


# -- commands ----------------------------------------------------------------


def test_the_command_data_tells_ranges(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = pack(tmp_path / "a")
    run("data", source, "--size", SIDE, "--out", "sheet.png")
    told = capsys.readouterr()
    assert "--kind=pairs --channels=4,1" in told.out
    lines = told.err.splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "0 ... 4095 in " in line and "data.range=[0,4095]" in line
        assert "data.bits=16" in line
    assert Image.open("sheet.png").mode == "RGB"
    run("data", source, "--size", SIDE, "--out", "sheet.png", "--bits", 16,
        "--range", "0,4095", "--channels", "4,1", "--kind", "pairs")
    told = capsys.readouterr()
    assert not told.err
    assert "--range=0,4095 --bits=16" in told.out
    for wrong in ("--range=4095,0", "--range=x", "--channels=1,2,3"):
        with pytest.raises(SystemExit) as ended:
            run("data", source, "--kind", "pairs", wrong)
        assert ended.value.code == 2
        assert len(capsys.readouterr().err.splitlines()) == 1


def test_reconstruct_reads_with_the_models_range(tmp_path, monkeypatch):
    """A run's own range also holds for pictures on the command line."""
    model = small(
        "autoencoder", data_range=[0, 1000], data_channels=1,
        data_source=str(npz(tmp_path)),
    ).build()
    from keras_gen.cli import _common, reconstruct

    monkeypatch.setattr(_common, "model_of", lambda *given: model)
    monkeypatch.setattr(_common, "check_weights", str)
    monkeypatch.setattr(weights, "called", str)
    file = tmp_path / "one.png"
    x = smooth(1, 1, 1000)[0]
    Image.fromarray(x[..., 0]).save(file)
    names, found = _common.read_fitting(model, [file])
    assert names == ("one.png",)
    assert np.abs(found[0] - x / 1000 * 255).max() <= 0.5
    monkeypatch.chdir(tmp_path)
    run("reconstruct", "x", file)
    assert reconstruct and list(tmp_path.glob("*-reconstructions.png"))


def npz(folder):
    np.savez(folder / "a.npz", x=smooth(24, 1, 1000))
    return folder / "a.npz"
