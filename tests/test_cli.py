"""The command keras-gen, as typed."""

import configparser
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from check import TESTS
from keras_gen import cli

# What the console script does; and it must start fast.
SCRIPT = """
import sys
from keras_gen.cli import main
try:
    main()
finally:
    slow = {"keras", "tensorflow", "torch", "scipy"} & set(sys.modules)
    assert not slow, slow
"""


def keras_gen(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)], cwd=cwd,
        capture_output=True, text=True,
    )


def save(path, value, size=(20, 20)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, value).save(path)


def test_a_folder_of_classes(tmp_path):
    for number in range(100):
        save(tmp_path / f"mine/{'ab'[number % 2]}/{number}.png", number)
    (tmp_path / "mine/a/bad.png").write_text("no picture")
    broken = tmp_path / "mine/b/broken.png"
    values = np.random.default_rng(0).integers(0, 255, (40, 30), np.uint8)
    Image.fromarray(values).save(broken)
    broken.write_bytes(broken.read_bytes()[:-300])
    result = keras_gen("data", "mine", "--size=16", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    for words in ("--kind=labelled --channels=1", "16x16x1 from 20x20 ... 30",
                  "2 classes", "classes     a 3", "a/bad.png: not a picture",
                  "1 file skipped", "mine-contact-sheet.png", "cached in",
                  "files       102: ", " held out for the validation, ",
                  " held out for the test"):
        assert words in result.stdout
    sheet = Image.open(tmp_path / "mine-contact-sheet.png")
    assert sheet.size == (8 * 18 - 2, 8 * 18 - 2)
    assert np.asarray(sheet).std() > 10
    checked = keras_gen(
        "data", "mine", "--size=16", "--check", "--out=x.png", cwd=tmp_path
    )
    assert "b/broken.png" in checked.stdout
    assert "2 files skipped" in checked.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "mine", "mine-contact-sheet.png", "x.png"
    ]


def test_a_figure_that_a_command_left_is_no_data(tmp_path):
    for number in range(30):
        save(tmp_path / f"{'ab'[number % 2]}/{number}.png", number)
    for turn in range(2):
        result = keras_gen("data", ".", "--size=16", cwd=tmp_path)
        assert "--kind=labelled" in result.stdout, result.stderr
        assert "files       3" + "01"[turn] in result.stdout
        figure = "not read  a figure of keras_gen: " in result.stdout
        assert figure == bool(turn)


def test_broken_files_of_what_is_held_out_are_named(tmp_path):
    for number in range(40):
        path = tmp_path / f"mine/{number}.png"
        save(path, number)
        if number % 4 == 0:
            path.write_text("no picture")
    (tmp_path / "mine/notes.txt").write_text("x")
    (tmp_path / "mine/a.heics").write_text("x")
    output = keras_gen("data", "mine", "--size=16", cwd=tmp_path).stdout
    for number in range(0, 40, 4):
        assert f"skipped   {number}.png: not a picture" in output
    assert "files       42: " in output
    assert "no picture that can be read: 1 .heics, 1 .txt: a.heics" in output


def test_kinds_are_recognised(tmp_path):
    for number in range(9):
        save(tmp_path / f"pairs/{number}.png", 9, (40, 20))
        save(tmp_path / f"flat/{number}.png", 9)
        save(tmp_path / f"looks/trainA/{number}.png", 9)
        save(tmp_path / f"looks/trainB/x{number}.png", 9)
    for name, kind in [("pairs", "pairs"), ("flat", "images"),
                       ("looks", "unpaired")]:
        result = keras_gen("data", name, cwd=tmp_path)
        assert f"--kind={kind} --channels=1" in result.stdout, result.stderr
    np.savez(tmp_path / "a.npz", x=np.full((9, 20, 20), 9, np.uint8),
             y=[[1, 0]] * 9, classes=["hat", "tie"])
    result = keras_gen("data", "a.npz", cwd=tmp_path)
    for words in ("--kind=attributes --channels=1", "2 attributes",
                  "classes     hat 7, tie 0"):
        assert words in result.stdout, result.stderr
    pair = Image.open(tmp_path / "pairs-contact-sheet.png")
    assert pair.size[0] == 16 * 66 - 2  # input and target side by side


@pytest.mark.parametrize("arguments, words", [
    (["data", "nowhere/x/y"], "no folder or file"),
    (["data", "--size=large", "x"], "invalid int value: 'large'"),
    (["data", "shapes", "--size=4"], "size is 4"),
    (["data", "."], "no picture in"),
    (["data", ""], "names no file or folder"),
    (["data", "mine", "--out=no/x.png"], "there is no folder no"),
    (["dota", "x"], "no command 'dota': did you mean data?"),
    (["smaple"], "no command 'smaple': did you mean sample?"),
    (["what"], "no command 'what': keras-gen --help lists all"),
    (["--verbose"], "required: command"),
])
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments, words, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    if "nowhere/x/y" in arguments:
        pytest.importorskip("tensorflow_datasets")
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    error = capsys.readouterr().err
    assert caught.value.code == 2 and error.startswith("error: ")
    assert words in error and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


