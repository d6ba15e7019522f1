"""Recipes and models by name."""

from keras_gen.errors import InputError
from keras_gen.zoo import weights
from keras_gen.zoo.recipes import Recipe


def recipe(name, allow_code_of=()):
    """A recipe by its name, its family's name or its file.

    A family's name, "pix2pix", means its starter on built-in data,
    "pix2pix_shapes".

    Args:
        name: for instance "pix2pix_shapes", "pix2pix" or "mine.toml".
        allow_code_of: packages of others whose code the recipe may name; see
            `Recipe.read`.

    Raises:
        InputError: no such recipe, the message names the nearest; or a recipe
            that is not allowed or not right.
    """
    return Recipe.read(weights.recipe_file(name), allow_code_of)


def load(name, precision="float32", allow_code_of=()):
    """A published model with its weights.

    Weights that are not on this machine are fetched: see
    `keras_gen.zoo.weights`. Each file's sha256 is the recipe's, or it is not
    opened.

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
    files = weights.files(chosen.values)
    objective = chosen.override({"train.precision": precision}).build()
    networks = objective.networks
    if set(files) != set(networks):
        raise InputError(
            f"{chosen.origin}: [weights] must name {', '.join(networks)}; it "
            f"names {', '.join(files)}"
        )
    for network, file in files.items():
        # Nothing in such a file can be executed. Keras reads it by h5py, looks
        # up the variables that the network has already, and assigns arrays of
        # numbers to them; classes and functions are named in .keras files
        # only, and neither library unpickles.
        try:
            networks[network].load_weights(file)
        except (OSError, ValueError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise InputError(
                f"the weights {file} do not fit the recipe's {network}: "
                f"{reason}"
            ) from error
    objective.restart_averages()
    return objective
