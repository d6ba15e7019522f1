"""The model of a training run, from its work directory."""

import numpy as np

from keras_gen.errors import InputError
from keras_gen.zoo import checkpoint


def load(folder, recipe, precision):
    """The objective of a run: its newest checkpoint, or its export where the
    checkpoints are gone. Averages come from the export of a finished run.

    Args:
        folder: the work directory, a `Path`.
        recipe: the `Recipe` in it.
        precision: of the networks, as of `keras_gen.zoo.load`.

    Raises:
        InputError: no whole checkpoint, and no export.
    """
    files = checkpoint.files(folder / "checkpoints")
    if files:
        recipe = recipe.stage_of(checkpoint.step(files[-1]))
    # As it was trained: a checkpoint has the optimizers' variables, too.
    objective = recipe.build()
    if checkpoint.restore(objective, folder / "checkpoints"):
        _take_settled(objective, folder / "export")
        _take_fitted(objective, folder / "export")
    else:
        _take_export(
            objective, folder / "export", recipe.values.get("files")
        )
    if recipe["train"]["precision"] == precision:
        return objective
    twin = recipe.override({"train.precision": precision}).build()
    trained = objective.networks | objective.averages
    for key, network in (twin.networks | twin.averages).items():
        network.set_weights(trained[key].get_weights())
    return twin


def _take_export(objective, folder, named):
    """Takes the weights of a finished run's export. Of one that was pushed,
    `named` has all of its files: averages without one are what their networks
    are."""
    for key, network in objective.networks.items():
        _take_file(network, folder / f"{key}.weights.h5")
    objective.restart_averages()
    for key, average in objective.averages.items():
        file = folder / f"{key}.weights.h5"
        if named is None or f"{folder.name}/{file.name}" in named:
            _take_file(average, file)


def _take_file(network, file):
    if not file.is_file():
        raise InputError(
            f"{file.parents[1]} has neither a checkpoint nor "
            f"{file.parent.name}/{file.name}: train it first"
        )
    try:
        network.load_weights(file)
    except (OSError, ValueError) as error:
        raise InputError(f"{file} is damaged or another's: {error}")


def _take_settled(objective, folder):
    """Takes the averages that a run wrote at its end, which `settle` has
    measured, where these networks are those of that end."""
    for key, average in objective.averages.items():
        file = folder / f"{key}.weights.h5"
        name = key.removesuffix("_ema")
        if file.is_file() and _of_the_end(objective, name, folder):
            average.load_weights(file)


def _take_fitted(objective, folder):
    """The same of what `conclude` has fitted to all other networks."""
    others = set(objective.networks) - set(objective.fitted)
    for key in objective.fitted:
        file = folder / f"{key}.weights.h5"
        if file.is_file() and all(
            _of_the_end(objective, name, folder) for name in others
        ):
            objective.networks[key].load_weights(file)


def _of_the_end(objective, name, folder):
    """Whether a network is the one that the run wrote at its end."""
    file, network = folder / f"{name}.weights.h5", objective.networks[name]
    if not file.is_file():
        return False
    now = network.get_weights()
    network.load_weights(file)
    same = all(map(np.array_equal, now, network.get_weights()))
    network.set_weights(now)
    return same
