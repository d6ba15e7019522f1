"""The Inception Score, https://arxiv.org/abs/1606.03498."""

from typing import NamedTuple

import numpy as np
from scipy.special import rel_entr

from keras_gen import seeds
from keras_gen.accepted import accepted, at_least
from keras_gen.errors import InputError
from keras_gen.metrics import checks


class InceptionScore(NamedTuple):
    """Mean and standard deviation over the splits."""

    value: float
    spread: float


@accepted
def inception_score(
    probabilities: np.ndarray, splits: int = 10, seed: int = 0
) -> InceptionScore:
    """exp E_x KL(p(class | x) || p(class)), with p(class) the mean over the
    pictures of a split.

    It goes from 1 to the number of classes. It sees whether pictures are
    recognised and all classes occur. It is blind to the rest: one picture a
    class, repeated, has the best score.

    Args:
        probabilities: float (n, classes), a classifier's softmax of n
            pictures.
        splits: equal parts that are scored apart; the paper's 10.
        seed: of the order, since parts of rows sorted by class would not
            hold all classes.

    Returns:
        InceptionScore: value and spread.

    Raises:
        InputError: not probabilities, or fewer rows than splits.
    """
    probabilities = checks.probabilities(probabilities)
    at_least(1, splits=splits)
    n = len(probabilities)
    if splits > n:
        raise InputError(
            f"{n} pictures cannot be split into {splits} parts: take more "
            f"of them, or at most {n} splits"
        )
    order = seeds.generator(seed).permutation(n)
    scores = [
        np.exp(rel_entr(part, part.mean(0)).sum(1).mean())
        for part in np.array_split(probabilities[order], splits)
    ]
    return InceptionScore(float(np.mean(scores)), float(np.std(scores)))
