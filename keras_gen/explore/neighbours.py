"""Samples beside the training pictures that are most like them."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from keras_gen import arrays
from keras_gen.metrics import nearest


def neighbours(
    samples: ArrayLike, training: ArrayLike, k: int = 8,
    see: Callable | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Whether a model has copied: each sample with its nearest training
    pictures.

    Args:
        samples, training: pictures (n, height, width, channels) and
            (m, ...), of one shape, uint8 or what else `keras_gen.arrays`
            reads.
        k: how many, at most m.
        see: what to compare: a function from pictures to features (n, d),
            such as `lambda x: network(x).features` of a feature network of
            `keras_gen.evaluation`. By default the pixels.

    Returns:
        `(pictures, distances)`: uint8 (n, 1 + k, height, width, channels),
        each sample and then its neighbours, the nearest first; and float64
        (n, k), see `keras_gen.metrics.nearest`.

    Raises:
        InputError: different shapes, or k too large.
    """
    samples = arrays.pictures(samples, "samples")
    training = arrays.pictures(training, "training")
    see = see or (lambda pictures: pictures)
    found = nearest(see(samples), see(training), k)
    pictures = np.concatenate(
        [samples[:, None], training[found.indices]], axis=1
    )
    return pictures, found.distances
