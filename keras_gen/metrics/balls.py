"""Precision, recall, density and coverage: what balls around samples say.

Kynkaanniemi et al. 2019, https://arxiv.org/abs/1904.06991 (improved precision
and recall); Naeem et al. 2020, https://arxiv.org/abs/2002.09797 (density and
coverage). A sample's ball reaches to its k-th nearest neighbour in its own
set, and its border is in it.
"""

from typing import NamedTuple

import numpy as np

from keras_gen.accepted import accepted, at_least
from keras_gen.errors import InputError
from keras_gen.metrics import checks
from keras_gen.metrics.distances import k_nearest, tiles

# Rows that tell the features' mean square.
_SCALED = 2048
# Share of the features' mean square that two results of the same squared
# distance may differ by, from rounding: what decides between equals.
_ROUNDING = 1e-12


class PrecisionRecall(NamedTuple):
    """Both from 0 to 1."""

    precision: float
    recall: float


class DensityCoverage(NamedTuple):
    """Density from 0 up, 1 for equal distributions; coverage in [0, 1]."""

    density: float
    coverage: float


@accepted
def precision_recall(
    real: np.ndarray, fake: np.ndarray, k: int = 3
) -> PrecisionRecall:
    """Improved precision and recall.

    Args:
        real, fake: features, float (n, d) and (m, d). The paper takes as
            many of both; recall rises with m, precision with n.
        k: neighbours, below n and m; the paper's 3.

    Returns:
        PrecisionRecall: the share of fakes in the ball of a real sample, and
        the share of real samples in the ball of a fake.

    Raises:
        InputError: not features, of different d, or k too large.
    """
    real, fake = _sides(real, fake, k)
    reach_of_real, reach_of_fake = _reach(real, k), _reach(fake, k)
    fake_in_real = np.zeros(len(fake), bool)
    real_in_fake = np.zeros(len(real), bool)
    for rows, columns, squared in tiles(real, fake):
        fake_in_real[columns] |= (
            squared <= reach_of_real[rows, None]
        ).any(0)
        real_in_fake[rows] |= (squared <= reach_of_fake[columns]).any(1)
    return PrecisionRecall(
        float(fake_in_real.mean()), float(real_in_fake.mean())
    )


@accepted
def density_coverage(
    real: np.ndarray, fake: np.ndarray, k: int = 5
) -> DensityCoverage:
    """Density and coverage.

    For equal distributions density is 1 and coverage
    1 - (n-1)...(n-k) / ((n+m-1)...(n+m-k)), on average.

    Args:
        real, fake: features, float (n, d) and (m, d).
        k: neighbours, below n; the paper's 5.

    Returns:
        DensityCoverage: in how many balls of real samples a fake lies, over
        k, on average; and the share of real samples with a fake in their
        ball.

    Raises:
        InputError: not features, of different d, or k too large.
    """
    real, fake = _sides(real, fake, k, balls_of_both=False)
    reach = _reach(real, k)
    hits = np.zeros(len(real), np.int64)
    for rows, _, squared in tiles(real, fake):
        hits[rows] += (squared <= reach[rows, None]).sum(1)
    return DensityCoverage(
        float(hits.sum() / (k * len(fake))), float((hits > 0).mean())
    )


def _sides(real, fake, k, balls_of_both=True):
    at_least(1, k=k)
    real, fake = checks.two_features(
        real, fake, ("the real features", "the fake features")
    )
    fewer = min(len(real), len(fake)) if balls_of_both else len(real)
    if k >= fewer:
        raise InputError(
            f"{fewer} samples do not have {k} neighbours each: take more of "
            f"them, or a k below {fewer}"
        )
    return real, fake


def _reach(features, k):
    """Squared radii of the balls, (n,), with rounding given in."""
    far = k_nearest(features, features, k, itself=False).distances[:, -1] ** 2
    scale = features[:_SCALED].var(0, dtype=np.float64).sum()
    return far + _ROUNDING * scale
