"""The Inception Score against closed forms."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics.inception_score import inception_score


def softmax(n, classes, seed=0):
    return np.random.default_rng(seed).dirichlet(np.ones(classes), n)


def test_uniform_predictions_score_one():
    found = inception_score(np.full((100, 8), 1 / 8, "float32"))
    assert found == (pytest.approx(1), pytest.approx(0, abs=1e-6))


def test_certain_and_balanced_predictions_score_the_classes():
    assert inception_score(np.eye(7), splits=1) == (pytest.approx(7), 0)
    certain = np.eye(7)[np.zeros(70, int)]
    assert inception_score(certain).value == pytest.approx(1)


def test_two_kinds_of_certainty():
    """Of n classes, half of the pictures certain of one: exp of the entropy
    of p(class) less the mean entropy."""
    found = inception_score(
        np.concatenate([np.eye(4)[[0] * 50], np.full((50, 4), 0.25)]), 1
    )
    mean = np.array([0.625, 0.125, 0.125, 0.125])
    wanted = -(mean * np.log(mean)).sum() - 0.5 * np.log(4)
    assert found.value == pytest.approx(np.exp(wanted))


def test_splits():
    p = softmax(103, 5)
    order = np.random.default_rng(4).permutation(103)
    scores = [
        inception_score(part, splits=1).value
        for part in np.array_split(p[order], 4)
    ]
    found = inception_score(p, splits=4, seed=4)
    assert found == (
        pytest.approx(np.mean(scores)), pytest.approx(np.std(scores))
    )
    assert found.spread > 0 and found != inception_score(p, splits=4)


def test_sorted_rows_score_like_others():
    """As pictures drawn class by class are."""
    rows = np.repeat(np.eye(5), 200, axis=0)
    assert inception_score(rows).value > 4.8


@pytest.mark.parametrize(("p", "splits", "message"), [
    (softmax(9, 5) * 2, 1, "softmax, not its logits"),
    (np.log(softmax(9, 5)), 1, "softmax, not its logits"),
    (softmax(9, 5), 10, "at most 9 splits"),
    (softmax(9, 5), 0, "splits must be"),
    (softmax(9, 5)[0], 1, "probabilities must be a float array"),
])
def test_bad_input(p, splits, message):
    with pytest.raises(InputError, match=message):
        inception_score(p, splits)
