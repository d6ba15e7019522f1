"""Simple spaces of features, for items that no published classifier knows.

Distances in them mean something beside a floor and a ceiling in the same
space, and nothing beside those of another network: every record names its
space.
"""

import hashlib

import numpy as np

from keras_gen.errors import InputError
from keras_gen.evaluation.feature_network import FeatureNetwork, Features
from keras_gen.metrics import checks
from keras_gen.metrics.pca import PCA

# Principal components that count as features.
DIMS = 64


class PrincipalComponents(FeatureNetwork):
    """The first principal components of training items: colours and coarse
    shapes, and nothing of what is seen in them. All are divided by one number,
    so that their mean square is 1 on the training items: distances are those
    of pixels, in units that kernels are made for.

    Args:
        training: uint8 (n, height, width, channels).
        dims: components; fewer where there are not as many.
        seed: of the fit.

    Raises:
        InputError: fewer than two items.
    """

    def __init__(self, training: np.ndarray, dims: int = DIMS, seed: int = 0):
        training = checks.pictures(training, "training items")
        if len(training) < 2:
            raise InputError("principal components need at least 2 items")
        self._pca = PCA.fit(
            training, min(dims, len(training) - 1, training[0].size), seed
        )
        axes = self._pca.axes
        self._unit = np.sqrt(self._pca.variances.mean()) or 1.0
        identity = hashlib.sha256(
            self._pca.mean.tobytes() + np.ascontiguousarray(axes).tobytes()
        )
        super().__init__(
            "pca", f"{axes.shape[1]} principal components of {len(training):,}"
            " training items, of mean square 1", axes.shape[1], (),
            identity.hexdigest(),
        )

    def compute(self, pictures):
        codes = self._pca.encode(pictures) / self._unit
        return Features(codes.astype("float32"), None)


class Coordinates(FeatureNetwork):
    """Points in their own plane."""

    def __init__(self):
        super().__init__(
            "coordinates", "the points themselves", 2, (), "coordinates"
        )

    def __call__(self, points):
        return Features(checks.features(points, "points"), None)


# By name, from the training items as `Value.watched` gives them.
SPACES = {
    "pca": lambda training, seed: PrincipalComponents(training, seed=seed),
    "coordinates": lambda training, seed: Coordinates(),
}


def default(value) -> str | None:
    """The space in which items of a type are measured where no feature
    network is given; None for pictures, for which users choose one."""
    return {1: "coordinates", 4: "pca"}.get(value.rank)
