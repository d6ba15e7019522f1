"""Work on pictures in blocks whose float64 copies stay small."""

import numpy as np

from keras_gen.errors import InputError

# Values of one block: 16 MiB as float64.
_BLOCK = 2**21
_ROWS = 2048


def alike(pictures, others, name):
    """InputError unless pictures have the size of the others."""
    if pictures.shape[1:] != others.shape[1:]:
        raise InputError(
            f"{name} must have the size of the others, "
            f"{' x '.join(map(str, others.shape[1:]))}, got "
            f"{' x '.join(map(str, pictures.shape[1:]))}: resize them alike"
        )


def slices(values, size=None):
    """Slices of consecutive rows that cover `values`, each with so few that
    `size` float64 numbers for each row, by default a copy of the row, stay
    near 16 MiB."""
    size = size or max(1, int(np.prod(values.shape[1:])))
    step = min(_ROWS, max(1, _BLOCK // size))
    return [slice(i, i + step) for i in range(0, len(values), step)]


def flat(pictures):
    """(n, height, width, channels) as float64 (n, values)."""
    return pictures.reshape(len(pictures), -1).astype("float64")


def squared_distances(a, b):
    """Squared Euclidean distances between float64 rows, (len(a), len(b))."""
    distances = a @ b.T
    distances *= -2
    distances += np.square(a).sum(1)[:, None]
    distances += np.square(b).sum(1)
    return np.maximum(distances, 0, out=distances)
