"""What all feature networks share: pictures in, features out."""

import time
from typing import NamedTuple

import numpy as np

from keras_gen import arrays, terminal
from keras_gen.data.reading import Reading
from keras_gen.errors import InputError

# Seconds before and between lines of progress.
_PATIENCE = 5


class Features(NamedTuple):
    """What a network makes of n pictures: `features` float32 (n, dim), and
    `probabilities` float32 (n, classes), None where it predicts none."""

    features: np.ndarray
    probabilities: np.ndarray | None


class FeatureNetwork:
    """What all feature networks share; subclasses give `compute`.

    Calling one with pictures (n, height, width, 1 or 3), uint8 or what else
    `keras_gen.arrays` reads, returns `Features`. Other arrays raise
    InputError.

    Attributes:
        name: for results, such as "classifier_mnist".
        resize: how pictures are brought to the network's size and channels.
        dim: length of a feature vector.
        classes: names of the predicted classes, a tuple, or empty.
        identity: sha256 of the weights, hexadecimal: another identity, other
            features.
    """

    rows = 256  # pictures in a batch

    def __init__(self, name, resize, dim, classes, identity):
        self.name, self.resize, self.dim = name, resize, dim
        self.classes, self.identity = tuple(classes), identity

    def __call__(self, pictures):
        pictures = checked(pictures)
        parts, told = [], time.monotonic()
        for start in range(0, len(pictures), self.rows):
            parts.append(self.compute(pictures[start:start + self.rows]))
            if time.monotonic() - told > _PATIENCE:
                told = time.monotonic()
                terminal.say(
                    f"{self.name}: features of "
                    f"{min(start + self.rows, len(pictures)):,} of "
                    f"{len(pictures):,} pictures"
                )
        features, probabilities = zip(*parts)
        return Features(
            np.concatenate(features),
            None if probabilities[0] is None else np.concatenate(
                probabilities
            ),
        )

    def compute(self, pictures):
        """`Features` of one batch of checked pictures."""
        raise NotImplementedError


def checked(pictures):
    """uint8 (n, height, width, 1 or 3), n at least 1; see
    `keras_gen.arrays`."""
    pictures = arrays.pictures(pictures)
    if pictures.shape[-1] not in (1, 3):
        raise InputError(
            "expected pictures of shape (n, height, width, 1 or 3), got "
            f"{pictures.shape}"
        )
    return pictures


class Resized(FeatureNetwork):
    """A network of one size, to which the data pipeline's resampling brings
    the pictures."""

    def __init__(self, name, shape, dim, classes, identity):
        self.shape = shape
        side, channels = shape[0], shape[-1]
        colour = "RGB, grey repeated" if channels == 3 else "grey, luma of RGB"
        super().__init__(
            name,
            f"middle square to {side} x {side} by Pillow's Lanczos, "
            f"antialiased; {colour}",
            dim, classes, identity,
        )

    def resized(self, pictures):
        """uint8 (n, side, side, channels)."""
        if pictures.shape[1:] == self.shape:
            return pictures
        side, _, channels = self.shape
        return Reading(channels).fit_arrays(pictures, len(pictures), side)
