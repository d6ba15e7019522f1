"""Mode coverage: of toys whose modes are known, and of classes."""

from typing import NamedTuple

import numpy as np
from scipy.special import rel_entr

from keras_gen import seeds
from keras_gen.accepted import accepted, at_least
from keras_gen.errors import InputError
from keras_gen.metrics import checks

# A sample within three standard deviations of its mode has high quality.
_NEAR = 3


class Mixture(NamedTuple):
    """Equal Gaussians in the plane: centres, float64 (modes, 2), and their
    standard deviation in each direction."""

    centres: np.ndarray
    sigma: float

    def draw(self, n: int, seed: int = 0) -> np.ndarray:
        """n points, float64 (n, 2)."""
        at_least(1, n=n)
        rng = seeds.generator(seed)
        modes = rng.integers(len(self.centres), size=n)
        return self.centres[modes] + self.sigma * rng.normal(size=(n, 2))


@accepted
def ring(
    modes: int = 8, radius: float = 1.0, sigma: float = 0.01
) -> Mixture:
    """Gaussians on a circle; by default the ring of VEEGAN (Srivastava et
    al. 2017, https://arxiv.org/abs/1705.07761) and PacGAN (Lin et al. 2018,
    https://arxiv.org/abs/1712.04086). A `Mixture`."""
    at_least(1, modes=modes)
    angle = 2 * np.pi * np.arange(modes) / modes
    centres = radius * np.stack([np.cos(angle), np.sin(angle)], 1)
    return Mixture(centres, sigma)


@accepted
def grid(
    side: int = 5, spacing: float = 2.0, sigma: float = 0.05
) -> Mixture:
    """side x side Gaussians around 0; by default the 25 of VEEGAN and
    PacGAN. A `Mixture`."""
    at_least(1, side=side)
    line = spacing * (np.arange(side) - (side - 1) / 2)
    centres = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    return Mixture(centres, sigma)


class ModeCoverage(NamedTuple):
    """What `mode_coverage` found.

    Attributes:
        found: modes with at least one sample of high quality, a sample
            within three standard deviations of the mode.
        modes: how many there are.
        high_quality: the share of such samples; 1 - exp(-4.5) = 0.989 of
            the mixture itself.
        kl: KL(samples || mixture) of the histogram over nearest modes, in
            nats; log(modes) for one mode only.
        expected_kl: of `kl`, for as many points of the mixture itself.
    """

    found: int
    modes: int
    high_quality: float
    kl: float
    expected_kl: float


@accepted
def mode_coverage(points: np.ndarray, mixture: Mixture) -> ModeCoverage:
    """How many modes of a mixture its samples cover, and how well, by the
    measures of VEEGAN and PacGAN.

    Args:
        points: float (n, 2); the papers take 2,500.
        mixture: `ring()`, `grid()` or another `Mixture`.

    Returns:
        ModeCoverage.

    Raises:
        InputError: not points in the plane.
    """
    points = checks.features(points, "points")
    checks.same_width(points.shape[1], 2, ("the points", "the mixture's"))
    away = points[:, None] - mixture.centres
    distance = np.sqrt((away ** 2).sum(-1))
    mode = distance.argmin(1)
    good = distance.min(1) <= _NEAR * mixture.sigma
    modes = len(mixture.centres)
    histogram = np.bincount(mode, minlength=modes) / len(points)
    return ModeCoverage(
        len(np.unique(mode[good])), modes, float(good.mean()),
        *_divergence(histogram, np.full(modes, 1 / modes), len(points)),
    )


class ClassCoverage(NamedTuple):
    """What `class_coverage` found.

    Attributes:
        found: classes that occur.
        classes: how many there are.
        smallest: the share of the rarest class over its share in the
            reference; 0 where one is missing, 1 where all are right.
        kl: KL(samples || reference) of the class histograms, in nats.
        expected_kl: of `kl`, for as many labels drawn from the reference.
        total_variation: half of the sum of absolute differences of the
            histograms, 0 to 1.
        expected_total_variation: of as many labels from the reference.
    """

    found: int
    classes: int
    smallest: float
    kl: float
    expected_kl: float
    total_variation: float
    expected_total_variation: float


@accepted
def class_coverage(
    labels: np.ndarray, classes: int | None = None,
    reference: np.ndarray | None = None,
) -> ClassCoverage:
    """How well samples cover classes, from the classes a classifier sees.

    A difference to the reference means something where it is well above
    what drawing as many labels at random would show, which is stated.

    Args:
        labels: int (n,), 0 ... classes - 1.
        classes: number of classes, all equally frequent in the reference;
            or else give
        reference: float (classes,), the shares of the classes among real
            pictures, all above 0 and of sum 1.

    Returns:
        ClassCoverage.

    Raises:
        InputError: labels out of range, or shares that are none.
    """
    reference = _reference(classes, reference)
    labels = checks.labels(labels, len(reference))
    n = len(labels)
    share = np.bincount(labels, minlength=len(reference)) / n
    kl, expected_kl = _divergence(share, reference, n)
    # The mean absolute deviation of a binomial number (de Moivre 1730).
    middle = np.floor(n * reference) + 1
    # Long to import: see `memorisation`.
    from scipy import stats

    deviation = 2 * middle * (1 - reference) * stats.binom.pmf(
        middle, n, reference
    )
    return ClassCoverage(
        int((share > 0).sum()), len(share), float((share / reference).min()),
        kl, expected_kl,
        float(np.abs(share - reference).sum() / 2),
        float(deviation.sum() / (2 * n)),
    )


def _reference(classes, reference):
    if (classes is None) == (reference is None):
        raise InputError(
            "class_coverage takes classes or reference: the number of "
            "equally frequent classes, or the share of each"
        )
    if reference is None:
        at_least(1, classes=classes)
        return np.full(classes, 1 / classes)
    reference = np.asarray(reference, np.float64)
    if (
        reference.ndim != 1 or not (reference > 0).all()
        or abs(reference.sum() - 1) > 1e-6
    ):
        raise InputError(
            "reference must be shares of classes, each above 0 and of sum 1: "
            "divide the counts by their sum and leave missing classes out"
        )
    return reference


def _divergence(histogram, reference, n):
    """KL(histogram || reference), and what n draws show by chance alone,
    by the chi-squared law that 2 n KL approaches (Wilks 1938)."""
    kl = rel_entr(histogram, reference).sum()
    return float(kl), (len(reference) - 1) / (2 * n)
