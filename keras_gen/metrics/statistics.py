"""Mean and covariance of features, in one pass, kept on disk by content."""

import contextlib
import hashlib
import os
import time
import zipfile

import numpy as np

from keras_gen import atomic
from keras_gen.data import cache
from keras_gen.errors import InputError
from keras_gen.metrics import checks

# Rows that are float64 at the same time, and pictures hashed at once.
_CHUNK = 1024
# Pictures whose features are kept at the same time: so many that the
# network's progress counts to the end in most cases.
_PICTURES = 2**16


class Statistics:
    """Count, mean and covariance of features, float64.

    Batches are merged by their means and sums of squares about them (Chan,
    Golub and LeVeque 1983, The American Statistician 37, 242-247), which
    loses no digits where features lie far from 0.

    Args:
        features: float (n, d), the first batch; or none yet.

    Attributes:
        count: rows so far.
        mean: float64 (d,).
    """

    def __init__(self, features=None):
        self.count, self.mean, self._scatter = 0, None, None
        if features is not None:
            self.update(features)

    def update(self, features):
        """Takes a batch in, float (n, d) with any n; returns itself.

        Raises:
            InputError: another d than before, or values that are not finite.
        """
        features = checks.features(features)
        for start in range(0, len(features), _CHUNK):
            rows = features[start:start + _CHUNK].astype(np.float64)
            mean = rows.mean(0)
            rows -= mean
            self._merge(len(rows), mean, rows)
        return self

    def __add__(self, other):
        """The statistics of both sets of rows together."""
        merged = Statistics()
        for part in (self, other):
            if part.count:
                merged._merge(part.count, part.mean, None, part._scatter)
        return merged

    def _merge(self, count, mean, centred, scatter=0.0):
        """Takes in `count` rows of this mean, whose sum of squares about it
        is `scatter` + centred.T @ centred."""
        dim = len(mean)
        if self.mean is None:
            self.mean, self._scatter = np.zeros(dim), np.zeros((dim, dim))
        checks.same_width(
            len(self.mean), dim, ("the features so far", "the new ones")
        )
        total = self.count + count
        shift = mean - self.mean
        # The distance of the means counts like one row more.
        extra = (shift * np.sqrt(self.count * count / total))[None]
        rows = extra if centred is None else np.concatenate([centred, extra])
        self._scatter += scatter
        self._scatter += rows.T @ rows
        self.mean = self.mean + shift * (count / total)
        self.count = total

    @property
    def dim(self):
        """Features of a row."""
        return len(self._known().mean)

    @property
    def covariance(self):
        """float64 (d, d), the unbiased estimate; zeros for one row, which
        shows no spread."""
        return self._known()._scatter / max(self.count - 1, 1)

    def _known(self):
        if not self.count:
            raise InputError(
                "there are no features in these statistics: update them first"
            )
        return self


def picture_statistics(network, pictures):
    """Statistics of the features of pictures, computed once: they are kept
    in `keras_gen.data.cache.home()` (KERAS_GEN_CACHE) under a hash of the
    pictures and of what the feature network is.

    Args:
        network: a feature network: `name`, `identity` (a hash of its
            weights), `resize`; and called with uint8 pictures it returns
            their `features`.
        pictures: uint8 (n, height, width, channels), an array in memory or
            mapped.

    Returns:
        Statistics.
    """
    checks.pictures(pictures[:1])
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
    """The sha256 of uint8 pictures (n, height, width, channels) and of their
    shape, in hexadecimal."""
    code = hashlib.sha256(repr(tuple(pictures.shape)).encode())
    for start in range(0, len(pictures), _CHUNK):
        part = checks.pictures(pictures[start:start + _CHUNK])
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
    found = Statistics()
    found._merge(int(count), mean, None, scatter)
    return found


def _write(path, statistics):
    """Puts a file in place, whole or not at all: without one, the next
    process only has to compute again."""
    aside = path.with_name(
        f"{path.stem}.{os.getpid()}.{time.time_ns()}{cache.ASIDE}"
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        cache.make_room(path.parent, statistics._scatter.nbytes)
        with open(aside, "xb") as file:  # an .npz, whatever its name
            np.savez(
                file, count=statistics.count, mean=statistics.mean,
                scatter=statistics._scatter,
            )
        atomic.rename(aside, path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink()
