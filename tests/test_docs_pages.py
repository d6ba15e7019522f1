"""The pages of docs/guide and docs/notebooks: each command, name of code, link
and block of code in them is true."""

import ast
import importlib
import os
import subprocess
import sys

import pytest
from absl.testing import flagsaver

import pages
from check import TESTS
from keras_gen import cli
from keras_gen.cli import train
from keras_gen.zoo import weights
from waiting import outputs

EXAMPLES = pages.DOCS / "guide/examples"
NAMES = {"name", "model", "beside"}
RUN = [page for page in pages.each() if "subprocess.run" in (
    code := pages.session(page)
) or code.count("\n")]


def parsed(words):
    """The options of a command that is not `train`."""
    parser = cli.Parser(prog=f"keras-gen {words[1]}")
    assert words[1] in cli.COMMANDS, words
    module = importlib.import_module(f"keras_gen.cli.{words[1]}")
    module.add_arguments(parser)
    return parser.parse_args(words[2:])


def check_model(name, made):
    """A published model, a file that is here, or what the page has made."""
    if str(name) in made or str(name).split("/")[0] in ("runs", "no_run"):
        return
    assert weights.full_name(str(name)) or (
        TESTS.parent / str(name)
    ).is_file(), f"there is no model {name}"


def check_training(words, made):
    with flagsaver.flagsaver():
        train.parse(["keras-gen train", *words[2:]])
        model = train._MODEL.value
        check_model(model, made)
        if train._INIT_FROM.value:
            check_model(train._INIT_FROM.value, made)
        if model not in made:
            train.drafted().override(train.overrides())
        if train._WORKDIR.value:
            made.add(train._WORKDIR.value)


@pytest.mark.parametrize("page", pages.each())
def test_each_command_is_one_that_there_is(page, monkeypatch):
    monkeypatch.chdir(TESTS.parent)
    monkeypatch.syspath_prepend(str(EXAMPLES))
    made = set()
    for words in pages.commands(page):
        if words[1:2] == ["train"] and "--help" not in words:
            check_training(words, made)
        elif len(words) > 1 and words[1] not in ("--help", "--version"):
            options = vars(parsed(words))
            if words[1] in ("client", "data", "serve"):
                continue
            for key in NAMES & set(options):
                for name in [options[key]] if isinstance(
                    options[key], str
                ) else options[key] or []:
                    check_model(name, made)


def defined(tree, dotted):
    """Whether a module defines a function or class of that dotted name."""
    first, _, rest = dotted.partition(".")
    return any(
        node.name == first and (not rest or defined(node, rest))
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    )


@pytest.mark.parametrize("page", pages.each())
def test_each_piece_of_code_that_is_shown_is_there(page):
    for file, options in pages.directives(page, "literalinclude"):
        shown = (pages.DOCS / page).parent / file
        assert shown.is_file(), file
        # Numbers of lines go stale.
        assert set(options) <= {"language", "pyobject", "caption"}, options
        if "pyobject" in options:
            tree = ast.parse(shown.read_text("utf-8"))
            assert defined(tree, options["pyobject"]), options["pyobject"]


@pytest.mark.parametrize("page", pages.each())
def test_each_link_leads_somewhere(page):
    here = pages.DOCS / page
    for link in pages.links(page):
        file, _, anchor = link.partition("#")
        target = (here.parent / file).resolve() if file else here
        assert target.exists(), link
        assert not anchor or anchor in pages.anchors(target), link


def test_pictures_are_small_and_shown():
    shown = {
        (pages.DOCS / page).parent.joinpath(link).resolve()
        for page in pages.each() for link in pages.links(page)
    }
    for picture in (pages.DOCS / "guide/pictures").iterdir():
        assert picture.resolve() in shown, picture
        assert picture.stat().st_size < 60_000, picture


def test_what_is_looked_at_would_be_found():
    """Commands in all the forms that pages have them in."""
    text = (
        "A=1 keras-gen list && python train/main.py --model=gan \\\n"
        "    --set 'data.range=[0,1]' > x.txt   # keras-gen no\n"
        "for s in 1 2; do keras-gen train --seed=$s; done\npip install x\n"
    )
    assert pages.commands_of(text) == [
        ["keras-gen", "list"],
        ["keras-gen", "train", "--model=gan", "--set", "data.range=[0,1]"],
        ["keras-gen", "train", "--seed=$s"],
    ]
    with pytest.raises(SystemExit):
        parsed(["keras-gen", "sample", "gan_ring", "--no-such-flag"])
    with pytest.raises(AssertionError, match="no model"):
        check_model("gan_rings", set())
    tree = ast.parse("class A:\n    def b(self): pass")
    assert defined(tree, "A.b") and not defined(tree, "A.c")


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN)
def test_a_page_runs_from_top_to_bottom(page, tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    command = tools / "keras-gen"
    command.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m keras_gen "$@"\n'
    )
    command.chmod(0o755)
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "docs").symlink_to(pages.DOCS)
    (tmp_path / "session.py").write_text(pages.session(page))
    process = subprocess.Popen(
        [sys.executable, tmp_path / "session.py"], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {
            "PYTHONPATH": str(TESTS.parent), "MPLBACKEND": "Agg",
            "PATH": f"{tools}:{os.environ['PATH']}",
        },
    )
    (output, _), = outputs(process)
    assert process.returncode == 0, output[-3000:]
