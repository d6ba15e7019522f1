"""Ways from one latent vector to another."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from keras_gen.accepted import accepted
from keras_gen.errors import InputError

# Below this sine of their angle two vectors lie on one line.
_PARALLEL = 1e-6


@accepted
def between(name: str) -> Callable:
    """The function `(a, b, t)` of this name, "spherical" or "linear".

    Raises:
        InputError: another name.
    """
    known = {"spherical": spherical, "linear": linear}
    if name not in known:
        raise InputError(
            f"interpolation must be one of {', '.join(known)}, got {name!r}"
        )
    return known[name]


def linear(a: ArrayLike, b: ArrayLike, t: ArrayLike) -> np.ndarray:
    """Along the straight line.

    Args:
        a, b: latents (..., d).
        t: in [0, 1], of a shape that broadcasts to theirs: a number, or
            (..., 1).

    Returns:
        float64 (..., d): exactly a at t = 0 and b at t = 1.
    """
    a, b, t = (np.asarray(x, "float64") for x in (a, b, t))
    return np.where(t == 1, b, a + t * (b - a))


def spherical(a: ArrayLike, b: ArrayLike, t: ArrayLike) -> np.ndarray:
    """Along the great circle, with a length that changes evenly
    (White 2016, https://arxiv.org/abs/1609.04468).

    Gaussian latents of many dimensions d all have lengths near sqrt(d). The
    middle of a straight line between two of them has some sqrt(d / 2), which
    a generator has never seen; here it has the mean of both lengths. Vectors
    on one line, nearly, have no circle of their own: these go straight.

    Args and result: as of `linear`.
    """
    a, b, t = (np.asarray(x, "float64") for x in (a, b, t))
    norm_a, norm_b = (
        np.linalg.norm(x, axis=-1, keepdims=True) for x in (a, b)
    )
    # The circle that goes through a and b when both have length 1.
    unit_a, unit_b = (
        x / np.maximum(norm, 1e-300) for x, norm in ((a, norm_a), (b, norm_b))
    )
    cosine = np.clip((unit_a * unit_b).sum(-1, keepdims=True), -1, 1)
    angle = np.arccos(cosine)
    sine = np.sin(angle)
    flat = (sine < _PARALLEL) | (norm_a * norm_b == 0)
    direction = (
        np.sin((1 - t) * angle) * unit_a + np.sin(t * angle) * unit_b
    ) / np.where(flat, 1, sine)
    curved = linear(norm_a, norm_b, t) * direction
    straight = flat | (t == 0) | (t == 1)
    return np.where(straight, linear(a, b, t), curved)
