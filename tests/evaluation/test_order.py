"""Numbers depend on the items, not on the order of files, rows or labels."""

import functools

import numpy as np
import pytest
from PIL import Image

from evaluation.test_evaluation import Projection
from evaluation.typed import Model, Recipe
from keras_gen import evaluation, seeds, zoo
from keras_gen.abilities import TakesLabels, Translates

ROWS = 700


@functools.cache
def items(split):
    """(pictures uint8 (ROWS, 16, 16, 1), labels) of six shapes."""
    found = zoo.recipe("gan_shapes").override({
        "data.kind": "labelled"
    }).dataset(split).take(np.arange(ROWS))
    return found["image"], found["label"]


def mixed(number):
    """An order of the rows: as they are, sorted by label, or by chance."""
    return [
        np.arange(ROWS), np.argsort(items("train")[1], kind="stable"),
        np.random.default_rng(4).permutation(ROWS),
    ][number]


def as_arrays(folder, number):
    """Pictures and labels in an .npz, in one of the orders."""
    arrays = {}
    for split in ("train", "test"):
        x, y = (column[mixed(number)] for column in items(split))
        arrays |= {f"x_{split}": x[..., 0], f"y_{split}": y}
    np.savez(folder / f"{number}.npz", **arrays)
    return folder / f"{number}.npz"


class Labelled(Model):
    """Makes of each class that is asked for pictures of it."""

    protocols = ("samples", "labels")
    classes = 6

    def __init__(self):
        super().__init__(items("train")[0][::-1], "picture", TakesLabels)
        self.label = items("train")[1][::-1]

    def each_class(self, seeds):
        return seeds % self.classes

    def generate(self, n, seed=0, label=None):
        label = self.each_class(seeds.numbered(seed, n))
        rows = [np.flatnonzero(self.label == each) for each in label]
        return self.items[[
            some[(seed + i) % len(some)] for i, some in enumerate(rows)
        ]]


def measured(model, recipe, n, **more):
    found = evaluation.evaluate(model, recipe, n=n, **more)
    return {
        (r.metric, r.subject, r.task): r.value for r in found
    }


def assert_alike(first, second):
    assert first.keys() == second.keys()
    for key, value in first.items():
        assert value == pytest.approx(second[key], rel=1e-5, abs=1e-6), key


@pytest.mark.slow
@pytest.mark.parametrize("n", [250, 900])
def test_rows_of_arrays_may_stand_in_any_order(n, tmp_path):
    """With fewer samples than rows, too: some are chosen then."""
    first, *others = (
        measured(Labelled(), Recipe(
            source=as_arrays(tmp_path, number), kind="labelled", size=16,
            channels=1,
        ), n, features=Projection()) for number in range(3)
    )
    assert len(first) > 30
    for other in others:
        assert_alike(first, other)


def test_pairs_may_stand_in_any_order(tmp_path):
    class Noisy(Model):
        """Adds noise of each row's seed, as dropout does."""

        protocols = ("translation",)
        translators = {"target": "generator"}

        def translate(self, pictures, to=None, seed=0):
            noise = [
                np.random.default_rng(seed + i).integers(0, 9, x.shape)
                for i, x in enumerate(pictures)
            ]
            return (pictures // 2 + noise).astype("uint8")

    found = []
    for number in (0, 2):
        rows = mixed(number)
        arrays = {}
        for split in ("train", "test"):
            x = items(split)[0][rows, ..., 0]
            arrays |= {f"a_{split}": x, f"b_{split}": 255 - x}
        np.savez(tmp_path / f"{number}.npz", **arrays)
        recipe = Recipe(
            source=tmp_path / f"{number}.npz", kind="pairs", size=16,
            channels=1,
        )
        model = Noisy(None, "picture", Translates)
        found.append(measured(model, recipe, 100))
    assert_alike(*found)


def test_files_may_be_written_in_any_order(tmp_path):
    found = []
    for number in (0, 2):
        for split in ("train", "test"):
            (tmp_path / f"{number}" / split).mkdir(parents=True)
            for row in mixed(number):
                Image.fromarray(items(split)[0][row, ..., 0]).save(
                    tmp_path / f"{number}" / split / f"{row:03}.png"
                )
        recipe = Recipe(
            source=tmp_path / f"{number}", kind="images", size=16, channels=1
        )
        model = Model(items("train")[0], "picture")
        found.append(measured(model, recipe, 150, features=Projection()))
    assert_alike(*found)


def test_pictures_are_compared_in_any_order():
    train, test = (items(split)[0] for split in ("train", "test"))
    rows = mixed(2)
    first, second = ({
        (r.metric, r.subject): r.value for r in evaluation.compare(
            train[:300], test[order], features=Projection(),
            training=train[order], n=200,
        )
    } for order in (mixed(0), rows))
    assert_alike(first, second)


def test_a_name_has_its_own_seed():
    # Stored, so that a change of the hash is noticed.
    assert seeds.named(0, "a/b.png") == GOLDEN
    assert seeds.named(1, "a/b.png") == GOLDEN + 1
    assert seeds.named(0, "b.png") != GOLDEN
    many = {seeds.named(-7, f"{i}.png") for i in range(1000)}
    assert len(many) == 1000
    assert all(seed == seeds.signed(seed) for seed in many)


GOLDEN = 9125696127675622740
