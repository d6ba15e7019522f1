"""The pictures that excite units of a network most."""

import json

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gen import cli, explore, zoo
from keras_gen.errors import InputError
from keras_gen.objectives import GAN


@pytest.fixture
def coloured():
    """A GAN whose discriminator has a map of red, one of green, one of blue
    and one of none; and pictures with a spot each, somewhere."""
    picture = keras.Input((8, 8, 3), name="image")
    maps = keras.layers.Conv2D(4, 1, use_bias=False, name="maps_8")(picture)
    logit = keras.layers.Dense(1)(keras.layers.Flatten()(maps))
    judge = keras.Model(picture, logit)
    kernel = np.concatenate([np.eye(3), np.zeros((3, 1))], 1)
    judge.get_layer("maps_8").set_weights([kernel.reshape(1, 1, 3, 4)])
    latent = keras.Input((4,), name="latent")
    made = keras.layers.Reshape((8, 8, 3))(keras.layers.Dense(192)(latent))
    pictures = np.zeros((30, 8, 8, 3), "uint8")
    rng = np.random.default_rng(0)
    for i, level in enumerate(rng.permutation(30) * 8):
        y, x = rng.integers(8, size=2)
        pictures[i, y, x, i % 3] = level
    return GAN(keras.Model(latent, made), judge), pictures


def test_each_unit_shows_what_it_answers_to(coloured):
    model, pictures = coloured
    found, answers = explore.exciting(model, pictures, units=3, k=5)
    assert found.shape == (3, 5, 8, 8, 3) and answers.shape == (3, 5)
    # Of four units three are evenly chosen: red, blue (rounded) and none.
    for unit, colour in ((0, 0), (1, 2)):
        spots = pictures[..., colour].max((1, 2))
        expected = np.sort(spots)[::-1][:5]
        np.testing.assert_array_equal(
            found[unit, ..., colour].max((1, 2)), expected
        )
        np.testing.assert_allclose(
            answers[unit], expected / 127.5 - 1, atol=1e-6
        )
    np.testing.assert_array_equal(answers[2], 0)
    np.testing.assert_array_equal(found[2], pictures[:5])


def test_units_of_a_classifier_like_a_class_more_than_chance():
    model = zoo.load("classifier_shapes")
    test = zoo.recipe("classifier_shapes").dataset("test")
    rows = test.take(np.arange(1000))
    found, answers = explore.exciting(model, rows["image"], units=16, k=10)
    assert (np.diff(answers, axis=1) <= 0).all()
    shares = []
    for unit in found[answers[:, 0] > 0]:
        classes = model.classify(unit).argmax(1)
        shares.append(np.bincount(classes).max() / 10)
    assert np.mean(shares) > 0.5  # of 6 classes chance has some 0.3


def test_mistakes_are_told(coloured, tmp_path, monkeypatch, capsys):
    model, pictures = coloured
    with pytest.raises(InputError, match="has 4 units"):
        explore.exciting(model, pictures, units=5)
    with pytest.raises(InputError, match="there are 30 pictures"):
        explore.exciting(model, pictures, units=2, k=31)
    with pytest.raises(InputError, match="makes no maps"):
        explore.exciting(model, pictures, model.discriminator.layers[-1].name)
    monkeypatch.chdir(tmp_path)
    for words, says in (
        ("cgan_shapes --out=x.png", "looks at pictures alone"),
        ("vae_shapes --out=x.png", "looks at pictures alone"),
        ("classifier_shapes --layer=none --out=x.png", "none"),
        ("classifier_shapes --n=0 --out=x.png", "at least 1"),
    ):
        with pytest.raises(SystemExit) as ended:
            cli.main(["units", *words.split()])
        assert ended.value.code == 2 and says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_command_draws_a_row_a_unit(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    cli.main("units classifier_shapes --n=3 --k=5 --scale=1 --out=u.png "
             "--json".split())
    told = json.loads(capsys.readouterr().out)
    assert np.shape(told["answers"]) == (3, 5)
    assert told["written"] == ["u.png"]
    side = zoo.recipe("classifier_shapes")["data"]["size"]
    with Image.open("u.png") as image:
        assert image.size == (5 * (side + 2) - 2, 3 * (side + 2) - 2)
