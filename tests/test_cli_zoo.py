"""keras-gen list, show and fetch, as typed."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from weights_host import host as serving

from check import TESTS
from keras_gen import cli, zoo
from keras_gen.zoo import records, weights

NAME = "autoencoder_shapes"


def run(*arguments, capsys):
    """(standard output, standard error) of a command without a mistake."""
    cli.main(list(arguments))
    return capsys.readouterr()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home with three recipes: weights here, to fetch, and none."""
    for folder in ("zoo", f"saved_models/{NAME}"):
        (tmp_path / folder).mkdir(parents=True)
    for name in (NAME, "dcgan_shapes", "gan_shapes"):
        file = zoo.home() / "zoo" / f"{name}.toml"
        if name == "gan_shapes":
            (tmp_path / "zoo" / file.name).write_text(
                'unpublished = "it shows too little"\n' + file.read_text()
            )
            continue
        for path in (file, records.file_of(file)):
            shutil.copy(path, tmp_path / "zoo")
    files = {}
    for name in (NAME, "dcgan_shapes"):
        for network in zoo.recipe(name)["weights"]:
            content = zoo.weights_file(name, network).read_bytes()
            files[f"{name}/{network}.weights.h5"] = content
            if name == NAME:
                path = tmp_path / f"saved_models/{name}/{network}.weights.h5"
                path.write_bytes(content)
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(files) as server:
        monkeypatch.setenv("KERAS_GEN_WEIGHTS_URL", server.address)
        yield server


def test_list_and_fetch(home, capsys):
    rows = run("list", capsys=capsys).out.splitlines()
    assert [row.split()[0] for row in rows[1:]] == weights.names()
    assert "0.5 MB  here " in rows[1]
    assert " ~0.4 MB  to fetch " in rows[2]
    assert " -  unpublished " in rows[3]
    summary = zoo.recipe(NAME)["summary"]
    assert rows[1].endswith(summary) and not home.asked

    out, error = run("fetch", NAME, "dcgan", capsys=capsys)
    paths = out.splitlines()
    assert len(paths) == 4 and all(map(os.path.isfile, paths))
    assert len(home.asked) == 2 and error.count("fetching") == 2
    models = json.loads(
        run("list", "--json", capsys=capsys).out
    )["models"]
    assert [m["where"] for m in models] == ["here", "cache", "unpublished"]
    fetched = models[1]
    assert [w["path"] for w in fetched["weights"]] == paths[2:]
    assert fetched["bytes"] == sum(map(os.path.getsize, paths[2:]))
    assert sum(zoo.recipe("dcgan")["parameters"].values()) == (
        fetched["parameters"]
    )
    assert models[2]["weights"] == [] and models[2]["bytes"] is None
    assert models[2]["unpublished"] == "it shows too little"


def test_fetch_from_a_folder(home, capsys, monkeypatch):
    # Set and taken away again, so that the end of the test restores it.
    monkeypatch.setenv("KERAS_GEN_WEIGHTS_URL", "")
    with pytest.raises(SystemExit):
        cli.main(["sample", "dcgan"])
    error = capsys.readouterr().err
    for words in ("keras-gen fetch dcgan_shapes --from=PLACE",
                  "keras-gen train --model=dcgan_shapes"):
        assert words in error
    folder = TESTS.parent / "saved_models"
    out, _ = run("fetch", "dcgan", f"--from={folder}", capsys=capsys)
    assert len(out.splitlines()) == 2 and not home.asked
    models = json.loads(
        run("list", "--json", capsys=capsys).out
    )["models"]
    assert models[1]["where"] == "cache"


def test_show_of_a_run(home, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs/mine"
    (folder / "checkpoints").mkdir(parents=True)
    text = (TESTS.parent / "zoo/dcgan_shapes.toml").read_text()
    (folder / "recipe.toml").write_text(text + (
        '[run]\ncommand = "keras-gen train --model=dcgan"\n'
        'device = "CPU"\n'
    ))
    (folder / "checkpoints/step-0000012-0123456789abcdef.npz").touch()
    text = run("show", "runs/mine", capsys=capsys).out
    for words in ("steps         12 of 30,000", "data          shapes, size 16",
                  "trained       keras-gen train --model=dcgan, CPU",
                  'zoo.load("runs/mine")'):
        assert words in text
    assert "weights " not in text
    (folder / "export").mkdir()
    (folder / "export/generator.weights.h5").write_bytes(b"x" * 10**6)
    text = run("show", "runs/mine", capsys=capsys).out
    assert "weights       runs/mine/export (1.0 MB)" in text


def test_show(home, capsys):
    text = run("show", "autoencoder", capsys=capsys).out
    recipe = zoo.recipe(NAME)
    for words in (recipe["summary"], recipe["paper"], "deviations ",
                  recipe["card"]["trained"]["command"], "rmse: 11.59 (PCA ",
                  f'{recipe["train"]["steps"]:,} steps',
                  'zoo.load("autoencoder")'):
        assert words in text
    model = zoo.load(NAME)
    flat = " ".join(text.split())
    for network, (_, path) in weights.found(recipe.values).items():
        count = getattr(model, network).count_params()
        size = path.stat().st_size / 1e6
        assert f"{network} {count:,} parameters, here ({size:.1f} MB)" in flat
    text = run("show", "dcgan", capsys=capsys).out
    assert text.count("parameters, to fetch: keras-gen fetch dcgan_") == 2
    assert max(map(len, text.split("results:")[0].splitlines())) < 80
    text = run("show", "gan", capsys=capsys).out
    assert "unpublished   it shows too little\n" in text


@pytest.mark.parametrize("arguments, words", [
    (["show", "dcgn"], "did you mean dcgan"),
    (["fetch", NAME, "dcgn"], "did you mean dcgan"),
    (["fetch", "gan"], "no published weights (it shows too little): train"),
    (["show", "none.toml"], "cannot read the recipe"),
    (["fetch"], "NAME"),
    (["fetch", NAME, "--from=no"], "there is no folder no"),
])
def test_a_mistake_is_one_line(arguments, words, home, capsys):
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    error = capsys.readouterr().err
    assert caught.value.code == 2 and error.count("\n") == 1
    assert error.startswith("error: ") and words in error
    assert not home.asked


def test_a_reader_that_has_seen_enough_is_no_mistake():
    code = "from keras_gen.cli import main; main(['show', 'vae_shapes'])"
    process = subprocess.Popen(
        [sys.executable, "-c", code], text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)},
    )
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 0 and not error


def test_they_start_without_keras():
    code = """
import sys
from keras_gen import cli
lines = [["list"], ["show", "gan"], ["fetch", "gan"], ["--help"]]
for line in [*lines, *([name, "--help"] for name in cli.COMMANDS)]:
    try:
        cli.main(line)
    except SystemExit as end:
        assert not end.code, line
    slow = {"keras", "tensorflow", "torch", "scipy", "matplotlib", "grpc"}
    assert not slow & set(sys.modules), (line, slow & set(sys.modules))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)},
    )
    assert not result.returncode, result.stderr
