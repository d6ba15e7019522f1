"""Own pictures into latents, where it is known what must come out."""

import numpy as np
import pytest

from explore import linear
from keras_gen import cli, explore, zoo
from keras_gen.errors import InputError

# Levels of 255, root mean square.
NEAR, FAR = 12, 35


@pytest.fixture(scope="module")
def gan():
    return zoo.load("gan_shapes")


def from_others(model, pictures, **more):
    """The distance of each to the nearest of 16 other samples."""
    others = model.generate(16, seed=500, **more).astype(float)
    return np.sqrt(
        ((others[:, None] - pictures)**2).mean((2, 3, 4))
    ).min(0)


def test_of_a_linear_generator_they_are_the_least_squares():
    weights = linear.matrix(2, seed=3)
    model = linear.gan(weights)
    z = np.array([[0.6, -0.9], [-1.1, 0.4]], "float32")
    # Floats in [-1, 1], so that there is no rounding.
    found = explore.invert(model, (z @ weights).reshape(2, 2, 2, 1).astype(
        "float32"
    ), seed=1)
    np.testing.assert_allclose(found.latents, z, atol=1e-3)
    assert found.labels is None and (found.errors < 1).all()


def test_of_what_it_cannot_draw_it_is_the_nearest():
    weights = linear.matrix(2, seed=3)
    wanted = linear.matrix(3, seed=5)[:, None].reshape(3, 2, 2, 1)
    found = explore.invert(linear.gan(weights), wanted.astype("float32"))
    expected = np.linalg.lstsq(weights.T, wanted.reshape(3, 4).T)[0].T
    np.testing.assert_allclose(found.latents, expected, atol=1e-3)


def test_a_latent_stays_as_long_as_those_it_has_met():
    weights = linear.matrix(2, seed=3)
    far = np.array([[30.0, 30.0]])
    picture = np.clip(far @ weights, -1, 1).reshape(1, 2, 2, 1)
    found = explore.invert(linear.gan(weights), picture.astype("float32"))
    # The mean of two squares: 1, and 2 of its standard deviations, 1.
    assert (found.latents**2).mean() < 3.5


def test_an_own_sample_is_found_again(gan):
    pictures = gan.generate(2, seed=100)
    found = explore.invert(gan, pictures, steps=100)
    assert (found.errors < NEAR).all()
    assert (from_others(gan, pictures) > FAR).all()
    made = explore.decode(gan, found.latents)
    np.testing.assert_array_equal(made, found.made)
    right = np.sqrt(((made - pictures.astype(float))**2).mean((1, 2, 3)))
    np.testing.assert_allclose(found.errors, right)


def test_the_seed_decides(gan):
    picture = gan.generate(1, seed=7)
    told = []
    first, again, other = (
        explore.invert(
            gan, picture, steps=3, starts=2, seed=seed,
            say=lambda *done: told.append(done),
        ).latents for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01
    assert told[:3] == [(1, 3), (2, 3), (3, 3)]


def test_of_a_conditional_model_the_class_is_found_too():
    table = np.array([[0.0, 0.0], [3.0, -3.0]])
    weights = linear.matrix(2, seed=3)
    model = linear.cgan(weights, table)
    z, labels = np.array([[0.3, -0.1], [0.2, 0.3]]), [1, 0]
    wanted = ((z + table[labels]) @ weights).reshape(2, 2, 2, 1)
    found = explore.invert(model, wanted.astype("float32"))
    assert found.labels.tolist() == labels
    np.testing.assert_allclose(found.latents, z, atol=1e-3)
    given = explore.invert(model, wanted.astype("float32"), label=0, steps=2)
    assert given.labels.tolist() == [0, 0]


def test_a_model_that_encodes_is_asked():
    model = linear.autoencoder()
    picture = np.array([[[[0], [80]], [[160], [255]]]], "uint8")
    found = explore.invert(model, picture)
    np.testing.assert_array_equal(found.latents, model.encode(picture))
    np.testing.assert_array_equal(found.made, picture)
    assert found.errors.tolist() == [0]


def test_inner_maps_of_a_network_count():
    model, network = zoo.load("gan_shapes"), None
    with pytest.raises(InputError, match="takes pictures .*leave features"):
        network = zoo.load("classifier_shapes").classifier
        explore.invert(model, model.generate(1), features=network)
    model = zoo.load("cgan_shapes")
    picture = model.generate(1, seed=3, label=0)
    plain, seen = (
        explore.invert(
            model, picture, 0, features=each, steps=3, starts=1
        ).latents for each in (None, network)
    )
    assert np.abs(plain - seen).max() > 1e-3


@pytest.mark.parametrize("change, words", [
    ({"steps": 0}, "at least 1, got 0"),
    ({"label": 1}, "takes no label"),
    ({"pictures": np.zeros((1, 9, 9, 3), "uint8")}, "image"),
])
def test_mistakes(change, words, gan):
    given = {"pictures": gan.generate(1, seed=0), "steps": 1, "starts": 1}
    with pytest.raises(InputError, match=words):
        explore.invert(gan, **given | change)
    with pytest.raises(InputError, match="only latents of pictures"):
        explore.invert(zoo.load("gan_ring"), gan.generate(1, seed=0))


def test_the_command_and_what_takes_its_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    cli.main("sample gan_shapes --n=2 --seed=100 --separate=mine".split())
    cli.main("invert gan_shapes mine --steps=60 --latents=me.npz".split())
    out = capsys.readouterr().out.splitlines()
    assert out[-2:] == ["me.npz", "gan_shapes-inverted.png"]
    assert "000100.png: " in out[-4] and "levels off" in out[-4]
    with np.load("me.npz") as file:
        assert file["latents"].shape == (2, 32) and "labels" not in file
        assert (file["errors"] < 2 * NEAR).all() and len(file["names"]) == 2
    cli.main("interpolate gan_shapes --seeds me.npz 3 --steps=2".split())
    cli.main("arithmetic gan_shapes --a me.npz --b 1 --c 2 3".split())
    assert (tmp_path / "gan_shapes-interpolation.png").is_file()
    assert (tmp_path / "gan_shapes-arithmetic.png").is_file()


@pytest.mark.parametrize("word, words", [
    ("no.npz", "there is no file no.npz"), ("x", "neither a seed"),
    ("bad.npz", "cannot read bad.npz"), ("other.npz", "has no latents"),
])
def test_what_is_no_file_of_latents(
    word, words, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.npz").write_text("no")
    np.savez("other.npz", x=[1])
    with pytest.raises(SystemExit) as caught:
        cli.main(["interpolate", "gan_shapes", "--seeds", word, "1"])
    error = capsys.readouterr().err
    assert caught.value.code == 2 and words in error
    assert error.count("\n") == 1
