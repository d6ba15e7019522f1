"""Points, videos and voxels, measured and watched by what is known of them."""

import numpy as np
import pytest

from evaluation.typed import Model, Recipe
from keras_gen import evaluation
from keras_gen.abilities import DrawsLatents
from keras_gen.data.sources import solids
from keras_gen.data.sources.points import MIXTURES
from keras_gen.errors import InputError
from keras_gen.evaluation import spaces, tables
from keras_gen.metrics import diversity
from keras_gen.training import reports
from keras_gen.training.monitors import SampleMonitors

RING, GRID = (Recipe(source=s, kind="points") for s in ("ring", "grid"))
SOLIDS = Recipe(source="solids", kind="voxels", size=8)
VIDEOS = Recipe(source="moving_shapes", kind="videos", size=16, frames=4)


def by_subject(records, metric):
    return {r.subject: r.value for r in records if r.metric == metric}


def points(recipe, modes, n=1000):
    """Points of these modes alone, as many of each."""
    mixture = MIXTURES[recipe["data"]["source"]]
    away = np.random.default_rng(5).normal(size=(n, 2))
    centres = mixture.centres[np.resize(modes, n)]
    return Model(
        (centres + mixture.sigma * away).astype("float32"), "points",
        DrawsLatents,
    )


def test_points_are_told_by_their_modes():
    found = evaluation.evaluate(points(RING, range(8)), RING, n=1000)
    modes, good, kl = (
        by_subject(found, m) for m in ("modes", "high_quality", "mode_kl")
    )
    inside = 1 - np.exp(-4.5)
    assert modes["model"] == modes["training data"] == 8
    assert good["model"] == pytest.approx(inside, abs=0.012)
    assert good["training data"] == pytest.approx(inside, abs=0.012)
    assert kl["model"] == pytest.approx(0, abs=1e-9)
    # One Gaussian over the ring: the share of its mass in eight small discs.
    # It has the variance r^2 / 2 and so the density exp(-1) / (pi r^2) there.
    mass = 8 * np.pi * 0.06**2 * np.exp(-1) / (np.pi * 2**2)
    assert good["single Gaussian"] == pytest.approx(mass, abs=0.01)
    assert good["Gaussian mixture"] > 0.8
    frechet = by_subject(found, "frechet_distance")
    # It has the ring's mean and covariance, which is all that this distance
    # sees.
    assert frechet["single Gaussian"] < 0.05
    assert by_subject(found, "coverage")["single Gaussian"] < 0.3
    assert by_subject(found, "coverage")["model"] > 0.9
    names = {r.features for r in found if r.metric == "frechet_distance"}
    assert names == {"coordinates"}
    assert "mode_kl" in tables.text(found)


@pytest.mark.parametrize("recipe, modes", [(RING, [3]), (GRID, range(5))])
def test_lost_modes_show(recipe, modes):
    found = evaluation.evaluate(
        points(recipe, modes), recipe, n=1000,
        metrics=["modes", "mode_kl", "coverage"],
    )
    count = len(MIXTURES[recipe["data"]["source"]].centres)
    assert by_subject(found, "modes")["model"] == len(modes)
    assert by_subject(found, "mode_kl")["model"] == pytest.approx(
        np.log(count / len(modes))
    )
    share = len(modes) / count
    assert by_subject(found, "coverage")["model"] < 1.5 * share


@pytest.mark.slow
@pytest.mark.parametrize("recipe, made", [
    (SOLIDS, "voxels"), (VIDEOS, "video"),
])
def test_solids_and_videos_have_floor_and_ceiling(recipe, made):
    """New items of the same kind are as good as the floor, and a lost class
    shows; the baselines are worse than either."""
    rows = np.arange(6000, 6600)
    items = recipe.items("train", rows)
    label = recipe.dataset("train").truth.classify(items)
    whole, without = (
        evaluation.evaluate(Model(some, made, DrawsLatents), recipe, n=500)
        for some in (items, items[label != 2])
    )
    assert {r.metric for r in whole} == {
        "frechet_distance", "kernel_distance", "precision", "recall",
        "density", "coverage", "smallest_class", "class_kl", "diversity",
        "near_copies",
    }
    classes = by_subject(whole, "smallest_class")
    assert classes["model"] > 0.8 and classes["training data"] > 0.8
    assert by_subject(without, "smallest_class")["model"] == 0
    kl = by_subject(without, "class_kl")["model"]
    assert kl == pytest.approx(np.log(6 / 5), abs=0.06)
    for metric in ("frechet_distance", "kernel_distance"):
        found = by_subject(whole, metric)
        ceiling = min(found["Gaussian mixture"], found["kernel density"])
        assert max(found["model"], found["training data"]) < 0.7 * ceiling
        assert by_subject(without, metric)["model"] > 1.5 * found["model"]
    for metric in ("frechet_distance", "kernel_distance"):
        assert {r.features for r in whole if r.metric == metric} == {"pca"}
    title, = {
        tables.title(r) for r in whole if r.metric == "frechet_distance"
    }
    assert title == "frechet_distance[pca]"
    # They are among the training items.
    assert by_subject(whole, "near_copies")["model"] == 1
    test = recipe.items("test", np.arange(500, 1000))
    fresh = evaluation.evaluate(
        Model(test, made), recipe, n=500, metrics=["near_copies"]
    )
    assert by_subject(fresh, "near_copies")["model"] < 0.04


