"""Mixtures of Gaussians, fitted by expectation maximisation.

An iteration takes half the time of scikit-learn's (components to which a row
does not belong are left out), and recorded ceilings are of this start.
"""

import dataclasses

import numpy as np
from scipy import linalg
from scipy.special import logsumexp

from keras_gen import seeds
from keras_gen.accepted import at_least
from keras_gen.errors import InputError
from keras_gen.metrics.arrays import squared_distances

# Added to covariances, as a share of the mean variance: a component that
# shrinks to a point would have an infinite likelihood.
_RIDGE = 1e-6
# A share of a row in a component that does not count.
_NOTHING = 1e-12


@dataclasses.dataclass(frozen=True)
class GaussianMixture:
    """A mixture of k Gaussians with full covariances in d dimensions.

    Attributes:
        weights: float64 (k,), of sum 1.
        means: float64 (k, d).
        covariances: float64 (k, d, d).
        history: mean log-likelihood of the rows it was fitted to, in nats,
            before each iteration.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    history: tuple = ()

    @classmethod
    def fit(
        cls, rows: np.ndarray, components: int, seed: int = 0,
        iterations: int = 100, tolerance: float = 1e-2,
    ) -> "GaussianMixture":
        """Dempster, Laird and Rubin 1977, started from the cells of
        k-means++ centres (Arthur and Vassilvitskii 2007).

        Args:
            rows: float (n, d).
            components: k.
            seed: of the start.
            iterations: at most so many.
            tolerance: stop when one gains less, nats per row.

        Raises:
            InputError: fewer rows than components, or another shape.
        """
        rows = np.asarray(rows, "float64")
        at_least(1, components=components)
        if rows.ndim != 2 or len(rows) < components:
            raise InputError(
                f"a mixture of {components} takes at least {components} rows "
                f"of shape (n, d), got shape {rows.shape}"
            )
        # The constant serves rows that are all equal.
        ridge = max(_RIDGE * rows.var(0).mean(), 1e-12)
        cells = _cells(rows, components, seeds.generator(seed))
        shares = np.eye(components)[cells]
        history = []
        for _ in range(iterations):
            mixture = cls(*_maximise(rows, shares, ridge))
            joint = mixture._joint(rows)
            densities = logsumexp(joint, axis=1)
            history.append(float(densities.mean()))
            if len(history) > 1 and history[-1] - history[-2] < tolerance:
                break
            shares = np.exp(joint - densities[:, None])
        return dataclasses.replace(mixture, history=tuple(history))

    def log_density(self, rows: np.ndarray) -> np.ndarray:
        """Log-density of float rows (n, d), in nats: float64 (n,)."""
        return logsumexp(self._joint(np.asarray(rows, "float64")), axis=1)

    def sample(self, n: int, seed: int = 0) -> np.ndarray:
        """n random rows, float64 (n, d)."""
        at_least(1, n=n)
        rng = seeds.generator(seed)
        counts = rng.multinomial(n, self.weights)
        parts = [
            mean + rng.normal(size=(some, len(mean)))
            @ linalg.cholesky(covariance, lower=True).T
            for some, mean, covariance
            in zip(counts, self.means, self.covariances)
        ]
        return rng.permutation(np.concatenate(parts))

    def _joint(self, rows):
        """log(weight * density) of each row under each Gaussian, (n, k)."""
        joint = np.empty((len(rows), len(self.weights)))
        for i, (mean, covariance) in enumerate(
            zip(self.means, self.covariances)
        ):
            lower = linalg.cholesky(covariance, lower=True)
            # A product with the inverse takes a third of solving for rows.
            whitening = linalg.solve_triangular(
                lower, np.eye(len(mean)), lower=True
            ).T
            white = (rows - mean) @ whitening
            joint[:, i] = -0.5 * np.einsum("ij,ij->i", white, white)
            joint[:, i] -= np.log(np.diag(lower)).sum()
        constant = 0.5 * rows.shape[1] * np.log(2 * np.pi)
        return joint - constant + np.log(self.weights)


def _cells(rows, components, rng):
    """The nearest of k-means++ centres for each row, int (n,)."""
    nearest = np.full(len(rows), np.inf)
    cells = np.zeros(len(rows), int)
    for i in range(components):
        # With no row away from every centre, any row will do.
        total = nearest.sum()
        even = i == 0 or total == 0
        centre = rng.choice(len(rows), p=None if even else nearest / total)
        distances = squared_distances(rows, rows[centre:centre + 1])[:, 0]
        closer = distances < nearest
        cells[closer], nearest[closer] = i, distances[closer]
    return cells


def _maximise(rows, shares, ridge):
    """Weights, means and covariances of rows shared out as (n, k)."""
    sizes = shares.sum(0) + 10 * np.finfo("float64").eps
    means = shares.T @ rows / sizes[:, None]
    covariances = np.empty((len(sizes), rows.shape[1], rows.shape[1]))
    for i, (mean, size) in enumerate(zip(means, sizes)):
        # Most rows belong to a few components: what is left out is rounding.
        some = shares[:, i] > _NOTHING
        centred = rows[some] - mean
        weighted = shares[some, i, None] * centred
        covariances[i] = weighted.T @ centred / size
        covariances[i][np.diag_indices(len(mean))] += ridge
    return sizes / sizes.sum(), means, covariances
