"""Pictures made of label maps: whether they show what was asked for."""

import numpy as np
import pytest

from evaluation.test_translation import Translator, by_subject
from evaluation.typed import Recipe
from keras_gen import evaluation
from keras_gen.data import palettes
from keras_gen.evaluation.protocols import segmentation

SHAPES = palettes.SHAPES
METRICS = ["pixel_accuracy", "class_accuracy", "class_iou"]


class Painter(Translator):
    protocols = ("segmentation",)


def recipe(**other):
    return Recipe(
        source="shapes", kind="pairs", direction="AtoB", size=32, **other
    )


def plain(maps):
    """Each label in a shade of its own, flat."""
    shades = np.stack([SHAPES.shades[i][3] for i in range(7)])
    return shades[SHAPES.asked(maps)].astype("uint8")


def measured(function, recipe=recipe(), **options):
    return evaluation.evaluate(
        Painter(function), recipe, n=60, metrics=METRICS, **options
    )


def test_floor_and_ceiling():
    found = measured(plain, beside={"grey": Painter(lambda x: x // 2 * 0)})
    for metric in METRICS:
        values = by_subject(found, metric)
        assert set(values) == {"model", "grey", *segmentation.BASELINES}
        assert values["model"] == 1 > values["real pictures"] > 0.7
        floors = values["wrong pairing"], values["majority class"]
        assert max(floors) < values["real pictures"] - 0.05
    # What a seventh part of the classes is all of.
    assert by_subject(found, "class_accuracy")["majority class"] == (
        pytest.approx(1 / 7)
    )
    assert by_subject(found, "pixel_accuracy")["real pictures"] > 0.95
    assert {r.protocol for r in found} == {"labels read by nearest colour"}


def test_classes_that_change_places_cost_what_they_cover():
    def exchanged(maps):
        ids = SHAPES.asked(maps)
        return plain(SHAPES.levels[np.array([0, 2, 1, 3, 4, 5, 6])[ids]])

    found = measured(exchanged)
    data = recipe().dataset("test")
    asked = SHAPES.asked(data.drawn(60, 0)["input"])
    share = np.isin(asked, (1, 2)).mean()
    assert by_subject(found, "pixel_accuracy")["model"] == pytest.approx(
        1 - share
    )
    for metric in METRICS[1:]:
        value = by_subject(found, metric)["model"]
        assert value == pytest.approx(5 / 7)


def test_pictures_that_are_no_label_maps_are_not_measured():
    from keras_gen.errors import InputError

    other = Recipe(source="shapes", kind="pairs", size=32, input="grey")
    with pytest.raises(InputError, match="cannot be told of this model"):
        measured(lambda x: np.repeat(x, 3, 3), other)


def test_a_reading_is_of_the_nearest_shade():
    shades = SHAPES.shades
    assert list(shades) == list(range(7))
    for number, colours in shades.items():
        pixels = np.rint(colours).astype("uint8")[None, None]
        assert (SHAPES.read(pixels) == number).all()
    assert not palettes.FACADES.shades
    levels = palettes.FACADES.levels
    np.testing.assert_array_equal(
        palettes.FACADES.asked(levels[None, None] ^ 3)[0, 0],
        np.arange(len(levels)),
    )
