"""What all metrics ask of their arrays; InputError says what is wrong."""

import numpy as np

from keras_gen import arrays
from keras_gen.errors import InputError
from keras_gen.metrics.arrays import alike


def features(values, name="features"):
    """A float array (n, d), n and d at least 1, all finite."""
    values = np.asarray(values)
    if values.ndim != 2 or values.dtype.kind != "f" or not values.size:
        raise InputError(
            f"{name} must be a float array of shape (n, d), got "
            f"{values.dtype} of shape {values.shape}: give each picture's "
            "features as a row"
        )
    if not np.isfinite(values).all():
        raise InputError(
            f"{name} has values that are not finite: check the pictures and "
            "the feature network"
        )
    return values


def two_features(a, b, names=("the first features", "the second features")):
    """Two float arrays (n, d) and (m, d)."""
    a, b = features(a, names[0]), features(b, names[1])
    same_width(a.shape[1], b.shape[1], names)
    return a, b


def same_width(a, b, names=("the first features", "the second features")):
    """The same number of features on both sides."""
    if a != b:
        raise InputError(
            f"{names[0]} have {a} columns and {names[1]} {b}: take both from "
            "the same feature network"
        )


def pictures(values, name="pictures"):
    """A uint8 array (n, height, width, channels) with at least one row, of
    whatever `keras_gen.arrays` reads as pictures."""
    return arrays.pictures(values, name)


def to_grey(values, what, least):
    """Checked pictures of 1 or 3 channels and at least `least` x `least`
    pixels, and the numbers (channels,) whose product with them is their
    brightness, 0.299 R + 0.587 G + 0.114 B.

    Args:
        what: who takes them, for an InputError.
    """
    values = pictures(values)
    _, height, width, channels = values.shape
    if channels not in (1, 3) or min(height, width) < least:
        raise InputError(
            f"{what} takes pictures of at least {least} x {least} pixels "
            f"with 1 or 3 channels, got {height} x {width} x {channels}"
        )
    return values, {1: [1.0], 3: [0.299, 0.587, 0.114]}[channels]


def translation(inputs, train_inputs, train_targets):
    """The same, checked, of a translator that is fitted to pairs: inputs and
    training inputs of one size, and a target for each of these."""
    inputs = pictures(inputs, "inputs")
    train_inputs = pictures(train_inputs, "training inputs")
    alike(train_inputs, inputs, "training inputs")
    train_targets = pictures(train_targets, "training targets")
    if len(train_targets) != len(train_inputs):
        raise InputError(
            f"there are {len(train_inputs)} training inputs but "
            f"{len(train_targets)} targets: give one for each"
        )
    return inputs, train_inputs, train_targets


def pictures_or_features(values, name):
    """Pictures if there are four axes, else features."""
    values = arrays.numpy(values, name)
    check = pictures if values.ndim == 4 else features
    return check(values, name)


def labels(values, classes, name="labels"):
    """An int array (n,), n at least 1, of numbers 0 ... classes - 1."""
    values = arrays.shaped(
        arrays.numpy(values, name), (), name, "whole numbers"
    )
    return arrays.whole(values, name, classes)


def probabilities(values, name="probabilities"):
    """float64 (n, classes), each row at least 0 and of sum 1 to 1e-3."""
    values = features(values, name).astype(np.float64)
    if values.min() < 0 or np.abs(values.sum(1) - 1).max() > 1e-3:
        raise InputError(
            f"{name} must be at least 0 and each row must sum to 1: give the "
            "classifier's softmax, not its logits"
        )
    return values
