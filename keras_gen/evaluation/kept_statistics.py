"""Statistics of the features of pictures, kept on disk by content."""

import contextlib
import hashlib
import os
import time
import zipfile

import numpy as np

from keras_gen import atomic
from keras_gen.data import cache
from keras_gen.metrics import checks
from keras_gen.metrics.statistics import Statistics

# Pictures hashed at once.
_CHUNK = 1024
# Pictures whose features are kept at the same time: so many that the
# network's progress counts to the end in most cases.
_PICTURES = 2**16


def picture_statistics(network, pictures):
    """Statistics of the features of pictures, or of points, computed once:
    they are kept in `keras_gen.data.cache.home()` (KERAS_GEN_CACHE) under a
    hash of the items and of what the feature network is.

    Args:
        network: a feature network: `name`, `identity` (a hash of its
            weights), `resize`; and called with uint8 pictures it returns
            their `features`.
        pictures: uint8 (n, height, width, channels) or float (n, d), an
            array in memory or mapped.

    Returns:
        Statistics.
    """
    checks.pictures_or_features(pictures[:1], "pictures")
    # Another number where another program computes or writes otherwise.
    path = cache.home() / (cache.key(
        "statistics 1", network.name, network.identity, network.resize,
        content_hash(pictures),
    ) + cache.STATISTICS)
    found = _read(path)
    if found is None:
        found = Statistics()
        for start in range(0, len(pictures), _PICTURES):
            found.update(network(pictures[start:start + _PICTURES]).features)
        _write(path, found)
    return found


def content_hash(pictures):
    """The sha256 of uint8 pictures (n, height, width, channels), or of floats
    (n, d), and of their shape, in hexadecimal."""
    code = hashlib.sha256(repr(tuple(pictures.shape)).encode())
    for start in range(0, len(pictures), _CHUNK):
        part = checks.pictures_or_features(
            pictures[start:start + _CHUNK], "pictures"
        )
        code.update(np.ascontiguousarray(part))
    return code.hexdigest()


def _read(path):
    """Statistics from a file; None where there are none, or damaged ones."""
    try:
        with np.load(path, allow_pickle=False) as file:
            count, mean, scatter = (
                file[name] for name in ("count", "mean", "scatter")
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    if mean.ndim != 1 or scatter.shape != 2 * mean.shape or count < 1:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)  # used: the last to be deleted
    return Statistics.of_moments(count, mean, scatter)


def _write(path, statistics):
    """Puts a file in place, whole or not at all: without one, the next
    process only has to compute again."""
    aside = path.with_name(
        f"{path.stem}.{os.getpid()}.{time.time_ns()}{cache.ASIDE}"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        cache.make_room(path.parent, statistics.scatter.nbytes)
        with open(aside, "xb") as file:  # an .npz, whatever its name
            np.savez(
                file, count=statistics.count, mean=statistics.mean,
                scatter=statistics.scatter,
            )
        atomic.rename(aside, path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