def test_principal_components_keep_distances():
    """All of them: the distances of pixels, in one unit."""
    rng = np.random.default_rng(0)
    items = rng.integers(0, 256, (40, 6, 2, 1)).astype("uint8")
    space = spaces.PrincipalComponents(items)
    assert space.dim == 12 and space(items).probabilities is None
    found = space(items).features.astype("float64")
    assert np.square(found).mean() == pytest.approx(1, rel=1e-5)
    ratio = np.sqrt(items.reshape(40, -1).var(0).mean())
    assert diversity(items).value == pytest.approx(
        ratio * diversity(found).value, rel=1e-5
    )
    assert space.identity == spaces.PrincipalComponents(items).identity
    other = spaces.PrincipalComponents(items[::-1][:39])
    assert other.identity != space.identity
    with pytest.raises(InputError, match="at least 2"):
        spaces.PrincipalComponents(items[:1])


def test_what_does_not_apply_is_refused_in_a_line():
    model = points(RING, range(8))
    with pytest.raises(InputError, match="inception_score cannot be told"):
        evaluation.evaluate(model, RING, n=50, metrics=["inception_score"])
    pictures = np.zeros((4, 8, 8, 3), "uint8")
    with pytest.raises(InputError, match="modes cannot be told"):
        evaluation.compare(
            pictures, pictures, features=None, metrics=["modes"]
        )
    with pytest.raises(InputError, match="give training"):
        evaluation.compare(pictures, pictures, features="pca")


# -- monitors ----------------------------------------------------------------


class Training(Recipe):
    """A recipe that is trained."""

    def __init__(self, **table):
        super().__init__(**table)
        self.values["train"] = {"seed": 3}


@pytest.mark.parametrize("modes", [[2], range(8)])
def test_points_are_watched_by_their_modes(modes):
    recipe = Training(source="ring", kind="points")
    monitors = reports.monitors_of(
        recipe, points(recipe, modes), recipe.dataset()
    )
    values = monitors.measure()
    assert [*values] == monitors.names == [
        "pairwise_distance", "modes", "high_quality"
    ]
    assert values["modes"] == len(modes)
    assert values["high_quality"] > 0.95
    assert monitors.collapsed(values) == (len(modes) == 1)


def test_solids_are_watched_by_their_classes():
    recipe = Training(**SOLIDS["data"])
    items = recipe.items("train", np.arange(60))
    found = solids.classify(items)
    model = Model(items[found < 3], "voxels", DrawsLatents)
    monitors = reports.monitors_of(recipe, model, recipe.dataset())
    values = monitors.measure()
    shares = [values[f"share_{name}"] for name in solids.CLASSES]
    assert sum(shares) == pytest.approx(1) and shares[3:] == [0, 0, 0]
    assert monitors.real > 20 and not monitors.collapsed(values)


def test_a_model_that_draws_no_latents_is_not_told_by_classes():
    recipe = Training(**SOLIDS["data"])
    model = Model(recipe.items("train", np.arange(40)), "voxels")
    monitors = reports.monitors_of(recipe, model, recipe.dataset())
    assert monitors.names == ["pairwise_distance"]


def test_what_has_no_distance_is_watched_without():
    """Words: their numbers say nothing."""
    words = np.arange(40).reshape(10, 4).astype("int32")
    model = Model(words, "tokens", DrawsLatents)
    monitors = SampleMonitors(
        model, {model.made.column: words}, 0, metrics={"one": lambda: 1}
    )
    assert monitors.measure() == {"one": 1.0}
    assert not monitors.collapsed({"one": 1.0})
