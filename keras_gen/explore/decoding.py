"""From seeds to latents, and from any latents to pictures."""

import numpy as np
from keras import ops

from keras_gen.errors import InputError
from keras_gen.objectives.base.tensors import to_uint8

_BATCH = 64


def latents(model, seeds, truncation=None):
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
    refuse_without_prior(model)
    arguments = [] if truncation is None else [np.float32(truncation)]
    seeds = np.asarray(seeds, "int64")
    return model.run(
        "latents", *map(ops.convert_to_tensor, [seeds, *arguments])
    )


def refuse_without_prior(model):
    """InputError unless pictures are made from latents of a known
    distribution."""
    if hasattr(model, "latents"):
        return
    if hasattr(model, "encode"):
        reason = (
            "its codes follow no known distribution; begin with pictures "
            "instead"
        )
    elif hasattr(model, "translate"):
        reason = "it translates pictures; use keras-gen translate"
    else:
        reason = "it does not make pictures"
    raise InputError(f"{model.name} has no latents to draw: {reason}")


def decode(model, latents, label=None):
    """The pictures of latents.

    Args:
        model: an objective with a decoder or a generator.
        latents: float (..., latent_dim).
        label: of a conditional model: int, or ints that broadcast to (...);
            class 0 by default.

    Returns:
        uint8 array (..., height, width, channels).

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
    flat = latents.reshape(-1, length)
    label = labels(model, label, leading)
    parts = []
    for i in range(0, len(flat), _BATCH):
        rows = slice(i, i + _BATCH)
        inputs = ops.convert_to_tensor(flat[rows])
        if label is None:
            parts.append(model.run("decode", inputs))
        else:
            some = ops.convert_to_tensor(label[rows])
            parts.append(model.run("call", {"latent": inputs, "label": some}))
    pictures = to_uint8(np.concatenate(parts))
    return pictures.reshape(*leading, *pictures.shape[1:])


def latent_length(model):
    """Numbers in a latent or a code; InputError for a model without."""
    for name in ("latent_dim", "code_size"):
        if hasattr(model, name):
            return getattr(model, name)
    raise InputError(
        f"{model.name} has no latents: it does not decode pictures from a "
        "vector"
    )


def conditional(model):
    """Whether the model makes pictures of classes."""
    return "labels" in model.protocols


def labels(model, label, shape):
    """int32 labels for latents of a leading shape, flat; None for a model
    that takes none.

    Raises:
        InputError: a label for such a model, or out of range.
    """
    if not conditional(model):
        if label is not None:
            raise InputError(f"{model.name} takes no label: leave it out")
        return None
    label = np.asarray(0 if label is None else label)
    if label.dtype.kind not in "iu" or (
        label.size and not 0 <= label.min() <= label.max() < model.classes
    ):
        raise InputError(
            f"the labels of {model.name} are whole numbers from 0 to "
            f"{model.classes - 1}, got {label}"
        )
    return np.broadcast_to(label, shape).reshape(-1).astype("int32")
