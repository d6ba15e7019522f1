"""Perceptual path length (Karras et al. 2019,
https://arxiv.org/abs/1812.04948)."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from keras_gen import seeds
from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.interpolation import between
from keras_gen.metrics import checks

# Paths whose two points each are seen together.
PATHS = 32


class PathLength(NamedTuple):
    """The mean over paths and their standard deviation."""

    value: float
    spread: float


@accepted
def path_length(
    see: Callable, starts: np.ndarray, ends: np.ndarray, *,
    epsilon: float = 1e-4, interpolation: str = "spherical", seed: int = 0,
) -> PathLength:
    """How fast what is seen changes along the paths between two latents: the
    mean of |f(z(t + epsilon)) - f(z(t))|^2 / epsilon^2 over the paths, t
    uniform in [0, 1 - epsilon]. Low is smooth.

    Args:
        see: f, called with float64 latents (m, dim) and the number of each
            one's path, int (m,); gives features (m, ...), an array.
        starts, ends: float (n, dim), the ends of each path.
        epsilon: the step, above 0; the paper's 1e-4.
        interpolation: "spherical", the paper's for normal latents (White
            2016, https://arxiv.org/abs/1609.04468), or "linear".
        seed: of t.

    Returns:
        PathLength, in squared units of f.

    Raises:
        InputError: latents of different shapes, or a value out of range.
    """
    path = between(interpolation)
    if not 0 < epsilon < 1:
        raise InputError(f"epsilon must be between 0 and 1, got {epsilon}")
    starts, ends = checks.two_features(starts, ends, ("starts", "ends"))
    if len(starts) != len(ends):
        raise InputError(
            f"there are {len(starts)} starts but {len(ends)} ends: give one "
            "of each for a path"
        )
    n = len(starts)
    where = seeds.generator(seed).uniform(0, 1 - epsilon, (n, 1))
    lengths = []
    for first in range(0, n, PATHS):
        rows = np.arange(first, min(first + PATHS, n))
        points = [
            path(starts[rows], ends[rows], at)
            for at in (where[rows], where[rows] + epsilon)
        ]
        found = np.asarray(see(np.concatenate(points), np.tile(rows, 2)))
        found = found.reshape(len(found), -1).astype("float64")
        before, after = np.split(found, 2)
        lengths.append(((after - before) ** 2).sum(1) / epsilon**2)
    lengths = np.concatenate(lengths)
    return PathLength(float(lengths.mean()), float(lengths.std()))
