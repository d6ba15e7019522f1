"""What a unit inside a network looks for: the pictures that excite it most."""

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from keras_gen.abilities import Predicts
from keras_gen.accepted import accepted, at_least
from keras_gen.errors import InputError
from keras_gen.networks.taps import names_of_maps, taps
from keras_gen.objectives.base.objective import Objective

_ROWS = 64


@accepted
def exciting(
    model: Objective, pictures: ArrayLike, layer: str | None = None,
    units: int = 8, k: int = 8,
) -> tuple[np.ndarray, np.ndarray]:
    """The pictures at which units of a classifier, or of the network that
    judges a game's pictures, answer most, wherever in the picture
    (Zeiler and Fergus, https://arxiv.org/abs/1311.2901).

    Args:
        model: an objective with such a network, of pictures alone.
        pictures: uint8 (n, height, width, channels) of its size, or what
            else `keras_gen.arrays` reads.
        layer: the layer whose maps are looked at; by default the last one
            that is named for it, `maps_...`.
        units: how many, evenly chosen among the layer's, so that they are
            not those that look best.
        k: pictures for each, at most n.

    Returns:
        `(pictures, answers)`: uint8 (units, k, height, width, channels), the
        most exciting first; and float32 (units, k), the largest number of
        the unit's map.

    Raises:
        InputError: no such network or layer, or impossible numbers.
    """
    at_least(1, units=units, k=k)
    name = looking(model)
    network, (column,) = model.networks[name], model.takes[name]
    pictures = model.accepted(pictures, column, network)
    layer = layer or (names_of_maps(network) or [""])[-1]
    answers = _answers(
        taps(network, [layer]), layer, model.types[column], pictures
    )
    if k > len(pictures) or units > answers.shape[1]:
        raise InputError(
            f"{layer} has {answers.shape[1]} units, and there are "
            f"{len(pictures)} pictures: give units and k of at most these, "
            f"got {units} and {k}"
        )
    chosen = np.linspace(0, answers.shape[1] - 1, units).round().astype(int)
    order = np.argsort(-answers[:, chosen], 0, kind="stable")[:k].T
    return (
        np.asarray(pictures)[order],
        np.take_along_axis(answers[:, chosen].T, order, 1),
    )


@accepted
def looking(model: Objective) -> str:
    """The name of the network that looks at a model's pictures.

    Raises:
        InputError: there is none, or it looks at something beside them.
    """
    name = "classifier" if model.can(Predicts) else getattr(
        model, "judge", None
    )
    if name is None or len(model.takes[name]) != 1:
        raise InputError(
            f"{model.name} has no network that looks at pictures alone: take "
            "a classifier, or a GAN without labels"
        )
    return name


def _answers(view, layer, type_, pictures):
    """The largest number of each map of a layer, float32 (n, units)."""
    found = []
    for i in range(0, len(pictures), _ROWS):
        maps = view(type_.prepare(pictures[i:i + _ROWS]), training=False)
        maps = ops.convert_to_numpy(ops.cast(maps[layer], "float32"))
        if maps.ndim != 4:
            raise InputError(
                f"{layer} makes no maps, but {maps.shape[1:]}: name a layer "
                "that makes (height, width, units)"
            )
        found.append(maps.max((1, 2)))
    return np.concatenate(found)
