"""The pages of docs/guide and docs/notebooks: each command, piece of code,
number, link and block of code in them is true."""

import ast
import functools
import importlib
import os
import re
import subprocess
import sys
import tomllib

import numpy as np
import page_text
import pytest
from absl import flags
from absl.testing import flagsaver

import pages
from check import TESTS, needs
from keras_gen import cli, zoo
from keras_gen.cli import train
from keras_gen.objectives import Autoencoder
from keras_gen.zoo import weights
from waiting import outputs

ROOT = TESTS.parent
EXAMPLES = page_text.DOCS / "guide/examples"
# Arguments that name models, and commands whose are a server's.
MODELS, SERVED = ("name", "beside", "trained"), ("client", "serve")
NUMBER = re.compile(r"-?\d+(?:\.\d+)?$")
ROW = re.compile(r"^\| `(\w+)` \| `(\w+)` \|(.+)\|$", re.M)
each_page = pytest.mark.parametrize("page", page_text.each())


def parsed(words):
    """The options of a command, by name; not of `train`."""
    parser = cli.Parser(prog=f"keras-gen {words[1]}")
    module = importlib.import_module(f"keras_gen.cli.{words[1]}")
    module.add_arguments(parser)
    return vars(parser.parse_args(words[2:]))


def check_model(name):
    """A published model, a file that is here, or what a reader has made: a
    work directory in runs/, a folder, which ends in a slash, or what is at an
    address."""
    known = weights.full_name(str(name)) or (ROOT / str(name)).is_file()
    made = str(name).startswith(("runs/", "hf://")) or str(name).endswith("/")
    assert known or made, f"there is no model {name}"


def check_training(words):
    """The flags are ones that there are, and so are all keys of a recipe."""
    with flagsaver.flagsaver():
        train.parse(["keras-gen train", *words[2:]])
        for name in {flags.FLAGS.model, flags.FLAGS.init_from} - {None}:
            check_model(name)
        train.drafted().override(train.overrides())


@each_page
def test_each_command_is_one_that_there_is(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(EXAMPLES))
    for words in page_text.commands(page):
        if words[1:2] == ["train"]:
            check_training(words)
        elif words[1] != "--version":
            assert words[1] in cli.COMMANDS, words
            options = parsed(words)
            for key in MODELS if words[1] not in SERVED else ():
                for name in np.ravel(options.get(key) or []):
                    check_model(name)


def defined(tree, dotted):
    """Whether a module defines a function or class of that dotted name."""
    first, _, rest = dotted.partition(".")
    return any(
        node.name == first and (not rest or defined(node, rest))
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    )


@each_page
def test_each_piece_of_code_that_is_shown_is_there(page):
    for file, options in page_text.directives(page, "literalinclude"):
        shown = (page_text.DOCS / page).parent / file
        assert shown.is_file(), file
        # Numbers of lines would go stale.
        assert set(options) <= {"language", "pyobject"}, options
        if "pyobject" in options:
            tree = ast.parse(shown.read_text("utf-8"))
            assert defined(tree, options["pyobject"]), options["pyobject"]


@functools.cache
def written():
    return set(pages.everything())


@each_page
def test_each_link_leads_somewhere(page):
    here = page_text.DOCS / page
    for link in page_text.links(page):
        file, _, anchor = link.partition("#")
        target = (here.parent / file).resolve() if file else here
        if not target.exists():  # written when the documentation is built
            place = target.relative_to(page_text.DOCS.resolve()).as_posix()
            assert not anchor and place in written(), link
            continue
        assert not anchor or anchor in page_text.anchors(target), link


def test_pictures_are_small_and_shown():
    shown = {
        (page_text.DOCS / page).parent.joinpath(link).resolve()
        for page in page_text.each() for link in page_text.links(page)
    }
    for picture in (page_text.DOCS / "guide/pictures").iterdir():
        assert picture.resolve() in shown, picture
        assert picture.stat().st_size < 60_000, picture


