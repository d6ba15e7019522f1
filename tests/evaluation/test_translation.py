"""Translators whose input and target differ in size and colour."""

import numpy as np
import pytest
from PIL import Image

from evaluation.typed import Model, Recipe
from keras_gen import evaluation
from keras_gen.abilities import Translates
from keras_gen.evaluation.evaluation import Subject
from keras_gen.evaluation.protocols import translation
from keras_gen.metrics import baselines, l1

FLOORS = set(translation.BASELINES)


class Translator(Model):
    """Makes of pictures what a function says."""

    protocols = ("translation",)
    translators = {"target": "generator"}

    def __init__(self, function):
        super().__init__(None, "picture", Translates)
        self.function = function

    def translate(self, pictures, to=None, seed=0):
        return self.function(pictures)


def shapes(made):
    return Recipe(source="shapes", kind="pairs", size=32, input=made)


def by_subject(records, metric):
    return {r.subject: r.value for r in records if r.metric == metric}


def test_enlargement_is_measured_beside_what_anyone_has():
    """The model here repeats pixels: it is what "unchanged" is."""
    recipe = shapes("quarter")
    model = Translator(lambda x: x.repeat(4, 1).repeat(4, 2))
    found = evaluation.evaluate(model, recipe, n=60)
    for metric in ("l1", "psnr", "ssim", "sharpness"):
        values = by_subject(found, metric)
        assert set(values) == FLOORS | {"model", "bicubic"}
        assert values["model"] == values["unchanged"]
    errors = by_subject(found, "l1")
    assert errors["ridge regression"] < errors["unchanged"]
    assert errors["bicubic"] < errors["unchanged"] < errors["mean picture"]
    ratio = by_subject(found, "psnr")
    assert ratio["bicubic"] > ratio["unchanged"]
    # Means over four pixels tell all that repeated ones show.
    for period in (2, 4):
        grids = by_subject(found, f"grid_power_{period}")
        assert grids["unchanged"] < 1e-9 and 0 < grids["bicubic"] < 0.5
        assert grids["wrong pairing"] == pytest.approx(1)
    # By Pillow itself, on the test items of the record.
    rows = np.sort(np.random.default_rng(0).permutation(2048)[:60])
    given = recipe.dataset("test").take(rows)
    made = np.stack([
        np.array(Image.fromarray(x).resize((32, 32), Image.BICUBIC))
        for x in given["input"]
    ])
    assert errors["bicubic"] == pytest.approx(l1(made, given["target"]))


def test_colours_are_made_of_grey():
    recipe = shapes("grey")
    model = Translator(lambda x: np.repeat(x, 3, 3))
    found = evaluation.evaluate(model, recipe, n=40)
    errors = by_subject(found, "l1")
    assert set(errors) == FLOORS | {"model"}
    assert errors["model"] == errors["unchanged"] > 0
    assert by_subject(found, "sharpness")["unchanged"] == pytest.approx(
        1, abs=0.01
    )


def test_a_truth_without_any_grid_has_the_power_of_rounding():
    flat = np.full((2, 16, 16, 1), 100, "uint8")
    board = flat + np.uint8(np.indices((16, 16)).sum(0) % 2 * 2)[..., None]
    none = dict.fromkeys(("grid_power_2", "grid_power_4"), 0)
    for pictures, expected in (
        (flat, none),
        (board, {**none, "grid_power_2": 1 / translation.ROUNDING}),
    ):
        subject = Subject("x", pictures, truth=flat)
        found = translation._grid_power(None, subject)
        assert found == pytest.approx(expected, abs=1e-9)


def test_resized_and_recoloured():
    picture = np.arange(12, dtype="uint8").reshape(1, 2, 2, 3)
    doubled = baselines.resized(picture, 4, 4, "nearest")
    np.testing.assert_array_equal(doubled, picture.repeat(2, 1).repeat(2, 2))
    assert baselines.resized(picture, 2, 2) is picture
    grey = baselines.with_channels(picture, 1)
    np.testing.assert_array_equal(
        grey[..., 0], np.rint(picture @ [0.299, 0.587, 0.114])
    )
    again = baselines.with_channels(grey, 3)
    assert again.shape == picture.shape
    np.testing.assert_array_equal(again[..., 1:2], grey)


def test_a_picture_moved_by_two_pixels_is_displaced_by_two():
    recipe = shapes("grey")
    rolled = Translator(lambda x: np.roll(np.repeat(x, 3, 3), 2, 1))
    found = evaluation.evaluate(
        rolled, recipe, n=40, metrics=["displacement"]
    )
    pixels = by_subject(found, "displacement")
    assert set(pixels) == FLOORS | {"model"}
    assert pixels["model"] == 2 and pixels["unchanged"] == 0


class OneWay(Translator):
    """Is given unpaired a and b, and makes b of a."""

    translators = {"b": "generator"}


def test_one_way_without_pairs_is_measured_by_the_true_partners():
    """The built-in looks: the model here knows the night, but for some."""
    recipe = Recipe(source="shapes", kind="unpaired", size=32)
    a, b = recipe.dataset("test").partners(50)
    night = {x.tobytes(): y for x, y in zip(a, b)}
    model = OneWay(lambda x: np.stack([night[p.tobytes()] for p in x]))
    found = evaluation.evaluate(
        model, recipe, n=50, metrics=["l1", "displacement"]
    )
    assert {r.task for r in found} == {"a to b"}
    errors = by_subject(found, "l1")
    assert errors["model"] == 0 < errors["unchanged"]
    assert by_subject(found, "displacement")["model"] == 0
