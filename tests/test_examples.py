"""The examples at the end of each command's help: each is one that the
command takes, of models that there are."""

import argparse

import numpy as np
import page_text
import pytest
from test_docs_pages import MODELS, SERVED, check_model, check_training, parsed

from check import TESTS
from keras_gen import cli
from keras_gen.cli import train

EACH = {"": cli.EXAMPLES, "train": train.EXAMPLES}


def nested(parser):
    """A parser and those of its own commands."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from nested(inner)


for name in set(cli.COMMANDS) - {"train"}:
    command = cli.Parser(prog=f"keras-gen {name}")
    cli.fill(command, name)
    EACH |= {
        each.prog.removeprefix("keras-gen "): each.examples
        for each in nested(command)
    }


def test_those_within_commands_are_there_too():
    assert set(EACH) == {
        "", "client sample", "client translate", *cli.COMMANDS
    }


@pytest.mark.parametrize("name", sorted(EACH))
def test_each_example_is_a_command_that_there_is(name, monkeypatch):
    monkeypatch.chdir(TESTS.parent)
    assert 1 <= len(EACH[name]) <= 2
    for line in EACH[name]:
        assert len(line) <= 76 and line.startswith(f"keras-gen {name}".strip())
        (words,) = page_text.commands_of(line)
        if words[1] == "train":
            check_training(words)
            continue
        options = parsed(words)
        for key in MODELS if words[1] not in SERVED else ():
            for model in np.ravel(options.get(key) or []):
                check_model(model)


@pytest.mark.parametrize("words", [
    [], ["sample"], ["client"], ["client", "translate"], ["train"],
])
def test_they_end_the_help(words, capsys):
    with pytest.raises(SystemExit):
        cli.main([*words, "--help"])
    lines = EACH[" ".join(words)]
    shown = "".join(f"  {line}\n" for line in lines)
    assert capsys.readouterr().out.endswith(f"\n\nexamples:\n{shown}")


def test_one_that_went_stale_would_be_found():
    with pytest.raises(SystemExit):
        parsed(["keras-gen", "sample", "gan_ring", "--count=3"])
