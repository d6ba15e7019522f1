"""Mean and covariance of features, in one pass."""

import numpy as np

from keras_gen.errors import InputError
from keras_gen.metrics import checks

# Rows that are float64 at the same time.
_CHUNK = 1024


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

    def __init__(self, features: np.ndarray | None = None):
        self.count, self.mean, self._scatter = 0, None, None
        if features is not None:
            self.update(features)

    def update(self, features: np.ndarray) -> "Statistics":
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

    @classmethod
    def of_moments(cls, count, mean, scatter):
        """Those of `count` rows with this mean, float64 (d,), and this sum
        of squares and products about it, float64 (d, d)."""
        found = cls()
        found._merge(int(count), mean, None, scatter)
        return found

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
    def scatter(self):
        """float64 (d, d): sums of squares and products about the mean."""
        return self._known()._scatter

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
