"""Protocol of models that translate pictures whose true partner is known."""

import functools

import numpy as np

from keras_gen.evaluation.evaluation import Metric, Subject
from keras_gen.evaluation.protocols.reconstruction import errors
from keras_gen.metrics import baselines, pairs
from keras_gen.metrics.colours import colour_recall, palette
from keras_gen.metrics.displacement import displacement
from keras_gen.metrics.frechet import frechet_distance
from keras_gen.metrics.kernel import kernel_distance
from keras_gen.metrics.ridge import ridge_regression
from keras_gen.values.picture import shown

HEADLINE = ("l1", "sharpness")
# Super-resolution has "bicubic", too.
BASELINES = (
    "mean picture", "nearest neighbour", "ridge regression", "wrong pairing",
    "unchanged",
)


def subjects(evaluation):
    """Translations of the test inputs, by the model and those beside it, and
    what can be had without one: the mean target, the target of the nearest
    training input, a ridge regression of each pixel, another test target,
    the input itself, its pixels repeated where it is smaller than the target;
    then it is enlarged bicubically, too."""
    e = evaluation

    def translated(model):
        return lambda task: e.watched(model.translate(
            task.given, to=task.to, seed=e.sample_seed
        ))

    models = {
        name: translated(model)
        for name, model in {"model": e.objective, **e.beside}.items()
    }
    names = models | {
        "mean picture": lambda task: baselines.mean_picture(
            task.train_targets, len(task.targets)
        ),
        "nearest neighbour": lambda task: baselines.nearest_neighbour(
            task.inputs, task.train_inputs, task.train_targets
        ),
        "ridge regression": lambda task: ridge_regression(
            task.inputs, task.train_inputs, task.train_targets
        ),
        "wrong pairing": lambda task: baselines.wrong_pairing(
            task.targets, e.seed
        ),
        "unchanged": lambda task: task.enlarged("nearest"),
        "bicubic": lambda task: task.enlarged("bicubic"),
    }

    # Read once, not for every subject.
    tasks = functools.cache(lambda: _tasks(e))

    def of(name):
        return lambda: [
            Subject(
                name, names[name](task), e.network, truth=task.targets,
                task=task.name, wanted=task.wanted,
            )
            for task in tasks() if name != "bicubic" or task.enlarges
        ]

    return {name: of(name) for name in names}


class Truth(Subject):
    """What all subjects of a task should have been."""

    @functools.cached_property
    def colours(self):
        """Those that it is drawn in, float (k, channels); None where it is
        not drawn in a few."""
        if self.pictures.shape[3] not in (1, 3):
            return None
        found = palette(self.pictures)
        return found.colours if found.drawn else None


class Task:
    """One direction of translation.

    Args:
        name: "a to b".
        to: the translator's key.
        test, train: each `(inputs, targets)`, as the data set serves them.
        network: a feature network, or None.
        watched: makes uint8 pictures of them, `Evaluation.watched`.

    Attributes:
        given: the test inputs as the model takes them.
    """

    def __init__(self, name, to, test, train, network, watched):
        self.name, self.to, self.given = name, to, test[0]
        self.inputs, self.targets = map(watched, test)
        self.train_inputs, self.train_targets = map(watched, train)
        self.wanted = Truth("truth", self.targets, network)

    @property
    def enlarges(self):
        """Whether inputs are smaller than their targets."""
        return self.inputs.shape[1] < self.targets.shape[1]

    def enlarged(self, how):
        """The inputs in the targets' size and colours; see
        `baselines.resized`."""
        _, height, width, channels = self.targets.shape
        return baselines.with_channels(
            baselines.resized(shown(self.inputs), height, width, how),
            channels,
        )


def _tasks(e):
    translators = e.objective.translators
    if "target" in translators:
        test, train = (
            (columns["input"], columns["target"])
            for columns in (e.unseen, e.training)
        )
        return [Task(None, "target", test, train, e.network, e.watched)]
    test, train = e.true_pairs(e.split), e.true_pairs("train")
    tasks = [
        Task("a to b", "b", test, train, e.network, e.watched),
        Task("b to a", "a", test[::-1], train[::-1], e.network, e.watched),
    ]
    return [task for task in tasks if task.to in translators]


def _sharpness(e, subject):
    return {"sharpness": (
        pairs.laplacian_variance(subject.pictures)
        / pairs.laplacian_variance(subject.truth)
    )}


def _displacement(e, subject):
    found = displacement(subject.pictures, subject.truth)
    return {"displacement": found.pixels}


def _colours(e, subject):
    """Nothing where the truth is not drawn in a few colours."""
    colours = subject.wanted.colours
    if colours is None:
        return {}
    recalls = colour_recall(subject.pictures, subject.truth, colours)
    return {"colour_recall": np.nanmean(recalls)}


def _frechet(e, subject):
    return {"frechet_distance": frechet_distance(
        subject.features, subject.wanted.features
    )}


def _kernel(e, subject):
    found = kernel_distance(
        subject.features, subject.wanted.features, seed=e.seed
    )
    return {"kernel_distance": tuple(found)}


METRICS = (
    Metric(
        pairs.PairErrors._fields, errors,
        protocol="grey levels 0 ... 255, psnr in dB, shares of pixels",
    ),
    Metric(
        ("sharpness",), _sharpness,
        protocol="variance of the Laplacian over the truth's",
    ),
    Metric(
        ("displacement",), _displacement,
        protocol="whole pixels, of all pictures together",
    ),
    Metric(
        ("colour_recall",), _colours,
        protocol="mean over the colours that the truth is drawn in",
    ),
    Metric(("frechet_distance",), _frechet, features=True),
    Metric(("kernel_distance",), _kernel, features=True),
)