def recorded(name, metric):
    """All numbers of a metric in a model's record, without their spreads."""
    file = ROOT / f"zoo/{name}.record.toml"
    return [
        np.ravel(value)[0]
        for result in tomllib.loads(file.read_text("utf-8"))["results"]
        for value in result.get(metric, {}).values()
    ]


def rounded_to(number, values):
    """Whether one of the values is the number, to as many digits as it is
    written with."""
    digits = max(1, len(re.sub(r"^-?0*\.?0*|\.", "", number)))
    return any(
        float(f"{value:.{digits}g}") == float(number) for value in values
    )


@each_page
def test_each_number_of_a_published_model_is_recorded(page):
    """Of the tables' rows that begin with a model and a metric."""
    for name, metric, cells in ROW.findall(page_text.text_of(page)):
        known = recorded(name, metric)
        for number in filter(NUMBER.match, map(str.strip, cells.split("|"))):
            assert rounded_to(number, known), (name, metric, number)


def test_what_is_not_true_would_be_found():
    text = (
        "A=1 keras-gen list && python train/main.py --model=gan \\\n"
        "    --set 'data.range=[0,1]' > x.txt   # keras-gen no\n"
        "for s in 1 2; do keras-gen train --seed=$s; done\npip install x\n"
    )
    assert page_text.commands_of(text) == [
        ["keras-gen", "list"],
        ["keras-gen", "train", "--model=gan", "--set", "data.range=[0,1]"],
        ["keras-gen", "train", "--seed=$s"],
    ]
    with pytest.raises(SystemExit):
        parsed(["keras-gen", "sample", "gan_ring", "--no-such-flag"])
    with pytest.raises(AssertionError, match="no model"):
        check_model("gan_rings")
    with pytest.raises(Exception, match="objective.no"):
        check_training(["keras-gen", "train", "--model=gan", "--set",
                        "objective.no=1"])
    tree = ast.parse("class A:\n    def b(self): pass")
    assert defined(tree, "A.b") and not defined(tree, "A.c")
    assert rounded_to("0.114", [0.1135]) and not rounded_to("5.0", [5.1])


def test_the_example_of_a_new_model_is_what_its_paper_says(monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLES))
    recipe = zoo.recipe(
        EXAMPLES / "denoising_shapes.toml", allow_code_of=["denoising"]
    ).smoke()
    white = np.ones((64, 32, 32, 3), "float32")
    for corruption in (0.0, 0.3):
        model = recipe.override({"objective.corruption": corruption}).build()
        with model.unmoved(0):
            black = np.asarray(model.corrupted(white)) == -1
        assert (black.all(-1) == black.any(-1)).all()
        # Five standard errors of 65,536 pixels.
        assert abs(black.mean() - corruption) <= 5 * 0.5 / 256
    whole = recipe.override({"objective.corruption": 0.0}).build()
    found = []
    for each in whole, Autoencoder(whole.encoder, whole.decoder), model:
        each.encoder.set_weights(whole.encoder.get_weights())
        each.decoder.set_weights(whole.decoder.get_weights())
        with each.unmoved(0):
            found.append(float(each.autoencoder_loss(white)))
    assert found[0] == found[1] != found[2]


# Notebooks run when the documentation is built.
@needs("tensorflow")
@pytest.mark.slow
@pytest.mark.parametrize("page", [
    page for page in page_text.each()
    if page_text.session(page) and not page.startswith("notebooks/")
])
def test_a_page_runs_from_top_to_bottom(page, tmp_path):
    command = tmp_path / "tools/keras-gen"
    command.parent.mkdir()
    command.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -m keras_gen "$@"\n'
    )
    command.chmod(0o755)
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "docs").symlink_to(page_text.DOCS)
    (tmp_path / "session.py").write_text(page_text.session(page))
    process = subprocess.Popen(
        [sys.executable, tmp_path / "session.py"], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ | {
            "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg",
            "PATH": f"{command.parent}:{os.environ['PATH']}",
        },
    )
    (output, _), = outputs(process)
    assert process.returncode == 0, output[-3000:]
