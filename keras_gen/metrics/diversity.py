"""How much pictures of different latents differ."""

from typing import NamedTuple

import numpy as np

from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.metrics import checks
from keras_gen.metrics.distances import tiles


class Diversity(NamedTuple):
    """What `diversity` found.

    Attributes:
        value: of the samples.
        reference: of the real pictures; None without any.
        ratio: value over reference: 0 where latents do nothing, 1 where
            samples differ as much as real pictures. None without reference.
    """

    value: float
    reference: float | None
    ratio: float | None


@accepted
def diversity(
    samples: np.ndarray, groups: np.ndarray | None = None, *,
    real: np.ndarray | None = None, real_groups: np.ndarray | None = None,
) -> Diversity:
    """The mean distance between two samples that have the same condition
    and different latents.

    It says nothing of quality: noise is diverse. Read it beside the real
    pictures' own.

    Args:
        samples: uint8 pictures (n, height, width, channels) or features,
            float (n, d).
        groups: int (n,), which samples share a condition: the label, or the
            number of the input picture. All by default.
        real, real_groups: the same of real pictures, where there are
            several of a condition.

    Returns:
        Diversity, in the units of `pairwise_distance`.

    Raises:
        InputError: no two samples share a condition.
    """
    value = _within_groups(samples, groups, "samples")
    if real is None:
        return Diversity(value, None, None)
    reference = _within_groups(real, real_groups, "real pictures")
    ratio = value / reference if reference else None
    return Diversity(value, reference, ratio)


@accepted
def pairwise_distance(
    values: np.ndarray, groups: np.ndarray | None = None
) -> float:
    """Mean distance between two pictures: the root mean square difference of
    their pixels, in grey levels 0 ... 255; or of features.

    Args:
        values: uint8 (n, height, width, channels) or float (n, d), n at
            least 2.
        groups: int (n,); only pairs of the same group count. All by default.

    Returns:
        float; 0 where no two pictures share a group.

    Raises:
        InputError: another shape, or not one group for each.
    """
    values = checks.pictures_or_features(values, "values")
    groups = _checked(groups, len(values), "values")
    flat = values.reshape(len(values), -1)
    total = pairs = 0
    for rows, columns, squared in tiles(flat, flat):
        counted = np.equal.outer(groups[rows], groups[columns])
        if rows == columns:
            np.fill_diagonal(counted, False)
        total += np.sqrt(squared[counted]).sum()
        pairs += counted.sum()
    return float(total / pairs / np.sqrt(flat.shape[1])) if pairs else 0.0


def _checked(groups, n, name):
    """The groups of n rows; all in one where there are none."""
    groups = np.zeros(n, int) if groups is None else np.asarray(groups)
    if groups.shape != (n,):
        raise InputError(
            f"groups must have one number for each of the {n} {name}, got "
            f"shape {groups.shape}"
        )
    return groups


def _within_groups(values, groups, name):
    values = checks.pictures_or_features(values, name)
    groups = _checked(groups, len(values), name)
    if len(np.unique(groups)) == len(groups):
        raise InputError(
            f"no two {name} share a condition: make several of each"
        )
    return pairwise_distance(values, groups)
