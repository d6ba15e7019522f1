"""What the measures on pictures share: checks, and work in small blocks."""

import numpy as np

from keras_gen.errors import InputError

# Values of one block: 16 MiB as float64.
_BLOCK = 2**21
_ROWS = 2048


def checked(pictures, name="pictures", like=None):
    """uint8 pictures (n, height, width, channels) as an array.

    Args:
        pictures: an array.
        name: what a message calls it.
        like: pictures whose height, width and channels these must have.

    Raises:
        InputError: another dtype or shape, or none at all.
    """
    pictures = np.asarray(pictures)
    if pictures.dtype != np.uint8 or pictures.ndim != 4 or not len(pictures):
        raise InputError(
            f"{name} must be uint8 (n, height, width, channels), 0 ... 255, "
            f"got {pictures.dtype} of shape {pictures.shape}: scale to "
            "0 ... 255, round, and add the axis that is missing"
        )
    if like is not None and pictures.shape[1:] != like.shape[1:]:
        raise InputError(
            f"{name} must have the size of the others, "
            f"{' x '.join(map(str, like.shape[1:]))}, got "
            f"{' x '.join(map(str, pictures.shape[1:]))}: resize them alike"
        )
    return pictures


def slices(values):
    """Slices of consecutive rows that cover `values`, each with so few
    that a float64 copy of them stays near 16 MiB."""
    size = max(1, int(np.prod(values.shape[1:])))
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


def count(n, name="n", least=1):
    """`n` as an int; InputError unless it is whole and at least `least`."""
    if not isinstance(n, (int, np.integer)) or n < least:
        raise InputError(
            f"{name} must be a whole number of at least {least}, got {n!r}"
        )
    return int(n)
