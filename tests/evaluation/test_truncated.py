"""Truncated latents: what is measured, and what follows from it."""

import shutil

import keras
import numpy as np
import pytest

import recipes
from evaluation.typed import Recipe
from keras_gen import cli, evaluation, zoo
from keras_gen.errors import InputError
from keras_gen.evaluation.protocols import truncation as protocol
from keras_gen.networks import points
from keras_gen.objectives.gan import GAN
from keras_gen.zoo import results, truncation

_LATENT = 256


def gan(generator):
    """A GAN of points with this generator, whose weights are known."""
    return GAN(generator, points.discriminator(width=4), makes="points")


def scaled(factor):
    """Points (n, 2), normal and that wide, without any bias: latents of half
    the width make points of half the width."""
    latent = keras.Input((_LATENT,), name="latent")
    network = keras.Model(latent, keras.layers.Dense(
        2, use_bias=False, name="points"
    )(latent))
    network.layers[-1].set_weights([factor * _halves()])
    return gan(network)


def normalized():
    """Points (n, 2), normal and as wide as the data, as long as latents are
    whole: batch normalization takes the mean off their squares, 1, and so
    puts the points of shorter latents far beyond the data."""
    latent = keras.Input((_LATENT,), name="latent")
    squares = keras.layers.Multiply()([latent, latent])
    normal = keras.layers.BatchNormalization(
        center=False, scale=False, epsilon=1e-6
    )
    network = keras.Model(latent, keras.layers.Dense(
        2, use_bias=False, name="points"
    )(normal(squares)))
    normal.set_weights([np.ones(_LATENT), np.full(_LATENT, 2.0)])
    network.layers[-1].set_weights([_halves()])
    return gan(network)


def _halves():
    """The sum of each half of the latents, of variance 1."""
    columns = np.arange(_LATENT)[:, None] // (_LATENT // 2) == np.arange(2)
    return columns.astype("float32") / (_LATENT / 2) ** 0.5


@pytest.fixture(scope="module")
def normal(tmp_path_factory):
    """A recipe of standard normal points."""
    file = tmp_path_factory.mktemp("data") / "normal.npz"
    train, test = np.random.default_rng(0).normal(size=(2, 600, 2))
    np.savez(file, x_train=train, x_test=test)
    return Recipe(source=str(file), kind="points")


def measured(model, recipe):
    """`[[results]]` of the truncation metrics."""
    found = evaluation.evaluate(model, recipe, metrics=["truncation"])
    return results.grouped(r.as_dict() for r in found)


@pytest.fixture(scope="module")
def bearing(normal):
    """What was measured of `scaled(1.6)`."""
    return measured(scaled(1.6), normal)


def test_a_model_that_bears_it_and_one_whose_statistics_are_of_whole_latents(
    normal, bearing
):
    groups = bearing
    assert len(groups) == 1 and groups[0]["n_fake"] == 600
    precision, recall = (groups[0][m] for m in truncation.METRICS[:2])
    assert list(precision) == ["model", *protocol.BASELINES]
    # Wider than the data; at 0.7 two thirds as wide.
    assert precision["model"][0] + 0.1 < precision["truncation 0.7"][0]
    assert recall["model"][0] > recall["truncation 0.7"][0] + 0.1
    share = precision["model"][0]
    assert precision["model"][1] == pytest.approx(
        (share * (1 - share) / 600) ** 0.5, rel=1e-4
    )
    limit = truncation.limit(groups)
    assert limit == {
        "least": 0.5, "says": "takes truncations from 0.5 up: nothing below "
        "was measured",
    }

    broken = measured(normalized(), normal)
    precision = broken[0][truncation.PRECISION]
    assert precision["model"][0] > 0.85
    assert precision["truncation 1"][0] < 0.3
    limit = truncation.limit(broken)
    assert limit["least"] == 10
    assert "bears no truncation: down to " in limit["says"]


def test_what_was_measured_before_does_not_keep_from_measuring_again(
    normal, bearing
):
    model = scaled(1.6)
    model.truncation_limit = {"least": 10.0, "says": "bears no truncation"}
    assert measured(model, normal) == bearing
    assert model.truncation_limit["least"] == 10


def test_a_run_keeps_its_best_step_by_one_metric(normal):
    with pytest.raises(InputError, match="one of truncated_precision, "):
        evaluation.watch(scaled(1), normal, "truncation", 100)
    assert evaluation.watch(
        scaled(1), normal, "truncated_precision", 100
    )() > 0.5


def groups(precision, recall, density, error=0.01):
    """`[[results]]` of values at whole latents and at 2, 1.5, ..."""
    names = ["model", *protocol.BASELINES]
    curves = zip(truncation.METRICS, (precision, recall, density))
    return [{"n_fake": 2000} | {
        metric: {
            name: [value, error] for name, value in zip(names, curve)
        } for metric, curve in curves
    }]


FALLING = [0.8, 0.7, 0.6, 0.4, 0.3, 0.2]


RISING = [0.5, 0.6, 0.7, 0.8, 0.9, 0.9]


