"""What the commands write of points, videos and solids."""

import numpy as np
import pytest
from PIL import Image

from check import TESTS, needs
from keras_gen import cli, explore, plot
from keras_gen.cli import _common
from keras_gen.zoo import weights
from objectives import typed

PICTURE = TESTS.parent / "saved_models/gan_ring/samples.png"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a command line in an empty folder, with typed models by name and
    figures in their own size; the lines it prints."""
    known = {}

    def model_of(name, *_):
        return known.setdefault(name, typed.build(name))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_common, "model_of", model_of)
    monkeypatch.setattr(_common, "check_weights", str)
    monkeypatch.setattr(weights, "called", str)
    monkeypatch.setattr(_common, "document", lambda name: {"data": {}})

    def run(line):
        own = [] if "translate" in line else ["--scale=1"]
        cli.main([*line.split(), *own])
        return capsys.readouterr().out.splitlines()

    run.model = model_of
    return run


def drawn(made, items, columns=None):
    pictures, columns = made.sheet(items, columns)
    return np.asarray(plot.grid(pictures, columns=columns))


def sheet(path):
    return np.asarray(Image.open(path))


@pytest.mark.parametrize("name", ["points", "video", "voxels"])
def test_sample_draws_a_sheet(name, run):
    model = run.model(name)
    assert run(f"sample {name} --n 5 --seed 3") == [f"{name}-samples.png"]
    np.testing.assert_array_equal(
        sheet(f"{name}-samples.png"),
        drawn(model.made, model.generate(5, seed=3)),
    )
    run(f"sample {name} --truncation 0.5 1 --n 2 --out x.png")
    rows = explore.truncations(model, [0.5, 1], 2)
    np.testing.assert_array_equal(
        sheet("x.png"), drawn(model.made, rows.reshape(4, *rows.shape[2:]), 2)
    )
    run(f"interpolate {name} --seeds 1 2 --steps 3 --gif --out y.png")
    with Image.open("y.gif") as gif:
        assert gif.n_frames > 1


def test_a_figure_of_points_has_many(run):
    model = run.model("points")
    run("sample points")
    run("sample points --out all.csv")
    table = np.loadtxt("all.csv", delimiter=",", skiprows=1, dtype="float32")
    np.testing.assert_array_equal(table, model.generate(2048, seed=0))
    np.testing.assert_array_equal(
        sheet("points-samples.png"), drawn(model.made, table)
    )
    assert run("sample points --n 7 --separate new") == ["new"]
    table = np.loadtxt("new/points.csv", delimiter=",", skiprows=1)
    assert np.abs(table - model.generate(7, seed=0)).max() < 1e-6


@pytest.mark.parametrize(("name", "frames"), [("video", 4), ("voxels", 24)])
def test_sample_moves_what_moves(name, frames, run, tmp_path):
    assert run(f"sample {name} --n 3 --gif --out x.png") == ["x.png", "x.gif"]
    assert run(f"sample {name} --n 3 --out y.gif") == ["y.gif"]
    assert (tmp_path / "x.gif").read_bytes() == (
        tmp_path / "y.gif"
    ).read_bytes()
    model = run.model(name)
    with Image.open("y.gif") as gif:
        assert gif.n_frames == frames
        first = np.asarray(gif.convert("RGB")).astype(int)
    own = model.made.frames(model.generate(3, seed=0))[0]
    assert np.abs(first - np.asarray(own)).mean() < 8


def test_single_files_are_of_the_type(run, tmp_path):
    model = run.model("voxels")
    run("sample voxels --n 2 --seed 8 --separate solids")
    assert sorted(p.name for p in (tmp_path / "solids").iterdir()) == [
        "000008.npy", "000009.npy"
    ]
    found = np.load("solids/000009.npy")
    assert found.dtype == np.uint8
    assert np.abs(found.astype(int) - model.generate(1, seed=9)[0]).max() <= 1
    run("sample video --n 2 --separate films")
    with Image.open("films/000001.gif") as gif:
        assert gif.n_frames == 4 and gif.size == (16, 16)


@pytest.mark.parametrize(("line", "words"), [
    ("sample points --gif", "points do not move: leave --gif out"),
    ("sample video --gif --separate x", "--gif goes beside a figure"),
    ("sample voxels --label 1", "takes no label"),
    ("classes video", "has no classes"),
    (f"reconstruct points {PICTURE}", "does not encode"),
    (f"translate voxels {PICTURE} out", "does not translate"),
])
def test_a_mistake_is_one_line(line, words, run, tmp_path, capsys):
    with pytest.raises(SystemExit):
        run(line)
    error, = capsys.readouterr().err.splitlines()
    assert error.startswith("error: ") and words in error
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@needs("tensorflow")
def test_the_client_writes_what_sample_writes(run, tmp_path, monkeypatch):
    """Through the server, from the export."""
    from serving import tiny

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    for name in ("points", "video", "voxels"):
        run.model(name).export(tmp_path / "models" / name)
    with tiny.start(tmp_path / "models") as server:
        url = f"--url=http://127.0.0.1:{server.rest_port}"
        for name in ("points", "video", "voxels"):
            ending = "csv" if name == "points" else "png"
            asked = "--n 3 --seed 5 --truncation 0.7"
            run(f"client sample {name} {asked} --out there.{ending} {url}")
            run(f"sample {name} {asked} --out here.{ending}")
            if ending == "csv":
                there, here = (
                    np.loadtxt(f, delimiter=",", skiprows=1)
                    for f in ("there.csv", "here.csv")
                )
                np.testing.assert_allclose(there, here, atol=1e-5)
                continue
            there, here = sheet("there.png"), sheet("here.png")
            assert there.shape == here.shape
            assert np.abs(there.astype(int) - here).mean() < 0.1
