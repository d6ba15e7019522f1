"""Errors of pictures that have a truth: reconstructions, translations.

All take two uint8 arrays of equal shape, (n, height, width, channels), and
return one float; `laplacian_variance` takes one array. Wrong types and
shapes raise an InputError.
"""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.metrics import checks
from keras_gen.metrics.arrays import alike, slices

# Wang et al. 2004, section III-C.
_WINDOW, _SIGMA, _K1, _K2 = 11, 1.5, 0.01, 0.03


class PairErrors(NamedTuple):
    """All errors of a set of pairs; each is a function of this module."""

    l1: float
    rmse: float
    psnr: float
    ssim: float
    within_5: float
    within_10: float


@accepted
def pair_errors(made: np.ndarray, truth: np.ndarray) -> PairErrors:
    """`PairErrors` of what a model made against the truth."""
    return PairErrors(
        l1(made, truth), rmse(made, truth), psnr(made, truth),
        ssim(made, truth), share_within(made, truth, 5),
        share_within(made, truth, 10),
    )


@accepted
def l1(made: np.ndarray, truth: np.ndarray) -> float:
    """Mean absolute difference of all values, in grey levels 0 ... 255."""
    return _mean(made, truth, lambda a, b: np.abs(a - b).mean((1, 2, 3)))


@accepted
def rmse(made: np.ndarray, truth: np.ndarray) -> float:
    """Root of the mean squared difference of all values of all pictures,
    in grey levels 0 ... 255."""
    return float(np.sqrt(_mean(made, truth, _squared_error)))


@accepted
def psnr(made: np.ndarray, truth: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB, 10 log10(255^2 / squared error) of
    each picture over all its channels, then the mean over pictures.

    Equal pictures, whose ratio is infinite and would hide all others, count
    as if one of their values differed by one level.
    """
    def ratio(a, b):
        least = 1 / a[0].size
        return 10 * np.log10(255**2 / np.maximum(_squared_error(a, b), least))

    return _mean(made, truth, ratio)


@accepted
def ssim(made: np.ndarray, truth: np.ndarray) -> float:
    """Structural similarity, 1 for equal pictures: Wang et al. 2004,
    https://doi.org/10.1109/TIP.2003.819861.

    Gaussian window of 11 x 11 pixels with sigma 1.5, K1 = 0.01, K2 = 0.03,
    range 255; the mean over the places where the window fits, over channels
    and over pictures. scikit-image gives the same to the last digits in the
    same time.

    Raises:
        InputError: pictures smaller than the window, too.
    """
    made = checks.pictures(made)
    if min(made.shape[1:3]) < _WINDOW:
        raise InputError(
            f"ssim needs pictures of at least {_WINDOW} x {_WINDOW} pixels, "
            f"got {made.shape[1]} x {made.shape[2]}"
        )
    return _mean(made, truth, _similarity)


@accepted
def share_within(
    made: np.ndarray, truth: np.ndarray, tolerance: float
) -> float:
    """Share of pixels, 0 ... 1, none of whose channels is off by more than
    `tolerance` grey levels."""
    return _mean(made, truth, lambda a, b: (
        np.abs(a - b).max(3) <= tolerance
    ).mean((1, 2)))


@accepted
def laplacian_variance(pictures: np.ndarray) -> float:
    """Sharpness: the variance of the Laplacian of each grey picture, then
    the mean over pictures, in squared grey levels.

    Compare it with that of real pictures. Grey is 0.299 R + 0.587 G +
    0.114 B; the Laplacian is that of four neighbours, inside the border.

    Args:
        pictures: uint8 (n, height, width, 1 or 3), at least 3 x 3 pixels.
    """
    pictures, weights = checks.to_grey(pictures, "laplacian_variance", 3)

    def variance(part):
        grey = part @ weights
        edges = ndimage.laplace(grey, axes=(1, 2))[:, 1:-1, 1:-1]
        return edges.var((1, 2))

    total = sum(
        variance(pictures[rows].astype("float64")).sum()
        for rows in slices(pictures)
    )
    return float(total / len(pictures))


def _mean(made, truth, measure):
    """Mean over pictures of `measure(float64, float64) -> (n,)`."""
    made, truth = checks.pictures(made), checks.pictures(truth, "the truth")
    alike(made, truth, "pictures")
    if len(made) != len(truth):
        raise InputError(
            f"there are {len(made)} pictures but {len(truth)} true ones: "
            "give one for each, in the same order"
        )
    total = sum(
        measure(made[rows].astype("float64"), truth[rows].astype("float64"))
        .sum() for rows in slices(made)
    )
    return float(total / len(made))


def _squared_error(a, b):
    return np.square(a - b).mean((1, 2, 3))


def _similarity(a, b):
    mean_a, mean_b = _weighted(a), _weighted(b)
    variance_a = _weighted(a * a) - mean_a**2
    variance_b = _weighted(b * b) - mean_b**2
    covariance = _weighted(a * b) - mean_a * mean_b
    c1, c2 = (_K1 * 255) ** 2, (_K2 * 255) ** 2
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    structure = (2 * covariance + c2) / (variance_a + variance_b + c2)
    return (luminance * structure).mean((1, 2, 3))


def _weighted(values):
    """Means of (n, h, w, c) under the Gaussian window, where it fits."""
    half = _WINDOW // 2
    window = np.exp(-np.square(np.arange(-half, half + 1) / _SIGMA) / 2)
    window /= window.sum()
    for axis in (1, 2):
        values = ndimage.correlate1d(values, window, axis)
    return values[:, half:-half, half:-half]
