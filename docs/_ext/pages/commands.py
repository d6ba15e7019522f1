"""Every option of every command, from the parsers that read them."""

import argparse
import textwrap

from keras_gen import cli
from keras_gen.cli import train
from pages import markdown
from pages.markdown import code, plain


def pages():
    """{file: text}"""
    return {"reference/commands.md": page()}


def page():
    """All commands."""
    parts = [
        "# Commands",
        "`keras-gen COMMAND --help` says the same in a terminal. A mistake is "
        "told in one line, with exit code 2.",
    ]
    for name, summary in cli.COMMANDS.items():
        told_by = plain(summary[0].upper() + summary[1:])
        parts += [f"## keras-gen {name}", f"{told_by}."]
        if name == "train":
            parts += [*trainer(), *examples(train.EXAMPLES)]
        else:
            parts += told(parser(name))
    return "\n\n".join(parts) + "\n"


def parser(name):
    """The parser of a command."""
    found = cli.Parser(prog=f"keras-gen {name}", add_help=False)
    cli.fill(found, name)
    return found


def trainer():
    """Of the trainer's flags, which absl reads."""
    yield markdown.table(
        ["option", "what it does"],
        [
            [code(train.shown(flag)), plain(text)]
            for flag, text in train.described()
        ],
    ).rstrip()


def examples(lines):
    """What ends a command's help."""
    yield "For example"
    yield markdown.fenced("\n".join(lines), "sh").rstrip()


def told(command):
    """The usage of a command and a table of what it takes."""
    usage = command.format_usage().removeprefix("usage: ").split()
    yield markdown.fenced(textwrap.fill(
        " ".join(usage), 79, subsequent_indent="    ", break_long_words=False,
        break_on_hyphens=False,
    )).rstrip()
    rows = []
    for action in command._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice, nested in action.choices.items():
                yield f"### {nested.prog}"
                yield from told(nested)
        elif action.dest != "help":
            rows.append([code(spelt(action)), plain(action.help or "")])
    if rows:
        yield markdown.table(["option", "what it does"], rows).rstrip()
    yield from examples(command.examples)


def spelt(action):
    """An argument as it is typed, with its default where it has one."""
    value = ""
    if action.nargs != 0:
        choices = action.choices and "|".join(map(str, action.choices))
        value = choices or action.metavar or action.dest.upper()
    if not action.option_strings:
        return value
    shown = f"{', '.join(action.option_strings)} {value}".rstrip()
    if value and action.default not in (None, [], (), argparse.SUPPRESS):
        shown += f" (default {action.default})"
    return shown
