"""Whether what pictures show is where a map of labels asked for it."""

from typing import NamedTuple

import numpy as np

from keras_gen import arrays
from keras_gen.accepted import accepted, at_least
from keras_gen.errors import InputError

# Classes whose pairs take 128 MiB to count.
_MOST = 4096


class Segmentation(NamedTuple):
    """The scores of Long et al. 2015, https://arxiv.org/abs/1411.4038,
    section 5, by which pix2pix's authors measure pictures made of label maps
    (their "FCN score", https://arxiv.org/abs/1611.07004, section 3.2).

    Attributes:
        pixel_accuracy: share of the pixels that show what was asked for.
        class_accuracy: of the pixels asked to be of a class the share that
            shows it, as a mean over the classes that were asked for.
        class_iou: of the pixels that show a class, were asked to, or both,
            the share of both, as a mean over the classes that have any.
        confusion: int (classes, classes), pixels by the class asked for
            (rows) and the class read (columns).
    """

    pixel_accuracy: float
    class_accuracy: float
    class_iou: float
    confusion: np.ndarray


@accepted
def segmentation(
    read: np.ndarray, asked: np.ndarray, classes: int
) -> Segmentation:
    """Compares the labels read in pictures with those asked for.

    Args:
        read: int (n, height, width), the label that each pixel shows, as a
            network or its colour tells it.
        asked: likewise, of the maps that the pictures were made of.
        classes: number of labels, 0 ... classes - 1.

    Returns:
        Segmentation.

    Raises:
        InputError: shapes that differ, labels that there are not, or more
            than 4,096 classes.
    """
    at_least(1, classes=classes)
    if classes > _MOST:
        raise InputError(
            f"segmentation counts pairs of at most {_MOST:,} classes, not "
            f"{classes:,}: number those that there are from 0 on"
        )
    read, asked = (
        _labels(values, name, classes)
        for values, name in ((read, "the labels read"), (asked, "those asked"))
    )
    if read.shape != asked.shape:
        raise InputError(
            f"the labels read have the shape {read.shape}, those asked for "
            f"{asked.shape}: give one for each pixel"
        )
    confusion = np.bincount(
        (asked * classes + read).ravel(), minlength=classes**2
    ).reshape(classes, classes)
    right, wanted = np.diag(confusion), confusion.sum(1)
    either = wanted + confusion.sum(0) - right
    return Segmentation(
        float(right.sum() / confusion.sum()),
        float((right[wanted > 0] / wanted[wanted > 0]).mean()),
        float((right[either > 0] / either[either > 0]).mean()),
        confusion,
    )


def _labels(values, name, classes):
    values = arrays.numpy(values, name)
    if values.ndim != 3 or values.dtype.kind not in "iu" or not values.size:
        raise InputError(
            f"{name} must be whole numbers (n, height, width), got "
            f"{values.dtype} of shape {values.shape}"
        )
    if values.min() < 0 or values.max() >= classes:
        raise InputError(
            f"{name} must be 0 ... {classes - 1}, got {values.min()} ... "
            f"{values.max()}: raise classes, or mend the labels"
        )
    return values.astype("int64")
