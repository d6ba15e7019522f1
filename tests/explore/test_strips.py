"""Strips of a run over its steps, and of models over their years."""

import shutil

import numpy as np
import pytest
from PIL import Image

from keras_gen import cli, explore, plot, zoo
from keras_gen.errors import InputError


def run_of(folder, finished, name, steps, draw):
    """A copy of a run's folder with grids of its own."""
    shutil.copytree(finished(name), folder)
    shutil.rmtree(folder / "samples")
    (folder / "samples").mkdir()
    for step in steps:
        plot.grid(draw(step), folder / f"samples/step-{step:07}.png", 8)
    return folder


def test_a_row_is_the_first_of_a_step(finished, tmp_path):
    size = zoo.recipe("cgan_shapes")["data"]["size"]
    rng = np.random.default_rng(0)
    pictures = {
        step: rng.integers(0, 255, (16, size, size, 3), "uint8")
        for step in range(100, 2100, 100)
    }
    run = run_of(
        tmp_path / "mine", finished, "cgan_shapes", pictures, pictures.get
    )
    strip = np.asarray(explore.strip_of_run(run, rows=4, columns=5))
    scale = 64 // size
    side = strip.shape[1] - (5 * (size + 2) - 2) * scale
    assert strip.shape[0] == 4 * (size * scale + 2) - 2
    for row, step in enumerate((100, 700, 1400, 2000)):
        top = row * (size * scale + 2)
        for column in range(5):
            left = side + column * (size + 2) * scale
            cell = strip[top:top + size * scale:scale,
                         left:left + size * scale:scale]
            np.testing.assert_array_equal(cell, pictures[step][column])
        # The step stands before it.
        assert (strip[top:top + size * scale, :side] < 128).any()


def test_what_is_no_grid_of_pictures_is_shown_whole(finished, tmp_path):
    run = shutil.copytree(finished("gan_ring"), tmp_path / "mine")
    with Image.open(sorted(run.glob("samples/*.png"))[-1]) as grid:
        height = grid.height
    strip = explore.strip_of_run(run, rows=1)
    assert strip.height == height * max(1, 64 // height)


def test_models_stand_by_their_years_with_their_distance():
    names = ["wgan_gp_shapes", "gan_shapes", "wgan_shapes"]
    strip = np.asarray(explore.strip_of_models(names, n=3, seed=7))
    again = np.asarray(explore.strip_of_models(names[::-1], n=3, seed=7))
    np.testing.assert_array_equal(strip, again)
    model = zoo.load("gan_shapes")
    first = model.made.sheet(model.generate(1, seed=7))[0][0]
    scale = 64 // len(first)
    first = np.broadcast_to(first, (*first.shape[:2], 3))
    first = first.repeat(scale, 0).repeat(scale, 1)
    # The oldest is at the left: 1406, before 1701 and 1704.
    places = [
        left for left in range(strip.shape[1] - first.shape[1])
        if (strip[18:18 + len(first), left:left + first.shape[1]]
            == first).all()
    ]
    assert places and places[0] < strip.shape[1] / 3


@pytest.mark.parametrize(("words", "says"), [
    ("", "give the work directory"), ("--models gan_ring", "shows pictures"),
    ("nowhere", "no work directory"), ("--models pix2pix_shapes", "no latents"),
    ("--models no_such", "there is no model"),
    ("--models gan_shapes --rows 0", "at least 1"),
    ("there --models gan_shapes", "give the work directory"),
])
def test_mistakes(words, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(["strip", *words.split()])
    assert ended.value.code == 2 and says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_run_without_grids_is_told(finished, tmp_path):
    run = shutil.copytree(finished("gan_ring"), tmp_path / "mine")
    shutil.rmtree(run / "samples")
    with pytest.raises(InputError, match="has no samples/step"):
        explore.strip_of_run(run)


def test_the_command_writes_a_file_and_tells(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for expected in ("models-strip.png", "models-strip-2.png"):
        cli.main("strip --models gan_shapes --rows 2".split())
        assert capsys.readouterr().out == f"{expected}\n"
        with Image.open(tmp_path / expected) as image:
            assert image.text["Software"] == "keras_gen figure"
