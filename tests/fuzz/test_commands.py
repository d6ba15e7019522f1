"""Any words to any command: what was asked for, or exit code 2 and one line
that says what is wrong; no traceback and nothing half-written."""

import functools
import importlib
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from keras_gen import cli, zoo
from keras_gen.cli import _common

FEW, MANY = 2, 25
# Good command lines: of small models, in a folder with `mine`, pictures.
GOOD = {
    "arithmetic": "gan_shapes --a 1 --b 2 --c 3",
    "classes": "cgan_shapes --n 1 --from 0 --to 1",
    "client": "sample gan_shapes --url http://localhost:1 --out out.png",
    "completion": "bash",
    "correlate": "no_run --metric frechet_distance",
    "data": "mine",
    "env": "",
    "evaluate": "gan_ring --n 100 --out out.json",
    "export": "autoencoder_shapes out",
    "fetch": "gan_ring",
    "interpolate": "gan_shapes --seeds 1 2 --steps 2",
    "invert": "gan_shapes mine --steps 1 --starts 1",
    "judge": "gan_shapes --n 2 --out judge.html",
    "lesson": "",
    "list": "",
    "manifold": "vae_mnist_2d --side 2",
    "neighbours": "gan_shapes --data=shapes --n 2",
    "publish": "no_run",
    "pull": "http://localhost:1/none",
    "push": "gan_ring pushed",
    "reconstruct": "autoencoder_shapes mine",
    "sample": "gan_ring --n 2",
    "show": "gan_ring",
    "strip": "--models gan_shapes --rows 2",
    "translate": "pix2pix_shapes mine out",
    "units": "classifier_shapes --n 2 --k 2 --out units.png",
}
# Not here, and why.
ELSEWHERE = {
    "play": "serves for ever, fetches: tests/play/test_play_command.py",
    "serve": "serves for ever: tests/serving/test_serve.py",
    "table": "writes docs/results.md: tests/evaluation/test_evaluation.py",
    "train": "absl's flags are of the process: tests/test_main.py",
}
# Flags that would change what is published here.
WRITES_HERE = {"--record", "--help", "-h", "--check"}
MODELS = ["gan_ring", "vae_shapes", "classifier_shapes"]
WORDS = [
    "", "-1", "0", "1", "2.5", "x", "nan", "inf", "1e99", "9" * 30, "-" * 3,
    *MODELS, "mine", "mine/0.png",
    "no/such", "out.png", "out.xyz", ".", "..", "\u00e9", "a=b", "0,1", "*",
    "None", "True", "[1,2]", "0 1", "mine/bad.png", "shapes", "float16",
]
load = functools.cache(_common.model_of)


@pytest.fixture(autouse=True)
def folder(tmp_path, tmp_path_factory, monkeypatch, request):
    if "[publish]" in request.node.name:
        # Of a published model it writes the export anew: of a copy.
        home = tmp_path_factory.mktemp("home")
        shutil.copytree(zoo.home() / "zoo", home / "zoo")
        for name in MODELS:
            shutil.copytree(zoo.home() / "saved_models" / name,
                            home / "saved_models" / name)
        monkeypatch.setenv("KERAS_GEN_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(_common, "model_of", load)
    (tmp_path / "mine").mkdir()
    for number in range(3):
        picture = np.full((40, 40, 3), 80 * number, "uint8")
        Image.fromarray(picture).save(tmp_path / f"mine/{number}.png")
    (tmp_path / "mine/bad.png").write_text("no picture")
    return tmp_path


def options(command):
    """The flags of a command, as argparse knows them."""
    parser = cli.Parser()
    importlib.import_module(f"keras_gen.cli.{command}").add_arguments(parser)
    return [
        action.option_strings[-1] for action in parser._actions
        if action.option_strings
        and not WRITES_HERE & set(action.option_strings)
    ]


def run(capsys, arguments):
    """Exit code and what was printed to standard error."""
    capsys.readouterr()
    try:
        cli.main(arguments)
        code = 0
    except SystemExit as end:
        code = end.code or 0
    return code, capsys.readouterr().err


def spoil(command, folder, capsys, data):
    line = [command, *GOOD[command].split()]
    spoiled = st.integers(1, len(line) - 1) if len(line) > 1 else st.nothing()
    flags = options(command)
    where = data.draw(
        spoiled | (st.sampled_from(flags) if flags else st.nothing()),
        label="spoiled",
    )
    word = data.draw(
        st.sampled_from(WORDS) | st.text(
            st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
            max_size=5,
        ), label="word",
    )
    if isinstance(where, int):
        line[where] = word
    else:
        line += data.draw(st.sampled_from([[f"{where}={word}"], [where]]))
    before = {p for p in folder.rglob("*") if p.is_file()}
    code, errors = run(capsys, line)
    new = {p for p in folder.rglob("*") if p.is_file()} - before
    assert code in (0, 2), errors
    assert "Traceback" not in errors
    if code:
        told = [x for x in errors.splitlines() if x.startswith("error: ")]
        assert len(told) == 1 and len(told[0]) < 700, errors
        assert not new, f"left behind by {line}: {new}"
    assert not [p for p in new if "aside" in p.name]
    for path in new:
        path.unlink()


def fuzz(examples):
    return settings(
        max_examples=examples,
        suppress_health_check=list(HealthCheck),
    )


def test_every_command_is_fuzzed():
    assert set(GOOD) | set(ELSEWHERE) == set(cli.COMMANDS)


@pytest.mark.parametrize("command", GOOD)
@fuzz(FEW)
@given(data=st.data())
def test_wrong_words_are_one_line(command, folder, capsys, data):
    spoil(command, folder, capsys, data)


@pytest.mark.slow
@pytest.mark.parametrize("command", GOOD)
@fuzz(MANY)
@given(data=st.data())
def test_many_wrong_words_are_one_line(command, folder, capsys, data):
    spoil(command, folder, capsys, data)
