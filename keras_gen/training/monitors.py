"""What samples, or test pictures, tell about a model while it trains."""

import numpy as np

from keras_gen.metrics.diversity import pairwise_distance

# Below this share of the training pictures' distance, samples look alike.
COLLAPSED = 0.2
# Samples in a class histogram: a class of 2 % is seen with probability 0.99.
_COUNTED = 256


class SampleMonitors:
    """Numbers about the pictures that a model makes of a fixed test batch
    and fixed latents.

    `pairwise_distance` of as many samples as the batch has, between pictures
    of equal label where there are labels; and `share_<class>`, the class
    histogram of 256 samples, where a classifier is known.

    Args:
        objective: the model.
        batch: dict of arrays as the data set serves them.
        seed: of the latents.
        classify: uint8 pictures (n, ...) -> int (n,); or None.
        classes: the classifier's classes by name.
        metrics: dict from a metric's name to a function without arguments
            that measures it, see `keras_gen.evaluation.watch`.
    """

    def __init__(
        self, objective, batch, seed, classify=None, classes=(), metrics=None
    ):
        self.objective, self.batch, self.seed = objective, batch, seed
        self.classify, self.classes = classify, classes
        self.metrics = metrics or {}
        _, real, groups = objective.monitored(batch, seed)
        self.real = pairwise_distance(real, groups)

    @property
    def names(self):
        """The names of the numbers."""
        shares = [f"share_{c}" for c in self.classes if self.classify]
        return ["pairwise_distance", *shares, *self.metrics]

    def measure(self):
        """Dict from name to float."""
        fakes, _, groups = self.objective.monitored(self.batch, self.seed)
        values = [pairwise_distance(fakes, groups)]
        if self.classify:
            kinds = self.classify(
                self.objective.generate(_COUNTED, seed=self.seed)
            )
            counts = np.bincount(kinds, minlength=len(self.classes))
            values += list(counts / _COUNTED)
        values += [measure() for measure in self.metrics.values()]
        return dict(zip(self.names, map(float, values)))

    def collapsed(self, values):
        """Whether the samples are much more alike than real pictures."""
        return values["pairwise_distance"] < COLLAPSED * self.real


class LabelMonitors:
    """`test_accuracy` of a classifier: see `Classifier.accuracy`.

    Args:
        objective: the model.
        batch: dict of arrays with pictures and labels that it is not trained
            on.
    """

    names = ["test_accuracy"]

    def __init__(self, objective, batch):
        self.objective, self.batch = objective, batch

    def measure(self):
        """Dict from name to float."""
        accuracy = self.objective.accuracy(
            self.batch["image"], self.batch["label"]
        )
        return {"test_accuracy": accuracy}

    def collapsed(self, values):
        """Never: there are no samples that could be alike."""
        return False
