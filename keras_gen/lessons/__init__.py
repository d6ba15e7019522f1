"""Lessons: what is said of generative models, shown within minutes.

Each is a module here, of at most 150 lines, which trains the objectives that
all models of the zoo are trained by:

    docstring        its first line is the title; then what is done
    CLAIM            what is said, in a sentence
    PAPER            the address of who says it
    NEXT             what to try
    SHORT            arguments of `run` that make it a matter of seconds
    run(seed, ...)   -> ({name: number}, a figure of Matplotlib's); a seed
                     gives the same of both
    shown(numbers)   -> {what must be seen, in words: whether it is}

The constants are literals: the list of lessons is told without importing
them, and so without Keras.
"""

import ast
import importlib
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from keras_gen.errors import InputError, alike

# The order in which lectures tell them.
ORDER = (
    "mixture_fit",
    "curse_of_dimension",
    "likelihood",
    "best_discriminator",
    "divergences",
    "two_gaussians",
    "transport",
    "vanishing",
    "to_optimality",
    "ttur",
    "ratio",
    "robust",
    "collapse",
    "arrangement",
    "noise_to_instance",
    "label_to_picture",
    "ae_is_not_generative",
    "beta_zero",
    "probe",
    "blur",
    "fid_bias",
    "correlation",
)


class Facts(NamedTuple):
    """What a lesson says of itself; texts."""

    title: str
    about: str
    claim: str
    paper: str
    next: str


def names() -> tuple[str, ...]:
    """The lessons, in the order in which lectures tell them."""
    return ORDER


def check(name: str) -> None:
    """Raises an InputError where there is no lesson of this name."""
    if name not in ORDER:
        near = alike(name, ORDER)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        raise InputError(
            f"there is no lesson {name!r}: {meant}keras-gen lesson lists all"
        )


def load(name: str) -> ModuleType:
    """A lesson's module.

    Raises:
        InputError: there is none of this name.
    """
    check(name)
    return importlib.import_module(f"keras_gen.lessons.{name}")


def facts(name: str) -> Facts:
    """What a lesson says of itself, which is read and not imported.

    Raises:
        InputError: there is none of this name.
    """
    check(name)
    tree = ast.parse(file(name).read_text("utf-8"))
    said = {
        node.targets[0].id: ast.literal_eval(node.value) for node in tree.body
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) in ("CLAIM", "PAPER", "NEXT")
    }
    title, _, about = ast.get_docstring(tree).partition("\n\n")
    return Facts(
        " ".join(title.split()), about.strip(), said["CLAIM"], said["PAPER"],
        said["NEXT"],
    )


def file(name: str) -> Path:
    """Where a lesson's source is."""
    return Path(__file__).parent / f"{name}.py"
