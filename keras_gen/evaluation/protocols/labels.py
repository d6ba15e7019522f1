"""Protocol of models that make pictures of a class that is asked for."""

import numpy as np

from keras_gen import seeds
from keras_gen.errors import InputError
from keras_gen.evaluation.evaluation import Metric, Subject
from keras_gen.metrics.diversity import diversity
from keras_gen.metrics.frechet import frechet_distance
from keras_gen.metrics.labels import label_accuracy, within_class

HEADLINE = ("label_accuracy", "within_class_frechet_distance")
BASELINES = ("training data",)
_PAIRED = 2000


def subjects(evaluation):
    """Samples of every class in turn; and real pictures with their own
    labels, whose accuracy is the classifier's."""
    e = evaluation

    def model():
        label = e.objective.each_class(seeds.numbered(e.sample_seed, e.n))
        made = e.objective.generate(e.n, seed=e.sample_seed, label=label)
        return [Subject("model", e.watched(made), e.network, label)]

    def training():
        columns = e.training
        return [Subject(
            "training data", e.trained_on, e.network, columns["label"]
        )]

    return {"model": model, "training data": training}


def _accuracy(e, subject):
    if subject.probabilities is None:
        return {}
    found = label_accuracy(subject.probabilities, subject.labels)
    return {"label_accuracy": (found.value, found.standard_error)}


def _known_accuracy(e, subject):
    """By what is known of the data, where no network tells."""
    classes = e.objective.classes
    if (
        subject.probabilities is not None or e.truth is None
        or len(e.truth.names) != classes
    ):
        return {}
    found = label_accuracy(np.eye(classes)[e.told(subject)], subject.labels)
    return {"label_accuracy": (found.value, found.standard_error)}


def _within(e, subject):
    found = within_class(
        frechet_distance, subject.features, subject.labels,
        e.real.features, e.unseen["label"],
    )
    return {"within_class_frechet_distance": found.value}


def _diversity(e, subject):
    """What a label leaves open: a distance within classes grows where two
    latents make the same, and where both make something wrong."""
    found = diversity(
        subject.features[:_PAIRED], subject.labels[:_PAIRED],
        real=e.real.features[:_PAIRED],
        real_groups=e.unseen["label"][:_PAIRED],
    )
    if found.ratio is None:
        raise InputError("all real pictures of a class are alike: take others")
    return {"within_class_diversity": found.ratio}


METRICS = (
    Metric(("label_accuracy",), _accuracy, features=True),
    Metric(
        ("label_accuracy",), _known_accuracy,
        protocol="by how the data were made",
    ),
    Metric(
        ("within_class_frechet_distance",), _within, features=True,
        protocol="mean over classes",
    ),
    Metric(
        ("within_class_diversity",), _diversity, features=True,
        protocol=f"two of a class, of at most {_PAIRED:,}; over the test "
        "set's own",
    ),
)
