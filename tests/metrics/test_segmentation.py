"""Labels read against labels asked for, by the formulas."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics import segmentation


def test_the_scores_of_a_picture_of_four_pixels():
    asked = np.array([[[0, 0], [0, 1]]])
    read = np.array([[[0, 0], [1, 1]]])
    found = segmentation(read, asked, 4)
    assert found.pixel_accuracy == 3 / 4
    # Classes 2 and 3 were neither asked for nor read.
    assert found.class_accuracy == pytest.approx((2 / 3 + 1) / 2)
    assert found.class_iou == pytest.approx((2 / 3 + 1 / 2) / 2)
    expected = np.zeros((4, 4), int)
    expected[0, :2], expected[1, 1] = (2, 1), 1
    np.testing.assert_array_equal(found.confusion, expected)


def test_a_class_that_is_read_but_not_asked_for_counts_in_the_union_alone():
    asked = np.zeros((1, 2, 2), "uint8")
    read = np.array([[[0, 0], [0, 2]]], "uint8")
    found = segmentation(read, asked, 3)
    assert found[:3] == (3 / 4, 3 / 4, pytest.approx((3 / 4 + 0) / 2))


def test_against_sums_over_classes_by_hand():
    rng = np.random.default_rng(0)
    read, asked = rng.integers(0, 5, (2, 3, 7, 6))
    accuracies, unions = [], []
    for number in range(5):
        both = ((read == number) & (asked == number)).sum()
        accuracies.append(both / (asked == number).sum())
        unions.append(both / ((read == number) | (asked == number)).sum())
    found = segmentation(read, asked, 5)
    assert found[:3] == pytest.approx((
        (read == asked).mean(), np.mean(accuracies), np.mean(unions)
    ))
    assert segmentation(asked, asked, 5)[:3] == (1, 1, 1)
    # The majority is right often, and of one class only.
    most = np.bincount(asked.ravel()).argmax()
    flat = segmentation(np.full_like(asked, most), asked, 5)
    assert flat.pixel_accuracy == (asked == most).mean()
    assert flat.class_accuracy == 1 / 5


@pytest.mark.parametrize("read, asked, classes, says", [
    (np.zeros((1, 2, 2), int), np.zeros((1, 2, 3), int), 2, "each pixel"),
    (np.zeros((1, 2, 2), int), np.full((1, 2, 2), 2), 2, r"0 \.\.\. 1"),
    (np.full((1, 2, 2), -1), np.zeros((1, 2, 2), int), 2, "read"),
    (np.zeros((1, 2, 2)), np.zeros((1, 2, 2), int), 2, "whole numbers"),
    (np.zeros((2, 2), int), np.zeros((2, 2), int), 2, "height, width"),
    (np.zeros((1, 2, 2), int), np.zeros((1, 2, 2), int), 0, "classes"),
    (np.zeros((1, 2, 2), int), np.zeros((1, 2, 2), int), 5000, "4,096"),
    (True, np.zeros((1, 2, 2), int), 2, "read"),
])
def test_others_are_refused(read, asked, classes, says):
    with pytest.raises(InputError, match=says) as error:
        segmentation(read, asked, classes)
    assert "\n" not in str(error.value)
