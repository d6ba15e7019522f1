"""The classes of a conditional model, side by side and in between."""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from keras_gen.abilities import TakesLabels
from keras_gen.accepted import accepted
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.explore.decoding import decode, of_seeds
from keras_gen.objectives.base import wiring
from keras_gen.objectives.base.objective import Objective

_BATCH = 64


@accepted
def class_grid(model: Objective, latents: ArrayLike) -> np.ndarray:
    """Each class from the same latents.

    Args:
        model: a conditional objective, such as `CGAN`.
        latents: seeds, ints (n,), or latents, float (n, latent_dim).

    Returns:
        Items (classes, n, ...), such as uint8 pictures (classes, n, height,
        width, channels): a row has one class, a column one latent.

    Raises:
        InputError: a model without classes.
    """
    TakesLabels.require(model)
    latents = _rows(model, latents)
    latents = np.broadcast_to(latents, (model.classes, *latents.shape))
    return decode(model, latents, np.arange(model.classes)[:, None])


@accepted
def class_interpolation(
    model: Objective, first: int | str, last: int | str, latents: ArrayLike,
    steps: int = 9,
) -> np.ndarray:
    """From one class to another, with the latent held fixed.

    Classes have no numbers in between. What the generator makes of a label is
    a vector, and these are mixed, in straight lines.

    Args:
        model: a conditional objective whose generator embeds its labels.
        first, last: labels, or names of classes.
        latents: seeds, ints (n,), or latents, float (n, latent_dim).
        steps: items in a row, at least 2, both classes among them.

    Returns:
        Items (n, steps, ...).

    Raises:
        InputError: a model without classes, a label that there is not, or a
            generator that does not embed its labels.
    """
    TakesLabels.require(model)
    first, last = (
        int(model.labels(label, ())) for label in (first, last)
    )
    if steps < 2:
        raise InputError(f"a path has at least 2 steps, got {steps}")
    latents = _rows(model, latents)
    t = np.linspace(0, 1, steps, dtype="float32")[:, None]
    weights = (
        (1 - t) * np.eye(model.classes, dtype="float32")[first]
        + t * np.eye(model.classes, dtype="float32")[last]
    )
    n = len(latents)
    rows = np.repeat(latents, steps, 0), np.tile(weights, (n, 1))
    mix = gradients.compiled(mixed(model.generating().generator))
    made = np.concatenate([
        model.made.restore(ops.convert_to_numpy(mix(*(
            ops.convert_to_tensor(x[i:i + _BATCH]) for x in rows
        ))))
        for i in range(0, n * steps, _BATCH)
    ])
    return made.reshape(n, steps, *made.shape[1:])


def _rows(model, latents):
    """Latents (n, latent_dim), those of seeds, too, as float32."""
    latents = of_seeds(model, latents)
    return model.call_inputs()["latent"].accept(latents, "latents", model.given)


def mixed(generator: keras.Model) -> Callable:
    """The function (latents (n, d), weights of the classes (n, classes)) ->
    what is made of a generator with labels: its own layers, from the embedded
    label on. A row of weights with a single 1 is that class.

    Raises:
        InputError: as of `apart`.
    """
    rest, embeddings = apart(generator)

    def mix(latents, weights):
        vectors = [
            ops.matmul(weights, layer.embeddings) for layer in embeddings
        ]
        return rest([latents, *vectors], training=False)

    return mix


def apart(
    generator: keras.Model,
) -> tuple[keras.Model, list[keras.layers.Embedding]]:
    """A generator with labels in two: the model [latents, *vectors of the
    label] -> what is made, on its own layers, and those that embed the label,
    in that order.

    Raises:
        InputError: the label reaches the pictures without an embedding.
    """
    embeddings = [
        layer for layer in generator.layers
        if isinstance(layer, keras.layers.Embedding)
    ]
    latent = wiring.inputs(generator)["latent"]
    try:
        rest = keras.Model(
            [latent, *(layer.output for layer in embeddings)],
            generator.output,
        )
    except ValueError as error:
        raise InputError(
            f"the labels of {generator.name} cannot be mixed: it does not "
            "see them through Embedding layers alone"
        ) from error
    return rest, embeddings
