"""Directions of attributes among codes (Larsen et al. 2016,
https://arxiv.org/abs/1512.09300)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_gen import arrays
from keras_gen.abilities import Encodes
from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.explore.decoding import decode
from keras_gen.objectives.base.objective import Objective


@accepted
def attribute_direction(
    codes: ArrayLike, has_attribute: ArrayLike,
    others: ArrayLike | None = None,
) -> np.ndarray:
    """What an attribute adds to the code of a picture.

    Alone it is the mean code of the pictures with the attribute minus that of
    those without, the paper's. Attributes come together, though: with
    glasses come men, and the difference has both. What is named in `others`
    is held fixed: the direction is the attribute's coefficient in the least
    squares fit of codes by all of them, which without others is the
    difference of the means.

    Args:
        codes: float (n, latent_dim), `model.encode(pictures)`.
        has_attribute: 0 and 1, or bool (n,).
        others: attributes to hold fixed, (n,) or (n, k).

    Returns:
        float32 (latent_dim,).

    Raises:
        InputError: all pictures or none have the attribute, or the others
            determine it.
    """
    codes = _numbers(codes, "codes")
    wanted = _numbers(has_attribute, "has_attribute")
    if codes.ndim == 2 and wanted.shape == (len(codes), 1):
        wanted = wanted[:, 0]
    if codes.ndim != 2 or wanted.shape != codes.shape[:1]:
        raise InputError(
            "expected codes (n, latent_dim) and an attribute (n,), got "
            f"{codes.shape} and {wanted.shape}"
        )
    columns = [np.ones(len(codes))]
    if others is not None:
        others = _numbers(others, "others")
        if others.ndim not in (1, 2) or len(others) != len(codes):
            raise InputError(
                f"others must be of shape ({len(codes)},) or "
                f"({len(codes)}, k), got {others.shape}"
            )
        columns += list(others.reshape(len(codes), -1).T)
    if not np.isin(wanted, (0, 1)).all():
        raise InputError(
            "has_attribute must be 0 and 1, or bool, got numbers from "
            f"{wanted.min():g} to {wanted.max():g}"
        )
    known = np.stack(columns, 1)
    # What of the attribute the others do not tell (Frisch, Waugh, Lovell).
    own = wanted - known @ np.linalg.lstsq(known, wanted, rcond=None)[0]
    amount = own @ own
    if amount < 1e-8 * len(codes):
        raise InputError(
            "the attribute has no direction: all pictures or none have it, "
            "or the attributes to hold fixed determine it"
        )
    return (own @ codes / amount).astype("float32")


def _numbers(x, what):
    """Finite numbers as float64."""
    array = arrays.numpy(x, what)
    arrays.finite(array, what)
    return array.astype("float64")


@accepted
def shifted(
    model: Objective, pictures: ArrayLike, direction: np.ndarray,
    strengths: Sequence[float] = (-1, -0.5, 0, 0.5, 1),
) -> np.ndarray:
    """Pictures with more or less of an attribute.

    Args:
        model: an objective that encodes, such as a VAE.
        pictures: (n, height, width, channels), as of `model.encode`.
        direction: of `attribute_direction`.
        strengths: how much of it to add to the code of each; 1 makes the
            mean picture without the attribute one with it.

    Returns:
        uint8 (n, 1 + len(strengths), height, width, channels): each picture
        itself, and then decoded with each strength, 0 being the
        reconstruction.

    Raises:
        InputError: a model that does not encode.
    """
    Encodes.require(model)
    pictures = arrays.as_uint8(
        model.accepted(pictures, "image", model.encoder)
    )
    codes = model.encode(pictures)
    direction = arrays.finite(arrays.numpy(direction, "direction"), "direction")
    if direction.shape != codes.shape[1:]:
        raise InputError(
            f"direction must be of shape {codes.shape[1:]}, as "
            f"attribute_direction gives it, got {direction.shape}"
        )
    amounts = np.asarray(strengths, "float32")[:, None] * direction
    made = decode(model, codes[:, None] + amounts)
    return np.concatenate([pictures[:, None], made], 1)
