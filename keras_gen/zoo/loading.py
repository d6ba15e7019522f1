"""Recipes and models by name, file, work directory or address."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gen.abilities import DrawsLatents
from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.zoo import building, runs, truncation, weights
from keras_gen.zoo.recipes import Recipe

if TYPE_CHECKING:
    from keras_gen.objectives.base.objective import Objective


@accepted
def recipe(name: str | Path, allow_code_of: Sequence[str] = ()) -> Recipe:
    """A recipe by its name, its family's name, its file or a run of it.

    A family's name, "pix2pix", means its starter on built-in data,
    "pix2pix_shapes".

    Args:
        name: for instance "pix2pix_shapes", "pix2pix", "mine.toml", the
            work directory "runs/pix2pix_shapes", or the address of one that
            somebody has pushed, "hf://user/name" or "https://host/name",
            which is fetched (`keras_gen.zoo.pulled`). A published model goes
            before a folder of the same name.
        allow_code_of: packages of others whose code the recipe may name; see
            `Recipe.read`.

    Raises:
        InputError: no such recipe, the message names the nearest; or a recipe
            that is not allowed or not right.
    """
    return Recipe.read(weights.recipe_file(name), allow_code_of)


@accepted
def load(
    name: str | Path, precision: str = "float32",
    allow_code_of: Sequence[str] = (),
) -> "Objective":
    """A model with its weights: a published one, or that of a run.

    Weights that are not on this machine are fetched: see
    `keras_gen.zoo.weights`. Each file's sha256 is the recipe's, or it is not
    opened. A work directory gives the weights of its newest checkpoint, or
    of its export where the checkpoints are gone.

    Args:
        name, allow_code_of: as for `recipe`.
        precision: "float32" by default, whatever the recipe trained in, so
            that pictures are the same on all machines; "bfloat16" or
            "float16" for hardware that is faster with it.

    Returns:
        The recipe's `Objective`, compiled, ready to generate and to train.

    Raises:
        InputError: no such model, or its weights are missing, damaged, or
            another model's.
    """
    chosen = recipe(name, allow_code_of)
    folder = weights.run_folder(name)
    if folder:
        objective = runs.load(folder, chosen, precision)
    else:
        objective = _published(chosen, precision)
    if objective.can(DrawsLatents):
        objective.truncation_limit = truncation.limit(
            chosen.values.get("results", ())
        )
    return objective


def _published(chosen, precision):
    """The objective of a published recipe."""
    files = weights.files(chosen.values)
    objective = chosen.override({"train.precision": precision}).build()
    networks = objective.networks
    if set(files) != set(networks):
        raise InputError(
            f"{chosen.origin}: [weights] must name {', '.join(networks)}; it "
            f"names {', '.join(files)}"
        )
    for network, file in files.items():
        building.load_weights(networks[network], file, network)
    objective.restart_averages()
    return objective
