"""Nearest training pictures, and an alarm when samples are copies of them."""

import warnings
from typing import NamedTuple

import numpy as np

from keras_gen.accepted import accepted, at_least
from keras_gen.errors import InputError, MeasurementWarning
from keras_gen.metrics import checks
from keras_gen.metrics.distances import Nearest, k_nearest

# Nearest that tell how far apart training pictures lie around a sample.
_AROUND = 50
# The share of held-out pictures that count as near, by definition.
_EXPECTED = 0.01
# An alarm needs three times as many, and that chance alone hardly does it.
_TIMES, _CHANCE = 3, 1e-3


class Memorisation(NamedTuple):
    """What `memorisation` found.

    Attributes:
        share: of the samples, those as near to a training picture as only
            1 % of held-out pictures of their kind are; 0.01 is right, 1 are
            copies throughout.
        share_p: Fisher's exact test, one-sided: the chance of so high a
            share without copies.
        rank_p: Mann and Whitney's test, one-sided: the chance that samples
            rank so much nearer than held-out pictures on the whole. No alarm
            follows from it: smooth samples of noisy data rank nearer, too.
        alarm: whether the share is at least 0.03 with share_p below 0.001.
        suspects: int, the rows of the samples in the share, the nearest
            first: look at them beside their `nearest`.
    """

    share: float
    share_p: float
    rank_p: float
    alarm: bool
    suspects: np.ndarray


@accepted
def nearest(samples: np.ndarray, training: np.ndarray, k: int = 1) -> Nearest:
    """The training pictures most like each sample.

    Args:
        samples, training: uint8 pictures of one shape, (n, height, width,
            channels) and (m, ...), or features, float (n, d) and (m, d).
        k: how many, at most m.

    Returns:
        Nearest: rows of `training`, int (n, k), the nearest first, and
        the distances, float64 (n, k): of pictures the root mean square
        difference in grey levels 0 ... 255, of features Euclidean.

    Raises:
        InputError: different shapes, or k too large.
    """
    samples, training = _same_kind(samples, training, "the training set")
    at_least(1, k=k)
    if k > len(training):
        raise InputError(
            f"there are {len(training)} training pictures: take more, or a k "
            "of at most that"
        )
    found = k_nearest(_flat(samples), _flat(training), k)
    scale = np.sqrt(samples[0].size) if samples.ndim == 4 else 1
    return Nearest(found.indices, found.distances / scale)


@accepted
def memorisation(
    samples: np.ndarray, training: np.ndarray, held_out: np.ndarray
) -> Memorisation:
    """Tells whether samples are nearer to training pictures than new
    pictures are.

    The score of a picture is its distance to the nearest training picture
    over the mean distance to its 50 nearest (after Carlini et al. 2023,
    https://arxiv.org/abs/2301.13188): 0 for a copy, near 1 for what is none.
    Unlike the distance itself, it is not low just because a sample is
    blurred. Scores of the samples are compared with those of held-out
    pictures of their kind, the nearest held-out picture of each sample: a
    model that makes nothing but the digit 1, which are all alike, has lost
    variety but copied nothing. Pictures are also compared mirrored.

    Args:
        samples: uint8 pictures (n, height, width, channels) or features,
            float (n, d).
        training: what the model was trained on, all of it, of that kind.
        held_out: what it was not trained on, some 1,000 or more.

    Returns:
        Memorisation.

    Raises:
        InputError: different shapes.

    Warns:
        MeasurementWarning: too few held-out pictures.
    """
    samples, training = _same_kind(samples, training, "the training set")
    samples, held_out = _same_kind(samples, held_out, "the held-out set")
    if len(held_out) < 2 / _EXPECTED:
        warnings.warn(
            f"{len(held_out)} held-out pictures do not tell what only 1 % of "
            "them reach: take 200 or more, or look at the nearest training "
            "pictures yourself",
            MeasurementWarning, stacklevel=2,
        )
    kind = k_nearest(_flat(samples), _flat(held_out), 1).indices[:, 0]
    of_samples = _scores(samples, training)
    of_held_out = _scores(held_out, training)[kind]
    near = np.quantile(of_held_out, _EXPECTED, method="lower")
    suspects = np.flatnonzero(of_samples < near)
    suspects = suspects[np.argsort(of_samples[suspects], kind="stable")]
    share = len(suspects) / len(samples)
    by_nature = int((of_held_out < near).sum())
    # It takes a fifth as long to import as Keras does, and a training, which
    # imports the metrics, too, does without it.
    from scipy import stats

    share_p = stats.fisher_exact([
        [len(suspects), len(samples) - len(suspects)],
        [by_nature, len(samples) - by_nature],
    ], alternative="greater").pvalue
    rank_p = stats.mannwhitneyu(
        of_samples, of_held_out, alternative="less"
    ).pvalue
    alarm = share >= _TIMES * _EXPECTED and share_p < _CHANCE
    return Memorisation(
        share, float(share_p), float(rank_p), bool(alarm), suspects
    )


def _scores(pictures, training):
    """0 for copies, near 1 for others, (n,)."""
    looks = [pictures]
    if pictures.ndim == 4:
        looks.append(pictures[:, :, ::-1])
    known = _flat(training)
    k = min(_AROUND, len(training))
    scores = []
    for look in looks:
        distances = k_nearest(_flat(look), known, k).distances
        around = distances.mean(1)
        # All 50 are copies of it: as near as can be.
        scores.append(np.divide(
            distances[:, 0], around, out=np.zeros_like(around),
            where=around > 0,
        ))
    return np.min(scores, axis=0)


def _flat(values):
    return values.reshape(len(values), -1)


def _same_kind(a, b, name):
    a = checks.pictures_or_features(a, "the samples")
    b = checks.pictures_or_features(b, name)
    if a.shape[1:] != b.shape[1:]:
        raise InputError(
            f"the samples have shape {a.shape[1:]} and {name} {b.shape[1:]}: "
            "bring them to the same size, or take features of both"
        )
    return a, b
