"""The classes of a conditional model, side by side and in between."""

import keras
import numpy as np
from keras import ops

from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.explore.decoding import conditional, decode
from keras_gen.explore.decoding import labels as checked
from keras_gen.objectives.base.tensors import to_uint8

_BATCH = 64


def class_grid(model, latents):
    """Each class from the same latents.

    Args:
        model: a conditional objective, such as `CGAN`.
        latents: float (n, latent_dim), `latents(model, seeds)`.

    Returns:
        uint8 (classes, n, height, width, channels): a row has one class, a
        column one latent.

    Raises:
        InputError: a model without classes.
    """
    refuse_without_classes(model)
    latents = np.broadcast_to(
        np.asarray(latents, "float32"), (model.classes, *np.shape(latents))
    )
    return decode(model, latents, np.arange(model.classes)[:, None])


def class_interpolation(model, first, last, latents, steps=9):
    """From one class to another, with the latent held fixed.

    Classes have no numbers in between. What the generator makes of a label is
    a vector, and these are mixed, in straight lines.

    Args:
        model: a conditional objective whose generator embeds its labels.
        first, last: labels.
        latents: float (n, latent_dim), `latents(model, seeds)`.
        steps: pictures in a row, at least 2, both classes among them.

    Returns:
        uint8 (n, steps, height, width, channels).

    Raises:
        InputError: a model without classes, a label that there is not, or a
            generator that does not embed its labels.
    """
    refuse_without_classes(model)
    checked(model, [first, last], (2,))
    if steps < 2:
        raise InputError(f"a path has at least 2 steps, got {steps}")
    latents = np.asarray(latents, "float32")
    t = np.linspace(0, 1, steps, dtype="float32")[:, None]
    weights = (
        (1 - t) * np.eye(model.classes, dtype="float32")[first]
        + t * np.eye(model.classes, dtype="float32")[last]
    )
    n = len(latents)
    rows = np.repeat(latents, steps, 0), np.tile(weights, (n, 1))
    mix = gradients.compiled(mixed(model.generating().generator))
    parts = [
        ops.convert_to_numpy(mix(*(
            ops.convert_to_tensor(x[i:i + _BATCH]) for x in rows
        )))
        for i in range(0, n * steps, _BATCH)
    ]
    pictures = to_uint8(np.concatenate(parts))
    return pictures.reshape(n, steps, *pictures.shape[1:])


def mixed(generator):
    """The function (latents (n, d), weights of the classes (n, classes)) ->
    pictures of a generator with labels: its own layers, from the embedded
    label on. A row of weights with a single 1 is that class.

    Raises:
        InputError: the label reaches the pictures without an embedding.
    """
    embeddings = [
        layer for layer in generator.layers
        if isinstance(layer, keras.layers.Embedding)
    ]
    latent = next(x for x in generator.inputs if x.name == "latent")
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

    def mix(latents, weights):
        vectors = [
            ops.matmul(weights, layer.embeddings) for layer in embeddings
        ]
        return rest([latents, *vectors], training=False)

    return mix


def refuse_without_classes(model):
    """InputError unless the model makes pictures of classes."""
    if not conditional(model):
        raise InputError(
            f"{model.name} has no classes: only conditional models, such as "
            "cgan_shapes, make pictures of a class"
        )
