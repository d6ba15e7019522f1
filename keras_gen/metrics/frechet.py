"""The Frechet distance between two sets of features.

Heusel et al. 2017, https://arxiv.org/abs/1706.08500; it is FID only with the
features of the 2015 Inception network.
"""

import warnings

import numpy as np
from scipy import linalg

from keras_gen.accepted import accepted
from keras_gen.errors import MeasurementWarning
from keras_gen.metrics import checks
from keras_gen.metrics.statistics import Statistics


@accepted
def frechet_distance(
    a: np.ndarray | Statistics, b: np.ndarray | Statistics
) -> float:
    """|m1 - m2|^2 + Tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2): the squared
    2-Wasserstein distance of two Gaussians with the means and the unbiased
    covariances of the features.

    The same on both sides gives 0 to rounding, never less. Few samples give
    more than many of the same distribution: compare only distances of equal
    counts.

    Args:
        a, b: features, float (n, d) and (m, d), or their `Statistics`.

    Returns:
        float, in squared units of the features.

    Raises:
        InputError: not features, or of different d.

    Warns:
        MeasurementWarning: a covariance is singular because there are not
            more samples than features.
    """
    a, b = (
        s if isinstance(s, Statistics) else Statistics(s) for s in (a, b)
    )
    checks.same_width(a.dim, b.dim)
    count = min(a.count, b.count)
    if count <= a.dim:
        warnings.warn(
            f"the Frechet distance of {count} samples with {a.dim} features "
            "is biased, because the covariance is singular: take more than "
            f"{a.dim} samples, or measure the kernel distance, which is "
            "unbiased for any number",
            MeasurementWarning, stacklevel=2,
        )
    means = np.sum((a.mean - b.mean) ** 2)
    traces = np.trace(a.covariance) + np.trace(b.covariance)
    root = _trace_of_root(a.covariance, b.covariance)
    return float(max(means + traces - 2 * root, 0.0))


def _trace_of_root(first, second):
    """Tr (S1^1/2 S2 S1^1/2)^1/2 of two covariances.

    With any factors S1 = A A^T and S2 = B B^T it is the sum of the singular
    values of A^T B. Those are the roots of the eigenvalues of the symmetric
    product, but found without squaring, which would lose half of the digits:
    many small eigenvalues of identical sets would add up to a distance.
    """
    return linalg.svdvals(
        _factor(first).T @ _factor(second), overwrite_a=True,
        check_finite=False,
    ).sum()


def _factor(covariance):
    """A with A A^T = covariance, as many columns as its numerical rank."""
    values, vectors = linalg.eigh(
        covariance, overwrite_a=True, check_finite=False, driver="evd"
    )
    # What is smaller is rounding, of either sign. Its root would not be.
    least = values[-1] * len(values) * np.finfo(np.float64).eps
    kept = values > max(least, 0.0)
    return vectors[:, kept] * np.sqrt(values[kept])
