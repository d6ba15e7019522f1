"""From seeds to latents, and from any latents to what is made of them."""

from collections.abc import Sequence

import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from keras_gen import arrays
from keras_gen.abilities import DrawsLatents, Encodes, TakesLabels
from keras_gen.accepted import accepted, fits
from keras_gen.errors import InputError
from keras_gen.objectives.base.objective import Objective
from keras_gen.seeds import signed

_BATCH = 64


@accepted
def latents(
    model: Objective, seeds: Sequence[int], truncation: ArrayLike | None = None
) -> np.ndarray:
    """The latents that `model.generate` would draw.

    Args:
        model: an objective with latents, such as a GAN or a VAE.
        seeds: ints (n,).
        truncation: the largest absolute value, or (n,) of them, or None; as of
            `model.generate`.

    Returns:
        float32 array (n, latent_dim).

    Raises:
        InputError: the model draws no latents, or does not bear this
            truncation.
    """
    DrawsLatents.require(model)
    arguments = [np.array([signed(seed) for seed in seeds], "int64")]
    if truncation is not None:
        arguments.append(model.truncations(truncation, len(arguments[0])))
    return model.run("latents", *map(ops.convert_to_tensor, arguments))


@accepted
def of_seeds(
    model: Objective, given: ArrayLike, what: str = "latents"
) -> np.ndarray:
    """The latents of seeds, ints (n,) of any size; latents, of any other
    shape or dtype, as they are. `what` they are called, for an InputError."""
    if not isinstance(given, (list, tuple, range)):
        given = arrays.numpy(given, what)
    if fits(given, Sequence[int]) and len(given):
        return latents(model, given)
    return arrays.numpy(given, what)


@accepted
def decode(
    model: Objective, latents: ArrayLike, label: ArrayLike | None = None
) -> np.ndarray:
    """What the model makes of latents.

    Args:
        model: an objective with a decoder or a generator.
        latents: float (..., latent_dim).
        label: of a conditional model: int or the name of a class, or
            several that broadcast to (...); class 0 by default.

    Returns:
        Items as `model.generate` gives them, such as uint8 pictures (...,
        height, width, channels).

    Raises:
        InputError: a model without latents, latents of another length, a
            label that there is not.
    """
    latents = arrays.finite(arrays.numpy(latents, "latents"), "latents")
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
