"""The kernel distance (KID), https://arxiv.org/abs/1801.01401."""

from typing import NamedTuple

import numpy as np

from keras_gen import seeds
from keras_gen.accepted import accepted, at_least
from keras_gen.errors import InputError
from keras_gen.metrics import checks

_SUBSET = 1000


class KernelDistance(NamedTuple):
    """The mean over subsets, and the standard deviation of one subset."""

    value: float
    spread: float


@accepted
def kernel_distance(
    a: np.ndarray, b: np.ndarray, *, degree: int = 3, subsets: int = 100,
    subset_size: int | None = None, seed: int = 0,
) -> KernelDistance:
    """The squared maximum mean discrepancy of two sets of features with the
    kernel (x . y / d + 1)^degree, in its unbiased estimate: its mean is 0
    where the distributions are equal, so that it can be negative.

    Args:
        a, b: features, float (n, d) and (m, d).
        degree: of the kernel, at least 1; the paper's is 3.
        subsets: how many random subsets to average.
        subset_size: samples in a subset of either side, drawn without
            replacement. The paper's 1,000 by default, or half of the
            smaller set, so that subsets differ and the spread means
            something.
        seed: of the subsets.

    Returns:
        KernelDistance: value and spread, in units of the kernel. The spread
        is that of one subset, as papers print it; the value varies less.

    Raises:
        InputError: not features, of different d, or too few for subsets.
    """
    a, b = checks.two_features(a, b)
    fewer = min(len(a), len(b))
    if fewer < 2:
        raise InputError(
            "the kernel distance needs at least 2 samples on either side, "
            f"got {len(a)} and {len(b)}"
        )
    if subset_size is None:
        subset_size = max(2, min(_SUBSET, fewer // 2))
    at_least(1, degree=degree, subsets=subsets)
    at_least(2, subset_size=subset_size)
    if subset_size > fewer:
        raise InputError(
            f"subset_size is {subset_size}, but there are {len(a)} and "
            f"{len(b)} samples: take at most {fewer}"
        )
    rng = seeds.generator(seed)
    found = [
        _unbiased(*(
            x[rng.choice(len(x), subset_size, replace=False)].astype(
                np.float64
            ) for x in (a, b)
        ), degree)
        for _ in range(subsets)
    ]
    return KernelDistance(float(np.mean(found)), float(np.std(found)))


def _unbiased(x, y, degree):
    """Lemma 6 of Gretton et al. 2012 (JMLR 13) for float64 x, y (n, d): no
    sample meets itself."""
    n, dim = x.shape

    def kernel(u, v):
        base = u @ v.T / dim + 1
        values = base.copy()
        # Not a power: that takes six times as long.
        for _ in range(degree - 1):
            values *= base
        return values

    def within(u):
        values = kernel(u, u)
        return (values.sum() - np.trace(values)) / (n * (n - 1))

    return within(x) + within(y) - 2 * kernel(x, y).mean()
