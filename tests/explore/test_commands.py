"""The sub-commands that draw, as typed."""

import functools
import shutil

import numpy as np
import pytest
from PIL import Image

from keras_gen import cli, explore, plot, zoo
from keras_gen.cli import _common
from keras_gen.data.sources import shapes

# Loaded once for all tests, by the command lines too.
load = functools.cache(_common.model_of)


@pytest.fixture
def typed(tmp_path, monkeypatch, capsys):
    """Runs a command line in an empty folder, figures in their own size; the
    lines it prints."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_common, "model_of", load)

    def run(line):
        scale = [] if line.split()[0] == "translate" else ["--scale=1"]
        cli.main([*line.split(), *scale])
        return capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
def pictures(tmp_path):
    """A folder `mine`: a colour JPEG, a PNG with a palette that is no square,
    a grey one of 16 bits below, and one that is none."""
    folder = tmp_path / "mine"
    (folder / "more").mkdir(parents=True)
    image = Image.fromarray(shapes.looks("test", 1, 64)[0][0])
    image.resize((200, 200)).save(folder / "a.jpg", quality=95)
    image.resize((70, 50)).quantize(32).save(folder / "b.png")
    grey = np.asarray(image.convert("L")).astype("uint16") * 257
    Image.fromarray(grey).save(folder / "more/c.png")
    (folder / "bad.png").write_text("no picture")
    return folder


def sheet(path):
    return np.asarray(Image.open(path))


def drawn(pictures, columns=None):
    return np.asarray(plot.grid(pictures, columns=columns))


def test_sample(typed, tmp_path):
    model = load("gan_shapes")
    assert typed("sample gan_shapes --n 5 --seed 3") == [
        "gan_shapes-samples.png"
    ]
    np.testing.assert_array_equal(
        sheet("gan_shapes-samples.png"), drawn(model.generate(5, seed=3))
    )
    # What was drawn before stays, unless --out names it.
    assert typed("sample gan_shapes --n 1") == ["gan_shapes-samples-2.png"]
    assert typed("sample gan_shapes --n 1") == ["gan_shapes-samples-3.png"]
    assert sheet("gan_shapes-samples.png").shape[0] > 16
    # Several truncations are rows.
    typed("sample dcgan_shapes --n 2 --truncation 1.5 10 --out "
          "gan_shapes-samples.png")
    np.testing.assert_array_equal(
        sheet("gan_shapes-samples.png"),
        drawn(explore.truncations(load("dcgan_shapes"), [1.5, 10], 2)),
    )
    assert typed("sample gan_shapes --n 2 --seed 8 --separate new/one") == [
        "new/one"
    ]
    folder = tmp_path / "new/one"
    assert sorted(p.name for p in folder.iterdir()) == [
        "000008.png", "000009.png"
    ]
    np.testing.assert_array_equal(
        sheet(folder / "000009.png"), model.generate(1, seed=9)[0, ..., 0]
    )
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "gan_shapes-samples-2.png", "gan_shapes-samples-3.png",
        "gan_shapes-samples.png", "new"
    ]


@pytest.mark.parametrize("line, times", [
    ("--n 1", 4), ("--n 64", 4), ("--n 400", 3), ("--n 4000", 1),
    ("--n 4 --scale 3", 3), ("--n 4 --scale 1", 1),
])
def test_small_pictures_are_drawn_large(line, times, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_common, "model_of", load)
    cli.main(f"sample gan_shapes {line} --out x.png".split())
    found = sheet("x.png")
    # The upper left one.
    expected = load("gan_shapes").generate(1, seed=0)[0, ..., 0]
    expected = expected.repeat(times, 0).repeat(times, 1)
    side = 16 * times
    np.testing.assert_array_equal(found[:side, :side, 0], expected)
    assert max(found.shape) < 1200


def test_a_work_directory_is_a_model_too(typed, tmp_path):
    run = tmp_path / "runs/mine"
    weights = zoo.home() / "saved_models/gan_shapes"
    shutil.copytree(weights, run / "export")
    shutil.copy(zoo.home() / "zoo/gan_shapes.toml", run / "recipe.toml")
    assert typed("sample runs/mine --n 2") == ["mine-samples.png"]
    np.testing.assert_array_equal(
        sheet("mine-samples.png"), drawn(load("gan_shapes").generate(2, seed=0))
    )


def test_samples_and_classes_of_a_conditional_model(typed, monkeypatch):
    model = load("cgan_shapes")
    # In parts, each picture keeps its seed and its class.
    monkeypatch.setattr("keras_gen.cli.sample._CHUNK", 5)
    typed("sample cgan_shapes --n 12 --out x.png")
    expected = drawn(model.generate(12, seed=0), columns=6)
    assert np.abs(sheet("x.png").astype(int) - expected).max() <= 1
    typed("sample cgan_shapes --n 4 --label 5 --out x.png")
    np.testing.assert_array_equal(
        sheet("x.png"), drawn(model.generate(4, seed=0, label=5))
    )
    z = explore.latents(model, [1, 2])
    typed("classes cgan_shapes --n 2 --seed 1 --out x.png")
    np.testing.assert_array_equal(
        sheet("x.png"), drawn(explore.class_grid(model, z))
    )
    assert typed(
        "classes cgan_shapes --from 3 --to 0 --n 2 --seed 1 --steps 4 --gif "
        "--out x.png"
    ) == ["x.png", "x.gif"]
    rows = explore.class_interpolation(model, 3, 0, z, 4)
    np.testing.assert_array_equal(sheet("x.png"), drawn(rows))
    with Image.open("x.gif") as gif:
        # There and back.
        assert gif.n_frames == 7 and gif.size == (34 - 2 + 34, 32)
        gif.seek(3)
        there = np.asarray(gif.convert("RGB")).astype(int)
    assert np.abs(there - drawn(rows[:, 3])).mean() < 3


def test_ways_sheets_and_sums(typed):
    model = load("gan_shapes")
    z = explore.latents(model, range(9))
    typed("interpolate gan_shapes --seeds 5 2 8 --steps 4 --out x.png")
    rows = explore.interpolate(model, z[[5, 2, 8]], 4)
    np.testing.assert_array_equal(sheet("x.png"), drawn(rows))
    typed("interpolate gan_shapes --seeds 5 2 --how linear --out x.png")
    rows = explore.interpolate(model, z[[5, 2]], how="linear")
    np.testing.assert_array_equal(sheet("x.png"), drawn(rows))
    typed("manifold gan_shapes --side 3 --corners 8 7 6 5 --out x.png")
    rows = explore.manifold(model, 3, z[[8, 7, 6, 5]])
    np.testing.assert_array_equal(sheet("x.png"), drawn(rows))
    typed("arithmetic gan_shapes --a 1 2 --b 3 --c 4 --out x.png")
    rows = explore.arithmetic(model, z[1:3], z[3:4], z[4:5]).rows()
    np.testing.assert_array_equal(sheet("x.png"), drawn(rows))


def test_pictures_through_their_codes(typed, pictures, capsys):
    model = load("vae_shapes")
    assert typed(
        "reconstruct vae_shapes mine --codes x.npz --out x.png"
    ) == ["x.png", "x.npz"]
    rows = sheet("x.png")
    assert rows.shape == (66, 3 * 34 - 2, 3)
    with np.load("x.npz") as found:
        assert list(found["names"]) == ["a.jpg", "b.png", "more/c.png"]
        codes = found["codes"]
    # As the data layer reads it: the middle square, scaled.
    b = rows[:32, 34:66]
    np.testing.assert_allclose(model.encode(b[None]), codes[1:2], atol=1e-4)
    b = model.reconstruct(b[None])[0]
    np.testing.assert_array_equal(rows[34:, 34:66], b)
    typed("interpolate vae_shapes --pictures mine/b.png mine/more "
          "--steps 3 --out x.png")
    way = explore.interpolate(model, codes[1:], 3, how="linear")
    assert np.abs(sheet("x.png").astype(int) - drawn(way)).max() <= 1


def test_an_attribute_of_a_vae(typed, capsys):
    found = zoo.recipe("cgan_shapes").dataset().take(np.arange(300))
    held = zoo.recipe("cgan_shapes").dataset("test").take(np.arange(40))
    attributes = np.eye(6, dtype=int)[:, [0, 2]]
    np.savez(
        "faces.npz", x_train=found["image"], x_test=held["image"],
        y_train=attributes[found["label"]], y_test=attributes[held["label"]],
        classes=["disc", "triangle"],
    )
    lines = typed("arithmetic vae_shapes --attribute disc --hold triangle "
                  "--data faces.npz --strengths -1 1 --out x.png "
                  "--judge classifier_shapes")
    model = load("vae_shapes")
    direction = explore.attribute_direction(
        model.encode(found["image"]), found["label"] == 0, found["label"] == 2
    )
    rows = explore.shifted(model, held["image"], direction, (-1, 1))
    assert np.abs(sheet("x.png").astype(int) - drawn(rows[:8])).max() <= 1
    judge = load("classifier_shapes")
    shares = [
        (judge.classify(rows[:, i])[:, 0] > 0.5).mean() for i in range(3)
    ]
    # One in six shapes is a disc.
    assert 0.05 < shares[0] < 0.3 and shares[1] < shares[2]
    assert lines[1:4] == [
        f"  {subject:<11} {share:6.1%}" for subject, share
        in zip(("as they are", "at -1", "at +1"), shares)
    ]
    for wrong in ("--attribute square", "--attribute disc --judge gan_shapes"):
        with pytest.raises(SystemExit):
            typed(f"arithmetic vae_shapes {wrong} --data faces.npz")
    assert "choose from classifier_" in capsys.readouterr().err


def test_neighbours_by_pixels_and_by_features(typed, tmp_path):
    model = load("cgan_shapes")
    train = zoo.recipe("cgan_shapes").dataset().take(np.arange(60))
    image = np.concatenate([train["image"], model.generate(2, label=4, seed=7)])
    label = np.concatenate([train["label"], [4, 4]])
    np.savez(tmp_path / "train.npz", x_train=image, y_train=label,
             x_test=image[:5], y_test=label[:5])
    lines = typed(
        "neighbours cgan_shapes --n 2 --k 3 --seed 7 --label 4 --data "
        "train.npz --out x.png"
    )
    assert lines[0].startswith("nearest by pixels: ")
    assert lines[1].startswith("nearest by classifier_shapes: ")
    assert max(map(float, lines[0].split()[3:])) < 0.5
    rows = sheet("x.png").reshape(-1, 4 * 34 - 2, 3)
    assert rows.shape[0] == 4 * 34 - 2
    for top in (0, 34, 68, 102):
        own, copy = rows[top:top + 32, :32], rows[top:top + 32, 34:66]
        assert np.abs(own.astype(int) - copy).max() <= 1


def test_translate(typed, pictures, tmp_path, capsys):
    model = load("pix2pix_shapes")
    assert typed("translate pix2pix_shapes mine out")[-1] == (
        "out: 3 translated, 1 skipped"
    )
    assert sorted(p.relative_to(tmp_path / "out").as_posix()
                  for p in (tmp_path / "out").rglob("*.png")) == [
        "a.png", "b.png", "more/c.png"
    ]
    # The short side is the training's; the shape stays.
    assert sheet("out/a.png").shape == (64, 64, 3)
    assert sheet("out/b.png").shape == (64, 90, 3)
    # A picture of the training's size is translated as it is.
    grey = np.repeat(sheet("mine/more/c.png")[..., None] // 257, 3, 2)
    expected = model.translate(grey[None].astype("uint8"))[0]
    np.testing.assert_array_equal(sheet("out/more/c.png"), expected)
    with pytest.raises(SystemExit):
        typed("translate pix2pix_shapes mine out")
    assert "3 of the files to write exist" in capsys.readouterr().err
    typed("translate pix2pix_shapes mine/b.png out --compare --overwrite "
          "--size own")
    pair = sheet("out/b.png")
    assert pair.shape == (50, 142, 3)
    own = np.asarray(Image.open("mine/b.png").convert("RGB"))
    np.testing.assert_array_equal(pair[:, :70], own)
    np.testing.assert_array_equal(
        pair[:, 72:], model.translate(own[None])[0]
    )


def test_translate_the_other_way(typed, pictures):
    typed("translate cyclegan_shapes mine/a.jpg out --to a")
    typed("translate cyclegan_shapes mine/a.jpg there")
    assert np.abs(sheet("out/a.png").astype(int) - sheet("there/a.png")).max()


def test_dropout_is_drawn_by_the_name_of_a_picture(
    typed, pictures, monkeypatch
):
    model = zoo.load("pix2pix_shapes")
    model.dropout_at_test = True
    monkeypatch.setattr(_common, "model_of", lambda *given: model)
    shutil.copy("mine/b.png", "mine/0.png")
    typed("translate pix2pix_shapes mine out")
    # Whatever lies before it, and whoever else is translated.
    typed("translate pix2pix_shapes mine/b.png alone")
    np.testing.assert_array_equal(sheet("out/b.png"), sheet("alone/b.png"))
    typed("translate pix2pix_shapes mine/b.png other --seed=1")
    for other in ("other/b.png", "out/0.png"):
        assert (sheet("out/b.png") != sheet(other)).any()


@pytest.mark.parametrize(("line", "words"), [
    ("sample pix2pix_shapes", "use keras-gen translate"),
    ("sample autoencoder_shapes", "codes follow no known distribution"),
    ("sample gan_shapes --label 1", "takes no label"),
    ("sample gan_shapes --n 0", "--n must be at least 1"),
    ("sample gan_shapes --truncation 0 --n 2", "truncation must be"),
    ("sample gan_shapes --truncation 1", "bears no truncation: down to"),
    ("sample dcgan_shapes --truncation 2 0.5", "truncations from 1.5 up: "),
    ("sample gan_shapes --truncation 1 2 --separate x", "one --truncation"),
    ("sample gan_shapes --separate mine", "mine exists"),
    ("sample gan_shapes --n 1 --out no/x.png", "there is no folder no"),
    ("sample gan_shapes --n 1 --out x.what", "cannot write x.what"),
    ("sample cgan_shapes --label 6", "from 0 to 5, got 6"),
    ("sample dcgn_shapes", "did you mean dcgan_shapes"),
    ("interpolate gan_shapes --seeds 4", "needs two latents or more"),
    ("interpolate gan_shapes --pictures mine/a.jpg mine/b.png",
     "does not encode"),
    ("interpolate autoencoder_shapes", "begin with pictures"),
    ("interpolate vae_shapes --pictures mine/a.jpg mine/z.jpg",
     "there is no mine/z.jpg"),
    ("manifold pix2pix_shapes", "has no latents"),
    ("manifold gan_shapes --side 1", "at least 2 pictures"),
    ("arithmetic vae_shapes --attribute Smiling", "give both"),
    ("arithmetic vae_shapes --judge classifier_shapes", "give that"),
    ("arithmetic gan_shapes --attribute a --data shapes", "does not encode"),
    ("classes gan_shapes", "has no classes"),
    ("classes cgan_shapes --from 1", "give both"),
    ("classes cgan_shapes --from 1 --to 9", "from 0 to 5"),
    ("classes cgan_shapes --gif", "give --from"),
    ("neighbours cgan_shapes --k 0 --out x.png", "must be at least 1"),
    ("neighbours cgan_shapes", "required: --out"),
    ("reconstruct vae_shapes mine/bad.png", "none of the 1 files"),
    ("reconstruct gan_shapes mine", "does not encode"),
    ("translate gan_shapes mine out", "does not translate"),
    ("translate pix2pix_shapes mine/bad.png out", "none of the 1 files"),
    ("translate pix2pix_shapes mine out --to b", "one way only"),
    ("translate pix2pix_shapes mine out --size big", "invalid size value"),
    ("translate pix2pix_shapes mine/b.png mine/more/../b.png out",
     "would both become"),
    ("translate pix2pix_shapes mine mine/a.jpg/x", "cannot make the folder"),
])
def test_a_mistake_is_one_line_and_exit_code_2(
    line, words, typed, pictures, tmp_path, capsys
):
    before = sorted(p for p in tmp_path.rglob("*"))
    with pytest.raises(SystemExit) as caught:
        typed(line)
    *skipped, error = capsys.readouterr().err.splitlines()
    assert caught.value.code == 2 and error.startswith("error: ")
    assert words in error
    assert all(line.startswith("skipped ") for line in skipped)
    assert sorted(p for p in tmp_path.rglob("*")) == before
