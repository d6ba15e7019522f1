"""Label accuracy, on classes that are known."""

import numpy as np
import pytest

from keras_gen.data.sources import shapes
from keras_gen.errors import InputError
from keras_gen.metrics import labels

CLASSES = len(shapes.CLASSES)
EVEN = np.full((2, 3), 1 / 3)


def test_a_small_table_by_hand():
    probabilities = np.array([
        [0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.3, 0.6, 0.1], [0.1, 0.3, 0.6],
    ])
    found = labels.label_accuracy(probabilities, [0, 0, 1, 1])
    assert found.value == 0.5
    assert found.standard_error == 0.25
    np.testing.assert_array_equal(found.per_class, [0.5, 0.5, np.nan])
    np.testing.assert_array_equal(
        found.confusion, [[1, 1, 0], [0, 1, 1], [0, 0, 0]]
    )


def test_a_scrambled_label_map_is_noticed():
    columns = shapes.columns("labelled", "test", 32, 3, 0)
    rows = np.arange(200)
    pictures, asked = columns["image"][rows], columns["label"][rows]
    probabilities = np.eye(CLASSES)[shapes.classify(pictures)]
    right = labels.label_accuracy(probabilities, asked)
    assert right.value > 0.95
    # A model that mixes up the first two classes.
    scrambled = np.choose(asked, [1, 0, *range(2, CLASSES)])
    wrong = labels.label_accuracy(probabilities, scrambled)
    assert (wrong.per_class[:2] < 0.05).all()
    assert (wrong.per_class[2:] > 0.9).all()
    assert wrong.confusion[0, 1] > 0.9 * (scrambled == 0).sum()


def test_the_standard_error_is_that_of_repeated_draws():
    rng = np.random.default_rng(0)
    draws = [
        labels.label_accuracy(
            np.eye(2)[(rng.random(400) < 0.2).astype(int)],
            np.zeros(400, int),
        )
        for _ in range(300)
    ]
    spread = np.std([d.value for d in draws])
    assert np.mean([d.standard_error for d in draws]) == pytest.approx(
        spread, rel=0.15
    )


def mean_difference(a, b):
    return abs(a.mean() - b.mean())


def test_distances_within_classes_see_ignored_labels():
    real = np.array([0.0, 0.0, 10.0, 10.0])
    kinds = np.array([0, 0, 1, 1])
    swapped = real[::-1]
    assert mean_difference(swapped, real) == 0
    found = labels.within_class(mean_difference, swapped, kinds, real, kinds)
    assert found.value == 10 and found.per_class == {0: 10, 1: 10}
    found = labels.within_class(
        mean_difference, real[::-1], kinds[::-1], real, kinds
    )
    assert found.value == 0


@pytest.mark.parametrize("probabilities, asked", [
    (EVEN, [0, 3]), (EVEN, [0, -1]),
    (EVEN, [0, 1, 2]), (EVEN, [0.0, 1.5]),
    (EVEN[0], [0, 1, 2]), (EVEN[:0], []), (EVEN * 3, [0, 1]),
])
def test_bad_labels_give_one_line(probabilities, asked):
    with pytest.raises(InputError):
        labels.label_accuracy(probabilities, asked)


def test_a_class_on_one_side_only_is_refused():
    with pytest.raises(InputError, match="only one has 2"):
        labels.within_class(
            mean_difference, np.zeros(3), [0, 1, 2], np.zeros(2), [0, 1]
        )
