"""Whether conditional samples are what was asked for."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.metrics import checks


class LabelAccuracy(NamedTuple):
    """Share of samples that a classifier finds to be of the class asked for.

    Attributes:
        value: the share, 0 ... 1. The classifier's own accuracy on real
            pictures is about the most that can be expected.
        standard_error: of a binomial share, sqrt(p (1 - p) / n).
        per_class: float (classes,), the share among the samples of each
            class; nan where none was asked for.
        confusion: int (classes, classes), samples by the class asked for
            (rows) and the class found (columns).
    """

    value: float
    standard_error: float
    per_class: np.ndarray
    confusion: np.ndarray


@accepted
def label_accuracy(
    probabilities: np.ndarray, labels: np.ndarray
) -> LabelAccuracy:
    """Scores conditional samples by a classifier's probabilities.

    Args:
        probabilities: (n, classes), of a classifier for the samples.
        labels: int (n,), what the samples were asked to be.

    Returns:
        LabelAccuracy.

    Raises:
        InputError: shapes that do not match, or labels out of range.
    """
    probabilities = checks.probabilities(probabilities)
    n, classes = probabilities.shape
    labels = _for_rows(checks.labels(labels, classes), n)
    confusion = np.zeros((classes, classes), "int64")
    np.add.at(confusion, (labels, probabilities.argmax(1)), 1)
    right, asked = np.diag(confusion), confusion.sum(1)
    share = right.sum() / n
    per_class = np.where(asked, right / np.maximum(asked, 1), np.nan)
    error = np.sqrt(share * (1 - share) / n)
    return LabelAccuracy(float(share), float(error), per_class, confusion)


class WithinClass(NamedTuple):
    """A distance inside each class.

    Attributes:
        value: the mean over classes.
        per_class: {label: float}.
    """

    value: float
    per_class: dict


@accepted
def within_class(
    distance: Callable, made: np.ndarray, made_labels: np.ndarray,
    real: np.ndarray, real_labels: np.ndarray,
) -> WithinClass:
    """A distance between made and real of each class, and their mean: what
    a distance over all classes hides, labels that the model ignores.

    Args:
        distance: function of two arrays of rows, for instance
            `frechet_distance`; its result is a float or has a `value`.
        made, real: pictures or features (n, ...), rows as `distance` takes.
        made_labels, real_labels: int (n,), one for each row.

    Returns:
        WithinClass.

    Raises:
        InputError: a class that only one of the two has, or no label for
            each row.
    """
    made, real = np.atleast_1d(made), np.atleast_1d(real)
    made_labels = _for_rows(made_labels, len(made))
    real_labels = _for_rows(real_labels, len(real))
    lonely = np.setxor1d(made_labels, real_labels)
    if len(lonely):
        raise InputError(
            "distances within classes need every class on both sides; "
            f"only one has {', '.join(map(str, lonely))}"
        )
    per_class = {}
    for label in np.unique(real_labels).tolist():
        found = distance(
            made[made_labels == label], real[real_labels == label]
        )
        per_class[label] = float(getattr(found, "value", found))
    return WithinClass(float(np.mean(list(per_class.values()))), per_class)


def _for_rows(labels, n):
    labels = np.asarray(labels)
    if labels.shape != (n,):
        raise InputError(
            f"there are {n} rows but labels of shape {labels.shape}: give one "
            "for each"
        )
    return labels
