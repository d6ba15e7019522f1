"""What samples, or items of the validation, tell about a model while it
trains."""

import functools

from keras_gen.errors import InputError
from keras_gen.metrics.diversity import pairwise_distance

# Below this share of the training items' distance, samples look alike.
COLLAPSED = 0.2
# Samples for shares: a class of 2 % is seen with probability 0.99.
_COUNTED = 256


class Monitors:
    """Numbers about a model that are measured at every look at it.

    Args:
        objective: the model.
        batch: dict of arrays that it is not trained on, as the data set
            serves them.
        metrics: dict from a metric's name to a function without arguments
            that measures it, see `keras_gen.evaluation.watch`.

    Attributes:
        judge: what watches the judge of a game, see `by_heart.Watch`.
    """

    judge = None

    def __init__(self, objective, batch, metrics=None):
        self.objective, self.batch = objective, batch
        self.metrics = metrics or {}

    @property
    def names(self):
        """The names of the numbers."""
        return [*self.metrics]

    def measure(self):
        """Dict from name to float."""
        return {
            name: float(measure()) for name, measure in self.metrics.items()
        }

    def collapsed(self, values):
        """Whether the samples are much more alike than real items; never
        where there are none."""
        return False


class SampleMonitors(Monitors):
    """Numbers about what a model makes of a fixed batch and fixed latents.

    `pairwise_distance` of as many samples as the batch has, between those of
    equal label where there are labels and items have distances; and, where
    the truth of the data is known, what it tells of 256 samples: `share_...`
    of each class, or `modes` and `high_quality`.

    Args:
        objective, batch, metrics: as of `Monitors`.
        seed: of the latents.
        truth: of `keras_gen.data.truth`, or None.
        judge: of a game, a `by_heart.Watch`; None where nothing is held out.
    """

    def __init__(
        self, objective, batch, seed, truth=None, metrics=None, judge=None
    ):
        super().__init__(objective, batch, metrics)
        self.seed, self.truth, self.judge = seed, truth, judge

    @functools.cached_property
    def real(self):
        """The real items' distance, None where they have none. It is asked
        for by the first look, not before the first step: the model makes
        samples for it, which has to be traced."""
        _, real, groups = self.objective.monitored(self.batch, self.seed)
        try:
            return self._distance(real, groups)
        except InputError:
            return None

    def _distance(self, items, groups):
        return pairwise_distance(self.objective.made.watched(items), groups)

    @property
    def names(self):
        """The names of the numbers."""
        alike = [] if self.real is None else ["pairwise_distance"]
        known = self.truth.watches if self.truth else ()
        judged = self.judge.names if self.judge else ()
        return [*alike, *known, *judged, *super().names]

    def measure(self):
        """Dict from name to float."""
        found = {}
        if self.real is not None:
            made, _, groups = self.objective.monitored(self.batch, self.seed)
            found["pairwise_distance"] = self._distance(made, groups)
        if self.truth:
            found |= self.truth.watch(
                self.objective.generate(_COUNTED, seed=self.seed)
            )
        if self.judge:
            found |= self.judge.measure()
        found |= super().measure()
        return {name: float(found[name]) for name in self.names}

    def collapsed(self, values):
        """Whether the samples are much more alike than real items."""
        if self.real is None:
            return False
        return values["pairwise_distance"] < COLLAPSED * self.real


class LabelMonitors(Monitors):
    """`validation_accuracy` of a classifier: see `accuracy_on`.

    Args:
        objective, batch, metrics: as of `Monitors`.
        split: which the batch is of.
    """

    def __init__(self, objective, batch, metrics=None, split="validation"):
        super().__init__(objective, batch, metrics)
        self.name = f"{split}_accuracy"

    @property
    def names(self):
        """The names of the numbers."""
        return [self.name, *super().names]

    def measure(self):
        """Dict from name to float."""
        accuracy = self.objective.accuracy_on(self.batch)
        return {self.name: accuracy, **super().measure()}
