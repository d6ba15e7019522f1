"""--json: one object on standard output, and the same facts as the lines."""

import json
import tomllib

import numpy as np
import pytest
from PIL import Image

from check import TESTS
from keras_gen import cli, zoo
from keras_gen.cli import _json

TELLING = (
    "correlate", "data", "env", "evaluate", "judge", "lesson", "list",
    "neighbours", "show", "units",
)


@pytest.fixture
def told(tmp_path, monkeypatch, capfd):
    """A function that gives the object that a command prints; all that it
    says to have written is there."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        cli.main([*map(str, arguments), "--json"])
        found = json.loads(capfd.readouterr().out)
        assert isinstance(found, dict)
        for path in found.get("written", ()):
            assert (tmp_path / path).is_file()
        return found

    return run


def test_what_tells_has_it_and_nothing_else():
    for name in set(cli.COMMANDS) - {"train"}:
        parser = cli.Parser()
        cli.fill(parser, name)
        flags = {flag for a in parser._actions for flag in a.option_strings}
        assert ("--json" in flags) == (name in TELLING), name


def test_list_and_show_tell_the_same_of_a_model(told):
    models = {each["name"]: each for each in told("list")["models"]}
    assert sorted(models) == zoo.names()
    found = told("show", "gan_ring")
    assert {key: found[key] for key in models["gan_ring"]} == (
        models["gan_ring"]
    )
    recipe = zoo.recipe("gan_ring")
    assert found["card"]["use"] == recipe["card"]["use"]
    assert found["truncation"]["least"] > 0 and found["run"] is None
    of = {(r["metric"], r["subject"]): r for r in found["results"]}
    record = next(r for r in recipe["results"] if "modes" in r)
    assert of["modes", "model"]["value"] == np.ravel(
        record["modes"]["model"]
    )[0]


def test_show_tells_how_far_a_run_is(told, tmp_path):
    folder = tmp_path / "runs/mine"
    (folder / "checkpoints").mkdir(parents=True)
    text = (TESTS.parent / "zoo/dcgan_shapes.toml").read_text()
    (folder / "recipe.toml").write_text(f'{text}[run]\ndevice = "CPU"\n')
    for step in ("0000007", "0000012"):
        (folder / f"checkpoints/step-{step}-0123456789abcdef.npz").touch()
    run = told("show", "runs/mine")["run"]
    assert run["step"] == 12 and run["steps"] == 30_000
    assert run["data"] == "shapes" and run["device"] == "CPU"
    assert run["folder"] == "runs/mine" and run["weights"] == []


def test_data_tell_what_became_of_each_file(told, tmp_path):
    for number in range(60):
        path = tmp_path / f"mine/{'ab'[number % 3 == 0]}/{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (20, 20), number).save(path)
    (tmp_path / "mine/a/1.png").write_text("no picture")
    (tmp_path / "mine/notes.txt").write_text("x")
    found = told("data", "mine", "--size=16")
    assert found["read_as"] == {"kind": "labelled", "channels": 1}
    assert found["counted"] == "files" and found["unread"][0]["count"] == 1
    assert sum(found["splits"].values()) == 60
    assert found["held"] == ["test", "validation"]
    image = found["columns"]["image"]
    assert image["shape"] == [16, 16, 1] and image["dtype"] == "uint8"
    assert list(found["classes"]) == ["a", "b"]
    assert sum(found["classes"].values()) == image["items"]
    assert len(found["skipped"]) == 1 and "a/1.png" in found["skipped"][0]


def test_numbers_are_those_of_the_file_and_of_the_metrics(told):
    found = told("evaluate", "gan_ring", "--metrics=modes", "--n=200")
    with open(found["written"][0]) as file:
        assert json.load(file) == {
            key: found[key] for key in ("model", "results")
        }
    assert {r["metric"] for r in found["results"]} == {"modes"}
    assert "modes" in told("evaluate", "gan_ring", "--metrics=help")["metrics"]


def test_neighbours_tell_a_distance_for_each_sample(told):
    found = told(
        "neighbours", "gan_shapes", "--n=2", "--k=1", "--out=near.png"
    )
    assert found["written"] == ["near.png"]
    assert {"pixels"} < set(found["nearest"])
    for distances in found["nearest"].values():
        assert len(distances) == 2 and min(distances) > 0


def test_a_judges_page(told):
    found = told("judge", "gan_shapes", "--n=2", "--out=judge.html")
    assert found == {
        "model": "gan_shapes", "pairs": 2, "seed": 0,
        "written": ["judge.html"],
    }


def test_a_correlation(told, tmp_path):
    rows = [f"{10 * i},{10 - i}" for i in range(1, 6)]
    for file, name in ("log", "loss"), ("monitors", "metric"):
        (tmp_path / f"{file}.csv").write_text(
            "\n".join([f"step,{name}", *rows]) + "\n"
        )
    found = told("correlate", ".", "--loss=loss", "--metric=metric")
    assert abs(found["spearman"] - 1) < 1e-9
    assert found["steps"] == [10, 20, 30, 40, 50]


def test_what_json_does_not_know_is_null_or_text(capsys):
    toml = tomllib.loads("date = 2026-01-02")
    _json.say({
        "a": float("nan"), "b": np.float32("inf"), "c": np.arange(2),
        "d": TESTS, "e": (True, None), "f": {1: np.int64(3)}, **toml,
    })
    assert json.loads(capsys.readouterr().out) == {
        "a": None, "b": None, "c": [0, 1], "d": str(TESTS),
        "e": [True, None], "f": {"1": 3}, "date": "2026-01-02",
    }
