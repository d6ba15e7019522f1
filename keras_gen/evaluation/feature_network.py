"""What all feature networks share: pictures in, features out."""

import time
from typing import NamedTuple

import numpy as np

from keras_gen import terminal
from keras_gen.data import pictures as resizing
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

    Calling one with uint8 pictures (n, height, width, 1 or 3), values 0
    black ... 255 full, returns `Features`. Other arrays raise InputError.

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
        pictures = np.asarray(pictures)
        check(pictures)
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


def check(pictures):
    """InputError unless an array holds uint8 pictures, one at least."""
    if pictures.dtype != np.uint8:
        raise InputError(
            f"expected uint8 pictures, 0 black ... 255 full, got "
            f"{pictures.dtype}; convert from [0, 1] by (255 * x).round(), "
            "from [-1, 1] by (127.5 * (x + 1)).round(), then to uint8"
        )
    if (
        pictures.ndim != 4 or pictures.shape[-1] not in (1, 3)
        or not pictures.size
    ):
        raise InputError(
            "expected pictures of shape (n, height, width, 1 or 3), n at "
            f"least 1, got {pictures.shape}"
        )


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
        return resizing.fit_arrays(pictures, len(pictures), side, channels)
