"""Protocol of models that make pictures of label maps: whether each pixel
shows what the map asks for."""

import functools

import numpy as np

from keras_gen.data import palettes
from keras_gen.evaluation.evaluation import Metric, Subject
from keras_gen.metrics import baselines
from keras_gen.metrics.segmentation import segmentation

# What a table shows all published translators must have, and not all are
# given labels.
HEADLINE = ()
BASELINES = ("real pictures", "wrong pairing", "majority class")


def subjects(evaluation):
    """What is read in translations of the test maps, by the model and those
    beside it; in the true pictures, which is what the reading itself leaves;
    and without a model: in pictures of other maps, and the class that the
    training maps have most of, everywhere. None where inputs are no label
    maps, or pictures do not tell by their colours what they show."""
    e = evaluation
    palette = palettes.of(e.recipe["data"])
    if palette is None or not palette.shades:
        return {}

    @functools.cache
    def asked():
        return palette.asked(e.watched(e.unseen["input"]))

    def translated(model):
        return palette.read(e.watched(model.translate(
            e.unseen["input"], seed=e.sample_seed
        )))

    def true():
        return e.watched(e.unseen["target"])

    def majority():
        given = palette.asked(e.watched(e.training["input"]))
        most = np.bincount(given.ravel()).argmax()
        return np.full_like(asked(), most)

    read = {
        name: functools.partial(translated, model)
        for name, model in {"model": e.objective, **e.beside}.items()
    } | {
        "real pictures": lambda: palette.read(true()),
        "wrong pairing": lambda: palette.read(
            baselines.wrong_pairing(true(), e.seed)
        ),
        "majority class": majority,
    }
    return {
        name: lambda name=name, make=make: [
            Subject(name, make(), labels=asked())
        ] for name, make in read.items()
    }


def _segmentation(e, subject):
    classes = len(palettes.of(e.recipe["data"]).colours)
    found = segmentation(subject.pictures, subject.labels, classes)
    return {name: getattr(found, name) for name in _NAMES}


_NAMES = ("pixel_accuracy", "class_accuracy", "class_iou")
METRICS = (
    Metric(_NAMES, _segmentation, protocol="labels read by nearest colour"),
)
