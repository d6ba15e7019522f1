"""From a recipe to a compiled objective."""

import contextlib
import threading

import keras

from keras_gen import data, seeds
from keras_gen.backend import settings
from keras_gen.backend.without_tensorflow import without_tensorflow
from keras_gen.errors import InputError
from keras_gen.zoo import checking, frozen, weights

# What is the process' own while a model is built: one thread at a time.
_BUILDING = threading.RLock()


def build(recipe):
    """The compiled `Objective` of a `Recipe`; see `Recipe.build`."""
    settings.check()
    seed = recipe["train"]["seed"]
    with _BUILDING, without_tensorflow(), seeds.undisturbed(seed):
        return _built(recipe, seeds.signed(seed))


def _built(recipe, seed):
    precision = recipe["train"]["precision"]
    with _policy(precision):
        networks = {
            name: _argument(
                recipe, f"networks.{name}",
                _labelled(recipe, f"networks.{name}", table),
            ) for name, table in recipe["networks"].items()
        }
    borrowed = {
        name: _frozen(recipe, name) for name in recipe.values.get("frozen", ())
    }
    objective = _make(
        recipe, "objective", recipe["objective"], **networks, **borrowed,
        seed=seed, name=recipe.name,
    )
    size = recipe["data"].get("size")
    objective.picture_size = min(size) if isinstance(size, list) else size
    objective.picture_ranges = data.ranges_of(recipe["data"])
    objective.waiting = tuple(recipe["train"].get("waiting", ()))
    if "ema" in recipe.values:
        objective.average(**recipe["ema"])
    optimizers = {
        player: _make(recipe, f"optimizers.{player}", table)
        for player, table in recipe["optimizers"].items()
    }
    if precision == "float16":
        # Small gradients would vanish in float16 without it.
        optimizers = {
            player: keras.optimizers.LossScaleOptimizer(optimizer)
            for player, optimizer in optimizers.items()
        }
    objective.compile(optimizers)
    return objective


@contextlib.contextmanager
def _policy(precision):
    """Keras' policy inside the block is that of a precision."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(checking.POLICIES[precision])
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def _labelled(recipe, where, table):
    """The table of a network, or of several: one that takes the colours of
    labels has those of the recipe's data, unless it has its own."""
    if isinstance(table, list):
        return [
            _labelled(recipe, f"{where}[{i}]", item)
            for i, item in enumerate(table)
        ]
    labels = recipe["data"].get("labels")
    if not labels or "labels" not in (
        recipe.takes(where, table["function"]) or ()
    ):
        return table
    return {"labels": labels, **table}


def _argument(recipe, where, value):
    """An argument: what a table names is made, also in lists."""
    if isinstance(value, dict):
        return _make(recipe, where, value)
    if isinstance(value, list):
        return [
            _argument(recipe, f"{where}[{i}]", item)
            for i, item in enumerate(value)
        ]
    return value


def _make(recipe, where, table, **more):
    """What a table with "class" or "function" says."""
    key = "class" if "class" in table else "function"
    arguments = {
        name: _argument(recipe, f"{where}.{name}", value)
        for name, value in table.items() if name != key
    }
    try:
        code = recipe.code(where, table[key])
        return code(**checking.floats(code, arguments), **more)
    except (TypeError, ValueError) as error:
        message = str(error).splitlines()[0]
        raise InputError(f"{recipe.origin}: [{where}] {message}")


def _frozen(recipe, name):
    """The network that [frozen.<name>] borrows, with its weights."""
    frozen.refuse_others(recipe, name)
    borrowed = recipe["frozen"][name]
    other = type(recipe).read(
        weights.recipe_file(borrowed["model"]), recipe.allow_code_of
    )
    network = borrowed["network"]
    with _policy("float32"):
        where, table = checking.network_tables(other.values)[network]
        made = _make(other, where, _labelled(other, where, table))
    load_weights(made, weights.borrowed_file(borrowed), network)
    return made


def load_weights(network, file, name):
    """Gives a network the weights in a file; InputError where they are not
    its own."""
    # Nothing in such a file can be executed. Keras reads it by h5py, looks up
    # the variables that the network has already, and assigns arrays of numbers
    # to them; classes and functions are named in .keras files only, and
    # neither library unpickles.
    try:
        network.load_weights(file)
    except (OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise InputError(
            f"the weights {file} do not fit the recipe's {name}: {reason}"
        ) from error
