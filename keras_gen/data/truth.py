"""What is known of data by how they were made: what a model's samples are
told by, in training and when it is measured."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from keras_gen.metrics.modes import Mixture


@dataclasses.dataclass(frozen=True)
class Classes:
    """Each item is of a class that can be seen without any learning.

    Attributes:
        names: of the classes.
        classify: items as the data set serves them -> int (n,), their
            classes.
    """

    names: tuple
    classify: Callable

    # The numbers of `coverage`.
    covers = ("smallest_class", "class_kl")

    @property
    def watches(self) -> tuple:
        """The names of the numbers of `watch`."""
        return tuple(f"share_{name}" for name in self.names)

    def watch(self, items: np.ndarray) -> dict:
        """The share of each class among samples, by name."""
        counts = np.bincount(self.classify(items), minlength=len(self.names))
        return dict(zip(self.watches, counts / len(items)))

    def coverage(self, items: np.ndarray, real: np.ndarray) -> dict:
        """How well samples cover the classes of real items: see
        `metrics.class_coverage`."""
        shares = np.bincount(
            self.classify(real), minlength=len(self.names)
        ) / len(real)
        if not shares.all():
            # Too few real items to tell.
            return {}
        # SciPy takes a while to import: only where something is measured.
        from keras_gen import metrics

        found = metrics.class_coverage(self.classify(items), reference=shares)
        return dict(zip(self.covers, (found.smallest, found.kl)))


@dataclasses.dataclass(frozen=True)
class Modes:
    """The items are points from a mixture of Gaussians.

    Attributes:
        mixture: as `metrics.mode_coverage` takes it.
    """

    mixture: "Mixture"

    # As of `Classes`.
    covers = ("modes", "high_quality", "mode_kl")
    watches = ("modes", "high_quality")

    @property
    def names(self) -> tuple:
        """The numbers of the modes, which are classes of their own."""
        return tuple(map(str, range(len(self.mixture.centres))))

    def watch(self, items: np.ndarray) -> dict:
        """How many modes samples find, and the share of them that are within
        three standard deviations of one."""
        found = self.coverage(items, items)
        return {name: found[name] for name in self.watches}

    def coverage(self, items: np.ndarray, real: np.ndarray) -> dict:
        """How well samples cover the modes: see `metrics.mode_coverage`."""
        from keras_gen import metrics

        found = metrics.mode_coverage(items, self.mixture)
        return dict(zip(
            self.covers, (found.found, found.high_quality, found.kl)
        ))

    def classify(self, items: np.ndarray) -> np.ndarray:
        """The nearest mode of each point, int (n,)."""
        away = items[:, None] - self.mixture.centres
        return np.square(away).sum(-1).argmin(1)