# Command lines that are wrong in what can be told at once.
_WRONG = [
    ("sample dcgann", "did you mean dcgan"),
    ("sample zzzz", "there is no model 'zzzz'; keras-gen list shows all"),
    ("sample /no/such/dir", "/no/such/dir is no work directory"),
    ("sample empty", "empty is no work directory"),
    ("sample new", "new has neither a checkpoint nor exported weights"),
    ("sample gan --n 0", "--n must be at least 1"),
    ("sample gan --scale 0", "--scale goes from 1 to 64"),
    ("sample gan --out no/x.png", "there is no folder no"),
    ("sample gan --out empty", "empty is a folder"),
    ("sample gan --separate empty", "empty exists"),
    ("interpolate vae --pictures no.png", "there is no no.png"),
    ("manifold vaee", "did you mean vae"),
    ("arithmetic vae --attribute Hat --data no.npz", "there is no no.npz"),
    ("arithmetic vae --attribute Hat --data shapes --judge clasifier",
     "did you mean classifier"),
    ("classes cgan --from 1", "--from and --to belong together"),
    ("neighbours gan --out x.png --features clasifier_shapes",
     "did you mean classifier_shapes"),
    ("neighbours gan --out x.png --data ./no", "there is no ./no"),
    ("reconstruct vae no.png", "there is no no.png"),
    ("reconstruct vae a.png --codes no/x.npz", "there is no folder no"),
    ("translate pix2pix no.png out", "there is no no.png"),
    ("translate pix2pix a.png there", "exist, such as there/a.png"),
    ("translate pix2pixx a.png out", "did you mean pix2pix"),
    ("evaluate gann", "did you mean gan"),
    ("evaluate gan --n 1", "--n must be at least 2"),
    ("evaluate gan --data ./no", "there is no ./no"),
    ("evaluate gan --features no.pb", "there is no no.pb"),
    ("evaluate gan --beside gann", "did you mean gan"),
    ("evaluate there", "give real ones"),
    ("evaluate new --record", "publish a run first"),
    ("export gann out", "did you mean gan"),
    ("export gan a.png", "a.png is a file"),
    ("export gan there --format onnx", "there exists"),
    ("show gann", "did you mean gan"),
    ("fetch gann", "did you mean gan"),
    ("serve no", "there is no folder no"),
    ("publish there", "no recipe.toml"),
    ("client sample gan --out no/x.png", "there is no folder no"),
    ("train --model gann", "did you mean gan"),
    ("train --model dcgan --data ./no", "there is no ./no"),
    ("train --model cgan --data there", "one folder for each class"),
    ("train --model dcgan --set steps", "--set takes a.b=c"),
    ("train --model dcgan --set trian.steps=3", "it has train"),
    ("train --model dcgan --set train.steps=x", "must be of type int"),
    ("train --model dcgan --set data.sise=3", "takes size"),
    ("train --model dcgan --set networks.generator.widht=3", "takes width"),
    ("train --model vae --set objective.betta=3", "takes beta"),
    ("train --model dcgan --init_from gann", "did you mean gan"),
    ("train --modl dcgan", "Did you mean: model"),
    ("train", "--model is missing"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a picture, a folder of one, an empty one, and a work
    directory of a run that has not begun."""
    folder = tmp_path_factory.mktemp("place")
    save(folder / "a.png", 3)
    save(folder / "there/a.png", 3)
    save(folder / "there/b.png", 3)
    (folder / "empty").mkdir()
    (folder / "new").mkdir()
    shutil.copy(
        TESTS.parent / "zoo/gan_shapes.toml", folder / "new/recipe.toml"
    )
    return folder


# Runs command lines one after another, and says how each ended.
_ALL = """
import contextlib, io, json, sys
from absl import flags
from keras_gen import cli
for line in json.load(sys.stdin):
    error, code = io.StringIO(), 0
    with contextlib.redirect_stderr(error):
        try:
            cli.main(line.split())
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, error.getvalue()]))
    slow = {"keras", "tensorflow", "torch"} & set(sys.modules)
    assert not slow, (line, slow)
    for flag in flags.FLAGS.flags_by_module_dict().get(
        "keras_gen.cli.train", ()
    ):
        flag.unparse()
"""


def test_what_is_wrong_is_told_before_keras_is_imported(place):
    result = subprocess.run(
        [sys.executable, "-c", _ALL], cwd=place, capture_output=True,
        input=json.dumps([line for line, _ in _WRONG]), text=True,
    )
    assert not result.returncode, result.stderr
    ends = map(json.loads, result.stdout.splitlines())
    for (line, words), (code, error) in zip(_WRONG, ends, strict=True):
        assert code == 2 and error.startswith("error: "), (line, error)
        assert words in error and error.count("\n") == 1, (line, error)
    assert sorted(path.name for path in place.iterdir()) == [
        "a.png", "empty", "new", "there"
    ]


@pytest.mark.parametrize("arguments, words", [
    ([], "usage: keras-gen"), (["--help"], "usage: keras-gen"),
    (["--version"], "keras_gen 0."), (["train", "--help"], "--[no]flip"),
    *(([name, "--help"], f"keras-gen {name}") for name in cli.COMMANDS),
])
def test_help_is_no_mistake(arguments, words, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", sys.argv)
    try:
        cli.main(arguments)
    except SystemExit as end:
        assert not end.code
    assert words in capsys.readouterr().out


def test_modules_are_commands_too():
    for module, arguments in (
        ("keras_gen", ["--version"]), ("keras_gen.training", ["--help"])
    ):
        result = subprocess.run(
            [sys.executable, "-m", module, *arguments], capture_output=True,
            text=True, check=True, cwd=TESTS.parent,
        )
        assert result.stdout and not result.stderr


def test_the_console_script_is_declared():
    config = configparser.ConfigParser()
    config.read(TESTS.parent / "setup.cfg")
    scripts = config["options.entry_points"]["console_scripts"]
    assert "keras-gen = keras_gen.cli:main" in scripts


def test_every_command_has_its_module():
    folder = TESTS.parent / "keras_gen" / "cli"
    modules = {path.stem for path in folder.glob("[!_]*.py")}
    assert modules == set(cli.COMMANDS)