@pytest.mark.parametrize("precision, recall, density, least", [
    # To the last that was measured, and to the last before it falls.
    (RISING, FALLING, RISING, 0.5),
    ([0.5, 0.51, 0.6, 0.6, 0.4, 0.9], FALLING, RISING, 1),
    ([0.5, 0.49, 0.6, 0.57, 0.56, 0.55], FALLING, RISING, 1.5),
    # Within the noise is neither: 0.02 is, with two errors of 0.01.
    ([0.5, 0.52, 0.52, 0.51, 0.48, 0.5], FALLING, RISING, 10),
    ([0.5, 0.45, 0.6, 0.7, 0.7, 0.7], FALLING, RISING, 10),
    # Recall has to fall, and not to rise on the way.
    (RISING, [0.8] * 6, RISING, 10),
    (RISING, [0.8, 0.7, 0.75, *FALLING[3:]], RISING, 2),
    # A blur that lies in somebody's wide ball, and one in everybody's.
    (RISING, FALLING, [0.5, 0.6, 0.6, 0.55, 0.3, 0.1], 1.5),
    ([0.5, 0.51, 0.49, 0.5, 0.51, 0.6], FALLING,
     [0.5, 0.5, 0.49, 0.45, 0.48, 0.6], 10),
])
def test_the_least_truncation(precision, recall, density, least):
    found = truncation.limit(groups(precision, recall, density))
    assert found["least"] == least


def test_the_reason_is_the_first_fall_of_precision():
    found = truncation.limit(
        groups([0.5, 0.49, 0.48, 0.46, 0.3, 0.1], FALLING, FALLING)
    )
    assert found["says"] == (
        "bears no truncation: down to 1 precision goes from 0.5 to 0.46, "
        "density from 0.8 to 0.4, recall from 0.8 to 0.4"
    )
    found = truncation.limit(groups(
        [0.5, 0.6, 0.6, 0.6, 0.6, 0.61], FALLING, [*[0.5] * 3, 0.3, 0.2, 0.6]
    ))
    assert found["says"].startswith(
        "takes truncations from 1.5 up: down to 0.7 precision goes from 0.6 "
        "to 0.6, density from 0.5 to 0.2"
    )


@pytest.mark.parametrize("nothing", [[], [{"n_fake": 9, "l1": {"model": 2.0}}]])
def test_without_a_measurement_nothing_is_known(nothing):
    assert truncation.limit(nothing) is None


MEASURED = [
    name for name in recipes.PUBLISHED
    if "truncation" in zoo.recipe(name).code(
        "objective", recipes.objective(name)
    ).protocols
]


@pytest.mark.parametrize("name", recipes.each(MEASURED))
def test_every_published_model_with_latents_is_measured(name):
    """And does, where it takes truncations, what they are for."""
    groups = zoo.recipe(name)["results"]
    curves = {m: truncation._curve(groups, m) for m in truncation.METRICS}
    for curve in curves.values():
        assert sorted(curve) == sorted([10, *protocol.BOUNDS])
    least = truncation.limit(groups)["least"]
    precision, recall = (
        curves[m] for m in (truncation.PRECISION, truncation.RECALL)
    )
    for bound in protocol.BOUNDS:
        if bound >= least:
            noise = 3 * precision[bound][1]
            assert precision[bound][0] > precision[10][0] - noise
            assert recall[bound][0] < recall[10][0] + noise
    if least < 10:
        assert precision[least] > precision[10] and recall[least] < recall[10]


@pytest.mark.parametrize("name", recipes.each(MEASURED))
def test_what_is_served_refuses_the_same(name):
    """The text stands in the published graph."""
    limit = truncation.limit(zoo.recipe(name)["results"])
    file = zoo.home() / "saved_models" / name / "1" / "saved_model.pb"
    text = f"truncation must be at least {limit['least']:g}: the model "
    assert text.encode() in file.read_bytes()


def test_some_models_take_truncations_and_some_do_not():
    """Else one of the two would not have been seen."""
    least = {
        truncation.limit(zoo.recipe(name)["results"])["least"]
        for name in MEASURED
    }
    assert 10 in least and min(least) < 10


def test_zoo_load_knows_it_and_a_model_of_ones_own_does_not():
    recipe = zoo.recipe("gan_shapes")
    limit = truncation.limit(recipe["results"])
    model = zoo.load("gan_shapes")
    assert dict(model.truncation_limit) == limit
    least = limit["least"]
    plain = model.generate(2, seed=0)
    np.testing.assert_array_equal(
        model.generate(2, seed=0, truncation=[10, np.inf]), plain
    )
    with pytest.raises(InputError, match="_shapes .*precision.*; got 0.01: "):
        model.generate(2, truncation=[least, 0.01])
    own = recipe.build()
    assert own.truncation_limit is None
    assert own.generate(2, truncation=0.01).shape == plain.shape


def test_recording_some_metrics_leaves_the_others(tmp_path, monkeypatch):
    name = "gan_ring"
    before = zoo.recipe(name)
    (tmp_path / "zoo").mkdir()
    for file in (zoo.home() / "zoo").glob(f"{name}.*toml"):
        shutil.copy(file, tmp_path / "zoo")
    weights = zoo.home() / "saved_models" / name
    shutil.copytree(weights, tmp_path / "saved_models" / name)
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    cli.main(["evaluate", name, "--metrics=modes", "--n=64", "--record"])
    after = zoo.recipe(name)
    old, new = (results.flat(r["results"]) for r in (before, after))
    assert [r for r in new if r["metric"] != "modes"] == [
        r for r in old if r["metric"] != "modes"
    ]
    assert {
        r["n_fake"] for r in new if r["metric"] == "modes" and not r.get("over")
    } == {64}
    measured = before["card"]["measured"]
    later = after["card"]["measured"]["later"]
    earlier = [measured["later"]] if "later" in measured else []
    assert later.startswith("; ".join(
        [*earlier, "keras-gen evaluate gan_ring --metrics=modes --n=64 on 2"]
    ))
    assert after["card"]["measured"]["command"] == measured["command"]
