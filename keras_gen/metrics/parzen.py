"""Gaussian Parzen windows, the likelihood of the first GANs.

Goodfellow et al. 2014, https://arxiv.org/abs/1406.2661, section 5: samples
of a model are the centres of equal Gaussians, whose mixture gives test
pictures a density. The bandwidth is the best of a grid on validation
pictures. Theis et al. 2016, https://arxiv.org/abs/1511.01844, section 3,
show what it cannot tell: it ranks k-means centres above real pictures.
"""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from keras_gen.accepted import accepted
from keras_gen.errors import InputError, MeasurementWarning
from keras_gen.metrics.arrays import slices, squared_distances

# The ten bandwidths of the evaluation that was published with the paper.
GRID = tuple(np.logspace(-1, 0, 10).tolist())


class ParzenLikelihood(NamedTuple):
    """Nats per picture, the mean over test pictures and its standard error,
    and the bandwidth that validation chose, in units of [0, 1] pixels."""

    value: float
    standard_error: float
    bandwidth: float


@accepted
def parzen_log_likelihood(
    samples: np.ndarray, test: np.ndarray, validation: np.ndarray,
    bandwidths: Sequence[float] = GRID,
) -> ParzenLikelihood:
    """Mean log-density of test pictures under a Parzen window.

    The published protocol is 10,000 samples of the model, the 10,000 test
    pictures of MNIST and the last training pictures for validation. More
    samples give a higher value.

    Args:
        samples: what the model makes, uint8 (n, height, width, channels);
            pixels count as value / 255, so that densities are on [0, 1].
            Float (n, d) is taken as it is.
        test: what is scored, alike.
        validation: what chooses the bandwidth, alike and of neither.
        bandwidths: to choose from, standard deviations above 0.

    Returns:
        ParzenLikelihood.

    Raises:
        InputError: arrays of different widths or types, or no bandwidth
            above 0.
    """
    bandwidth = best_bandwidth(samples, validation, bandwidths)
    densities = log_density(test, samples, [bandwidth])[:, 0]
    error = densities.std(ddof=1) if len(densities) > 1 else np.nan
    return ParzenLikelihood(
        float(densities.mean()), float(error / np.sqrt(len(densities))),
        bandwidth,
    )


def best_bandwidth(
    samples: np.ndarray, validation: np.ndarray,
    bandwidths: Sequence[float] = GRID,
) -> float:
    """The bandwidth under which validation pictures are likeliest.

    Warns when it is the first or last of several: the best lies outside.

    Args and errors: as of `parzen_log_likelihood`.
    """
    bandwidths = np.sort(np.asarray(bandwidths, "float64").reshape(-1))
    if len(bandwidths) == 1:
        return float(bandwidths[0])
    means = log_density(validation, samples, bandwidths).mean(0)
    best = int(means.argmax())
    if best in (0, len(bandwidths) - 1):
        warnings.warn(
            f"the best bandwidth is an end of the grid, {bandwidths[best]:g}: "
            "widen bandwidths, or the likelihood is too low",
            MeasurementWarning, stacklevel=2,
        )
    return float(bandwidths[best])


def log_density(
    points: np.ndarray, centres: np.ndarray, bandwidths: Sequence[float]
) -> np.ndarray:
    """Log-density, in nats, of points under equal Gaussians on centres.

    Args:
        points, centres: uint8 (n, ...), counted as value / 255, or float
            (n, d); both of one type and width.
        bandwidths: k standard deviations, above 0.

    Returns:
        float64 (len(points), k). Memory stays bounded by blocks.
    """
    points, centres = np.asarray(points), np.asarray(centres)
    bandwidths = np.asarray(bandwidths, "float64").reshape(-1)
    _check(points, centres, bandwidths)
    sums = np.full((len(points), len(bandwidths)), -np.inf)
    for some in slices(centres):
        near = _units(centres[some])
        for rows in slices(points):
            squared = squared_distances(_units(points[rows]), near)
            # The nearest centre's term is the largest: exp cannot underflow
            # for all of them.
            least = squared.min(1)
            squared -= least[:, None]
            for j, bandwidth in enumerate(bandwidths):
                scale = -0.5 / bandwidth**2
                terms = np.exp(scale * squared).sum(1)
                sums[rows, j] = np.logaddexp(
                    sums[rows, j], np.log(terms) + scale * least
                )
    width = np.prod(points.shape[1:])
    constant = width * (np.log(bandwidths) + 0.5 * np.log(2 * np.pi))
    return sums - np.log(len(centres)) - constant


def _units(values):
    rows = values.reshape(len(values), -1).astype("float64")
    return rows / 255 if values.dtype == np.uint8 else rows


def _check(points, centres, bandwidths):
    for values in (points, centres):
        if values.dtype != np.uint8 and not (
            values.ndim == 2 and np.issubdtype(values.dtype, np.floating)
        ):
            raise InputError(
                "a Parzen window takes uint8 pictures or float (n, d), got "
                f"{values.dtype} of shape {values.shape}"
            )
    if (
        not len(points) or not len(centres)
        or points.shape[1:] != centres.shape[1:]
        or (points.dtype == np.uint8) != (centres.dtype == np.uint8)
    ):
        raise InputError(
            "samples, test and validation must be of one type and size, and "
            f"not empty; got {centres.dtype} {centres.shape} and "
            f"{points.dtype} {points.shape}"
        )
    if not len(bandwidths) or not (bandwidths > 0).all():
        raise InputError(
            f"bandwidths must be above 0, got {bandwidths.tolist()}"
        )
