"""The published models: recipes in `zoo/`, weights in `saved_models/`."""

import difflib
import hashlib
import os
from pathlib import Path

from keras_gen.errors import InputError
from keras_gen.recipe import Recipe


def home():
    """The folder that holds `zoo/` and `saved_models/`: KERAS_GEN_HOME when
    it is set, else the checkout that keras_gen was imported from."""
    path = os.environ.get("KERAS_GEN_HOME")
    return Path(path) if path else Path(__file__).resolve().parents[1]


def names():
    """The names of all recipes, sorted."""
    return sorted(p.stem for p in (home() / "zoo").glob("*.toml"))


def recipe(name):
    """A recipe by its name, its family's name or its file.

    A family's name, "pix2pix", means its starter on built-in data,
    "pix2pix_shapes".

    Raises:
        InputError: no such recipe; the message names the nearest.
    """
    if name.endswith(".toml"):
        return Recipe.read(name)
    known = names()
    for candidate in (name, f"{name}_shapes"):
        if candidate in known:
            return Recipe.read(home() / "zoo" / f"{candidate}.toml")
    if not known:
        raise InputError(
            f"there are no recipes in {home() / 'zoo'}: set KERAS_GEN_HOME "
            "to a checkout of keras_gen"
        )
    families = [n.removesuffix("_shapes") for n in known]
    near = difflib.get_close_matches(name, families + known, n=3) or known
    raise InputError(
        f"there is no model {name!r}: did you mean {', '.join(near)}? "
        "keras_gen.zoo.names() lists all; a recipe file ends in .toml"
    )


def weights_file(name, network):
    """Where the published weights of one network are."""
    return home() / "saved_models" / name / f"{network}.weights.h5"


def load(name, precision="float32"):
    """A published model with its weights.

    Args:
        name: as for `recipe`.
        precision: "float32" by default, whatever the recipe trained in, so
            that pictures are the same on all machines; "bfloat16" or
            "float16" for hardware that is faster with it.

    Returns:
        The recipe's `Objective`, compiled, ready to generate and to train.

    Raises:
        InputError: no such model, or its weights are missing or damaged.
    """
    chosen = recipe(name)
    if not chosen.values.get("weights"):
        raise InputError(
            f"{chosen.name} has no published weights: train it with "
            f"python train/main.py --model={name}"
        )
    objective = chosen.override({"train.precision": precision}).build()
    for network, digest in chosen["weights"].items():
        path = weights_file(chosen.name, network)
        if not path.is_file():
            raise InputError(
                f"the weights {path} are missing: get saved_models/ with the "
                "checkout, or set KERAS_GEN_HOME to a folder that has it"
            )
        if sha256(path) != digest:
            raise InputError(
                f"the weights {path} are damaged (their sha256 is not the "
                "recipe's): restore the file from the repository"
            )
        getattr(objective, network).load_weights(path)
    return objective


def sha256(path):
    """Hexadecimal SHA-256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
