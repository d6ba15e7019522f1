"""Built-in points in the plane, their distribution known: the toys on which
GANs are seen to lose modes.

Only +, -, *, / and square roots are used, and each mode's numbers are sums of
whole ones: the same (seed, split, index) gives the same bytes on every
machine.
"""

from typing import NamedTuple

import numpy as np

from keras_gen.data import keyed
from keras_gen.data.balanced import balanced
from keras_gen.data.sources.built_in import COUNTS, BuiltIn, purpose
from keras_gen.data.truth import Modes
from keras_gen.errors import InputError

__all__ = ["COUNTS", "MIXTURES", "SOURCES", "Mixture", "columns"]

# Uniform numbers in a sum, each of 32 bits, two in a word.
_TERMS = 12


class Mixture(NamedTuple):
    """Equal Gaussians, as `keras_gen.metrics.mode_coverage` takes them:
    centres, float64 (modes, 2), and their standard deviation in each
    direction."""

    centres: np.ndarray
    sigma: float


def _ring(radius, sigma):
    """Eight on a circle."""
    a = np.sqrt(0.5)
    directions = [
        (1, 0), (a, a), (0, 1), (-a, a), (-1, 0), (-a, -a), (0, -1), (a, -a),
    ]
    return Mixture(radius * np.array(directions), sigma)


def _grid(spacing, sigma):
    """Five rows of five, the first row with the smallest y."""
    line = spacing * np.arange(-2.0, 3.0)
    return Mixture(np.array([(x, y) for y in line for x in line]), sigma)


# The ring of Metz et al. 2016 (https://arxiv.org/abs/1611.02163), twice the
# size of `metrics.ring()`, and the grid of `metrics.grid()`.
MIXTURES = {"ring": _ring(2.0, 0.02), "grid": _grid(2.0, 0.05)}


def columns(name, split, seed=0):
    """The columns of a Dataset.

    Args:
        name: "ring", 8 Gaussians, or "grid", 25.
        split: "train" (8,192 points), "validation" or "test" (2,048 each).
        seed: any integer.

    Returns:
        {"points", "label"}: float32 (n, 2), and the number of the mode that
        each was drawn from, int32 (n,). All modes are equally frequent.

    Raises:
        InputError: for another name.
    """
    if name not in MIXTURES:
        raise InputError(
            f"there are no built-in points {name!r}: use one of "
            f"{', '.join(MIXTURES)}"
        )
    mixture, count = MIXTURES[name], COUNTS[split]
    label = balanced(
        count, len(mixture.centres), seed, purpose(66, split)
    )
    away = mixture.sigma * normal((count, 2), seed, purpose(64, split))
    points = mixture.centres[label] + away
    return {"points": points.astype(np.float32), "label": label}


def normal(shape, *key):
    """float64 of `shape`, nearly standard normal, exact on every machine.

    The sum of twelve uniform numbers less 6 has mean 0, variance 1 and no
    skew; its tails are lighter (kurtosis 2.9 instead of 3, nothing beyond
    6). Logarithms and sines, which the usual ways need, differ in the last
    bit from machine to machine. `key`: see `keyed.words`.
    """
    words = keyed.words(int(np.prod(shape)) * _TERMS // 2, *key)
    halves = (words & np.uint64(2**32 - 1)) + (words >> np.uint64(32))
    # Sums of whole numbers do not depend on their order.
    sums = halves.reshape(*shape, -1).sum(-1).astype(np.float64)
    return (sums + _TERMS / 2) * 2.0**-32 - _TERMS / 2


def _source(name):
    def read(kind, split, arguments, seed):
        return columns(name, split, seed)

    return BuiltIn(
        name, read, {"points": ()}, {"points": Modes(MIXTURES[name])}
    )


SOURCES = {name: _source(name) for name in MIXTURES}
