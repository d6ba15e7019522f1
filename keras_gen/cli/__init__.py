"""The command `keras-gen`: one module here for each sub-command, and
`_common` for what they share.

A module has `add_arguments(parser)`, `run(options)` and `EXAMPLES`, command
lines that end its --help, and a line below.
Only the module of the command that was typed is imported, so that it starts
as fast as its own imports allow. What can be wrong with names and files is
told before Keras is imported: a module adds functions of the options that
refuse it to `parser.checks`.
"""

import argparse
import importlib
import os
import sys

from keras_gen.cli import _process, _quiet
from keras_gen.errors import InputError, alike

# Sub-command and what it does.
COMMANDS = {
    "train": "train a model from its recipe, also on pictures of your own",
    "publish": "make a finished run the zoo's model of that name",
    "correlate": "compare a run's loss with a metric over its checkpoints",
    "data": "show what would be read from a folder, .zip or .npz",
    "evaluate": "measure a model against real pictures, floor and ceiling",
    "fetch": "download the weights of published models ahead of time",
    "push": "put a model where others load it from, such as the hub",
    "pull": "copy a model that others have put somewhere into a folder",
    "list": "list the published models, and where their weights are",
    "show": "show the card of a published model",
    "sample": "draw pictures, also from truncated latents",
    "interpolate": "draw the way from one latent, or picture, to the next",
    "invert": "find latents from which a model draws your own pictures",
    "manifold": "draw a sheet of pictures over a surface of latents",
    "arithmetic": "add and subtract latents, or an attribute such as a smile",
    "classes": "draw the classes of a conditional model and what is between",
    "neighbours": "draw samples beside the most similar training pictures",
    "strip": "draw a training over its steps, or models over their years",
    "judge": "write a page that asks people which picture is real",
    "units": "draw the pictures that excite units of a network most",
    "reconstruct": "draw pictures beside what a model makes of their codes",
    "translate": "translate your own pictures",
    "lesson": "show what is said of generative models, in minutes",
    "play": "open models in the browser, or write such a page",
    "export": "write the model for TensorFlow Serving, ONNX or LiteRT",
    "serve": "serve SavedModels over TensorFlow Serving's REST and gRPC",
    "client": "ask a server for samples or translations",
    "table": "regenerate the documentation's table of results",
    "completion": "print a script by which a shell completes what is typed",
    "env": "tell what keras_gen runs on here, for a report of a bug",
}


EXAMPLES = (
    "keras-gen sample dcgan_celeba --n=16 --out=faces.png",
    "keras-gen train --model=dcgan --data=my_pictures/",
)


class Parser(argparse.ArgumentParser):
    """Tells a mistake in one line; has the `checks` of a command, and the
    `examples` that end its help."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.checks, self.examples = [], ()

    def format_help(self):
        return super().format_help() + told(self.examples)

    def error(self, message):
        refuse(f"{message}; {self.prog} --help lists what there is")


@_process.own()
def main(arguments=None):
    """Runs the command line; exit code 2 after a mistake."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["train"]:
        run_trainer(arguments[1:])
    parser, commands = root()
    if not arguments:
        parser.print_help()
        return
    refuse_unknown(arguments[0])
    command = commands.get(arguments[0])
    module = command and fill(command, arguments[0])
    options = parser.parse_args(arguments)
    _quiet.tensorflow()
    try:
        for check in command.checks:
            check(options)
        module.run(options)
        sys.stdout.flush()
    except InputError as error:
        refuse(error)
    except BrokenPipeError:  # "| head" has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def root():
    """The parser of the command line, and {command: its parser}, in which
    `fill` puts what it takes."""
    parser = Parser(
        prog="keras-gen", description="Generative models for Keras."
    )
    parser.examples = EXAMPLES
    version = importlib.import_module("keras_gen").__version__
    parser.add_argument(
        "--version", action="version", version=f"keras_gen {version}"
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="command"
    )
    return parser, {
        name: commands.add_parser(name, help=summary, description=summary)
        for name, summary in COMMANDS.items()
    }


def fill(parser, name):
    """Puts into a command's parser what it takes; the command's module."""
    module = importlib.import_module(f"keras_gen.cli.{name}")
    module.add_arguments(parser)
    parser.examples = module.EXAMPLES
    return module


def told(examples):
    """Examples as the end of a help."""
    return "".join(["\nexamples:\n", *(f"  {x}\n" for x in examples)])


def refuse_unknown(name):
    """Ends where a word is no command, with those like it."""
    if not name.startswith("-") and name not in COMMANDS:
        near = alike(name, COMMANDS)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        refuse(
            f"there is no command {name!r}: {meant}keras-gen --help lists all"
        )


@_process.own()
def run_trainer(arguments, program="keras-gen train"):
    """Runs the trainer, whose flags are absl's, and ends the process."""
    from keras_gen.cli import train as trainer

    # A run writes down its command.
    sys.argv = [program, *arguments]
    trainer.main(trainer.parse(sys.argv))


def refuse(message):
    """Ends with the message in one line and exit code 2."""
    print(f"error: {' '.join(str(message).split())}", file=sys.stderr)
    sys.exit(2)
