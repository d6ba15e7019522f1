"""What a training chooses by is the validation; the test is read by
`evaluate` alone."""

import tomllib

import numpy as np
import pytest

from keras_gen import cli, data, evaluation, zoo
from keras_gen.data.sources import built_in
from keras_gen.errors import InputError
from keras_gen.training import reports, trainer


class Touched(Exception):
    """Somebody has read the test split."""


@pytest.fixture
def forbidden(monkeypatch):
    """A test split of built-in data that cannot be read."""
    load = built_in.BuiltIn.load

    def guarded(self, source, kind, split, arguments, seed):
        if split == "test":
            raise Touched
        return load(self, source, kind, split, arguments, seed)

    monkeypatch.setattr(built_in.BuiltIn, "load", guarded)


@pytest.mark.parametrize("name, best, mode", [
    pytest.param("gan_shapes", "diversity", "max", marks=pytest.mark.slow),
    ("classifier_shapes", "validation_accuracy", "max"),
    # 2,000 translations at each look.
    pytest.param("pix2pix_shapes", "l1", "min", marks=pytest.mark.slow),
])
def test_a_training_never_reads_the_test(
    name, best, mode, forbidden, tmp_path
):
    recipe = zoo.recipe(name).smoke().override({
        "train.best": best, "train.best_mode": mode,
    })
    assert trainer.run(recipe, tmp_path / "run")
    kept = tomllib.loads((tmp_path / "run/best/best.toml").read_text())
    assert kept["name"] == best and np.isfinite(kept["value"])
    with pytest.raises(Touched):
        evaluation.evaluate(recipe.build(), recipe, n=8)


def test_the_best_step_is_measured_on_the_validation(forbidden):
    recipe = zoo.recipe("gan_shapes")
    model = zoo.load("gan_shapes")
    measured = evaluation.watch(model, recipe, "diversity", 64)()
    found, = (
        r for r in evaluation.evaluate(
            model, recipe, metrics=["diversity"], n=64, split="validation"
        ) if r.subject == "model"
    )
    assert measured == found.value
    assert (found.real, found.split) == ("shapes validation", "validation")


def folder(tmp_path, classes=4, each=8):
    """Pictures in class folders, too few for a validation."""
    from PIL import Image

    rng = np.random.default_rng(0)
    for number in range(classes):
        (tmp_path / f"mine/{number}").mkdir(parents=True)
        for i in range(each):
            Image.fromarray(rng.integers(0, 256, (16, 16, 3), "uint8")).save(
                tmp_path / f"mine/{number}/{i}.png"
            )
    return tmp_path / "mine"


@pytest.mark.slow
def test_without_a_validation_no_step_is_the_best_by_a_metric(tmp_path):
    source = folder(tmp_path)
    recipe = zoo.recipe("gan_shapes").smoke().override({
        "data.source": str(source), "train.best": "diversity",
        "train.best_mode": "max",
    })
    with pytest.raises(InputError, match="has none: set data.validation"):
        trainer.run(recipe, tmp_path / "run")
    assert trainer.run(
        recipe.override({"data.validation": 0.4}), tmp_path / "run"
    )


def test_monitors_without_a_validation_say_that_they_see_the_training(
    tmp_path
):
    recipe = zoo.recipe("classifier_shapes").override({
        "data.source": str(folder(tmp_path)), "data.size": 16,
    })
    assert reports.validation_of(recipe) is None
    dataset = recipe.dataset()

    class Classifier:
        types = protocols = ()

        def can(self, ability):
            return True

    monitors = reports.monitors_of(recipe, Classifier(), dataset)
    assert monitors.names == ["train_accuracy"]
    # Of all classes, however they lie.
    assert set(monitors.batch["label"][:20]) == {0, 1, 2, 3}


def test_what_is_watched_is_of_all_classes_in_whatever_order():
    x = np.random.default_rng(0).integers(0, 256, (200, 8, 8, 1), np.uint8)
    y = np.repeat(np.arange(4, dtype="int32"), 50)
    rows = np.random.default_rng(1).permutation(200)
    first, second = (
        reports.drawn(data.Dataset({"image": x[o], "label": y[o]}), 32, 7)
        for o in (np.arange(200), rows)
    )
    assert set(first["label"][:20]) == {0, 1, 2, 3}
    for name in first:
        np.testing.assert_array_equal(first[name], second[name])
    few = reports.drawn(data.Dataset({"image": x[:5]}), 12, 0)["image"]
    np.testing.assert_array_equal(few[:2], few[10:])


def test_a_command_names_a_split(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    cli.main(["evaluate", "gan_shapes", "--metrics=diversity", "--n=32",
              "--split=validation"])
    assert "of shapes validation" in capsys.readouterr().out
    cli.main(["data", "shapes", "--kind=images", "--split=validation"])
    assert "data        2,048 pictures" in capsys.readouterr().out
