"""keras-gen play, as typed: what it refuses at once, and what it builds."""

import json

import pytest

from keras_gen import cli, zoo
from keras_gen.cli import play
from keras_gen.play import build, runtime, site
from keras_gen.zoo import weights


def refused(capsys, *arguments):
    """The line with which a command is refused."""
    with pytest.raises(SystemExit) as end:
        cli.main(["play", *map(str, arguments)])
    assert end.value.code == 2
    _, error = capsys.readouterr()
    assert error.count("\n") == 1
    return error


def test_mistakes_are_told_before_anything_is_fetched(
    capsys, tmp_path, monkeypatch
):
    monkeypatch.setattr(runtime, "files", lambda: pytest.fail("too early"))
    assert "did you mean" in refused(capsys, "gan_shape")
    assert "--port goes from" in refused(capsys, "--port=70000")
    (tmp_path / "thesis.txt").write_text("years")
    assert "other files" in refused(capsys, f"--out={tmp_path}")
    assert "is a file" in refused(capsys, f"--out={tmp_path}/thesis.txt")
    assert "no folder" in refused(capsys, f"--out={tmp_path}/no/x.html")


@pytest.fixture
def described(monkeypatch):
    """`describe.write` of no model: what was asked for."""
    from keras_gen.play import describe

    asked = []

    def write(model, recipe, folder):
        asked.append(recipe.name)
        folder.mkdir()
        (folder / "generator.onnx").write_bytes(b"abc")
        return {"networks": {"generator": 3}, "picture": False}

    monkeypatch.setattr(describe, "write", write)
    return asked


def test_published_models_are_built_once(described, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path / "cache"))
    told = []
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        models = build.build(
            ["gan_ring", "gan_ring"], tmp_path / place, tell=told.append
        )
        assert [m["id"] for m in models] == ["gan_ring", "gan_ring-2"]
        assert models[0]["summary"] == zoo.recipe("gan_ring")["summary"]
        for model in models:
            folder = tmp_path / place / model["id"]
            assert [p.name for p in folder.iterdir()] == ["generator.onnx"]
    assert described == ["gan_ring"] and len(told) == 1


def test_a_run_is_built_anew_each_time(
    described, finished, tmp_path, monkeypatch
):
    run = finished("gan_ring")
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (model,) = build.build([run], tmp_path / place, tell=lambda line: 0)
        assert model["id"] == "gan_ring" and model["name"] == "gan_ring"
    assert described == ["gan_ring"] * 2


def test_without_names_all_that_is_here_is_shown():
    found = play.here()
    assert {"gan_ring", "pix2pix_shapes"} <= set(found)
    for name in found:
        assert weights.published(
            weights.document(weights.recipe_file(name))
        )


def test_out_writes_a_page(described, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(runtime, "files", lambda: {
        runtime.LIBRARY: b"library", runtime.BINARY: b"binary",
    })
    for out in ("site", "page.html"):
        cli.main(["play", "gan_ring", f"--out={tmp_path / out}"])
        assert capsys.readouterr().out == f"{tmp_path / out}\n"
    assert (tmp_path / "site/models/gan_ring/generator.onnx").is_file()
    for file in ("site/index.html", "page.html"):
        text = (tmp_path / file).read_text("utf-8")
        assert json.dumps("gan_ring") in text
    assert site.PAGE.is_dir() and not list(tmp_path.glob(".*"))
