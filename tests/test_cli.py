"""The command keras-gen, as typed."""

import configparser
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
                  "2 classes", "classes     a 4", "a/bad.png: not a picture",
                  "1 file skipped", "mine-contact-sheet.png", "cached in",
                  "files       102: ", " held out for the test"):
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
    (["data", ""], "the source of the data is empty"),
    (["dota", "x"], "invalid choice: 'dota'"),
    ([], "command"),
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


def test_a_sheet_that_cannot_be_written(tmp_path, capsys):
    save(tmp_path / "a.png", 3)
    save(tmp_path / "b.png", 3)
    with pytest.raises(SystemExit):
        cli.main(["data", str(tmp_path), "--out", str(tmp_path / "no/x.png")])
    assert "choose another place" in capsys.readouterr().err


def test_the_console_script_is_declared():
    config = configparser.ConfigParser()
    config.read(TESTS.parent / "setup.cfg")
    scripts = config["options.entry_points"]["console_scripts"]
    assert "keras-gen = keras_gen.cli:main" in scripts


def test_every_command_has_its_module():
    folder = TESTS.parent / "keras_gen" / "cli"
    modules = {path.stem for path in folder.glob("[!_]*.py")}
    assert modules == set(cli.COMMANDS)
