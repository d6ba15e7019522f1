"""From seeds to latents, and from any latents to what is made of them."""

from collections.abc import Sequence

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from keras_gen.abilities import DrawsLatents, Encodes, TakesLabels
from keras_gen.errors import InputError
from keras_gen.objectives.base.objective import Objective

_BATCH = 64


def latents(
    model: Objective, seeds: Sequence[int], truncation: float | None = None
) -> np.ndarray:
    """The latents that `model.generate` would draw.

    Args:
        model: an objective with latents, such as a GAN or a VAE.
        seeds: ints (n,).
        truncation: the largest absolute value, or None.

    Returns:
        float32 array (n, latent_dim).

    Raises:
        InputError: the model draws no latents.
    """
    DrawsLatents.require(model)
    arguments = [] if truncation is None else [np.float32(truncation)]
    return model.run("latents", *map(
        ops.convert_to_tensor, [np.asarray(seeds, "int64"), *arguments]
    ))


def of_seeds(model: Objective, given: ArrayLike) -> np.ndarray:
    """The latents of seeds, ints (n,); latents, of any other shape or dtype,
    as they are."""
    array = np.asarray(given)
    seeds = array.ndim == 1 and array.dtype.kind in "iu" and array.size
    return latents(model, array) if seeds else array


def decode(
    model: Objective, latents: ArrayLike, label: ArrayLike | None = None
) -> np.ndarray:
    """What the model makes of latents.

    Args:
        model: an objective with a decoder or a generator.
        latents: float (..., latent_dim).
        label: of a conditional model: int, or ints that broadcast to (...);
            class 0 by default.

    Returns:
        Items as `model.generate` gives them, such as uint8 pictures (...,
        height, width, channels).

    Raises:
        InputError: a model without latents, latents of another length, a
            label that there is not.
    """
    latents = np.asarray(latents, "float32")
    length = latent_length(model)
    if latents.shape[-1:] != (length,) or not latents.size:
        raise InputError(
            f"the latents of {model.name} have the shape (..., {length}), "
            f"got {latents.shape}"
        )
    leading = latents.shape[:-1]
    rows = [latents.reshape(-1, length)]
    if model.can(TakesLabels):
        labels = model.labels(0 if label is None else label, leading)
        rows.append(labels.reshape(-1))
    elif label is not None:
        raise InputError(f"{model.name} takes no label: leave it out")
    made = np.concatenate([
        model.made.restore(model.run("decode", *(
            ops.convert_to_tensor(x[i:i + _BATCH]) for x in rows
        )))
        for i in range(0, len(rows[0]), _BATCH)
    ])
    return made.reshape(*leading, *made.shape[1:])


def latent_length(model: Objective) -> int:
    """Numbers in a latent or a code; InputError for a model without."""
    if model.can(DrawsLatents):
        return model.latent_dim
    if model.can(Encodes):
        return model.code_size
    raise InputError(
        f"{model.name} has no latents: it does not decode pictures from a "
        "vector"
    )
