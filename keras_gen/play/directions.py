"""Directions of a latent space along which pictures change most."""

from collections.abc import Callable

import numpy as np

_STEP = 0.1


def principal(
    decode: Callable[[np.ndarray], np.ndarray], latents: np.ndarray,
    count: int,
) -> np.ndarray:
    """The latent's unit vectors along which what is made changes most, on
    average: eigenvectors of the mean of J'J over some places, J being the
    Jacobian there, by central differences.

    So it is for any network, whatever it does first with its latents, and of
    a linear one the left singular vectors.

    Args:
        decode: latents (n, d) -> what is made, (n, ...).
        latents: float (m, d), places to look at.
        count: how many, at most d.

    Returns:
        float64 (count, d), the most change first; the largest number of each
        is positive.
    """
    size = latents.shape[1]
    steps = _STEP * np.eye(size)
    total = np.zeros((size, size))
    for place in latents:
        ahead, back = decode(place + steps), decode(place - steps)
        slope = (ahead - back).reshape(size, -1).astype("float64")
        total += slope @ slope.T
    _, vectors = np.linalg.eigh(total)
    found = vectors[:, ::-1][:, :count].T
    largest = np.abs(found).argmax(1)
    return found * np.sign(found[np.arange(len(found)), largest])[:, None]
