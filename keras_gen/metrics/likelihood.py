"""Likelihoods from samples of a posterior, in nats; and what is done to the
pixels of a picture before it has one."""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from keras_gen.errors import InputError
from keras_gen.metrics import checks

BINARISATIONS = ("grey", "threshold", "stochastic")


class Bounds(NamedTuple):
    """What `importance_weighted` found, float64 (n,), nats: two bounds on the
    log-likelihood of each of n rows, the first above the second on average.
    """

    log_likelihood: np.ndarray
    elbo: np.ndarray


def importance_weighted(log_weights: np.ndarray) -> Bounds:
    """log 1/k sum_j w_j, the importance-weighted bound of Burda et al. 2016,
    https://arxiv.org/abs/1509.00519, equation 8; and the mean of log w_j,
    the evidence lower bound.

    Args:
        log_weights: float (n, k), log p(x, z_j) / q(z_j | x) of k samples z_j
            from q, nats.

    Raises:
        InputError: another shape.
    """
    weights = np.asarray(log_weights, "float64")
    if weights.ndim != 2 or not weights.size:
        raise InputError(
            "log-weights must have shape (n, k), k samples for each of n "
            f"rows, got {weights.shape}"
        )
    return Bounds(
        logsumexp(weights, axis=1) - np.log(weights.shape[1]),
        weights.mean(1),
    )


def binarised(
    pictures: np.ndarray, binarisation: str, seed: int = 0
) -> np.ndarray:
    """Pictures as a likelihood reads them.

    Args:
        pictures: uint8 (n, height, width, channels).
        binarisation: "threshold", white from 128; "stochastic", white with
            probability value / 255, the same each time with the same seed;
            or "grey", the values as they are.
        seed: of the stochastic binarisation.

    Returns:
        uint8 pictures, whose values are 0 and 255 alone unless "grey".

    Raises:
        InputError: another binarisation.
    """
    if binarisation not in BINARISATIONS:
        raise InputError(
            f"binarisation must be one of {', '.join(BINARISATIONS)}, got "
            f"{binarisation!r}"
        )
    pictures = checks.pictures(pictures)
    if binarisation == "grey":
        return pictures
    if binarisation == "threshold":
        return np.where(pictures >= 128, 255, 0).astype("uint8")
    rng = np.random.default_rng(seed)
    white = [rng.random(p.shape) * 255 < p for p in pictures]
    return np.where(white, 255, 0).astype("uint8")
