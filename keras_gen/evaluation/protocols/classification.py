"""Protocol of what tells classes, a classifier or the class head of a
discriminator: right labels on test items."""

import numpy as np

from keras_gen.evaluation.evaluation import Metric, Subject

HEADLINE = ("accuracy",)
BASELINES = ("majority",)


def subjects(evaluation):
    """Items of the test, told by the model, and by what is most frequent in
    training whatever the item shows."""
    e = evaluation

    def of(name):
        test = e.unseen
        items = test[e.value.column]
        return lambda: [Subject(name, items, labels=test["label"])]

    return {"model": of("model"), "majority": of("majority")}


def _accuracy(e, subject):
    if subject.name == "model":
        right = e.objective.accuracy(subject.pictures, subject.labels)
    else:
        right = _majority(e.training["label"], subject.labels)
    if subject.labels.ndim > 1:
        return {"accuracy": right}
    return {"accuracy": (right, np.sqrt(right * (1 - right) / len(subject)))}


def _majority(training, labels):
    """Accuracy of the most frequent class, or of each attribute's most
    frequent value."""
    guess = (
        np.bincount(training).argmax() if training.ndim == 1
        else training.mean(0) > 0.5
    )
    return float((labels == guess).mean())


METRICS = (
    Metric(
        ("accuracy",), _accuracy,
        protocol="share of labels, of all attributes alike",
    ),
)
