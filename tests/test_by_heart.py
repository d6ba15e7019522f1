"""Whether the judge has learnt its data by heart: the number, who is looked
at, and what is told."""

import csv

import keras
import numpy as np
import pytest

from check import assert_same, values
from keras_gen import plot, zoo
from keras_gen.augmentation import DiffAugment
from keras_gen.data import Dataset
from keras_gen.networks import mlp
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN
from keras_gen.training import by_heart, callbacks, reports
from keras_gen.training.callbacks.table import Table
from keras_gen.training.event_file import EventFile
from keras_gen.training.monitors import SampleMonitors
from objectives import tiny
from objectives.forms import mostly_slow

rng = np.random.default_rng(0)
SHAPE = (4, 4, 1)


def said(mean, n=256):
    return rng.normal(mean, 1.0, n)


@pytest.mark.parametrize("trained, others, made, expected", [
    # Others are like the data, half way, and like what is made.
    (4.0, 4.0, -4.0, 0.0), (4.0, 0.0, -4.0, 0.5), (4.0, -4.0, -4.0, 1.0),
    # Nothing learnt: all differences are chance.
    (0.0, 0.0, 0.0, 0.0),
    # The generator is better than the data; others are better.
    (0.0, -4.0, 4.0, 0.0), (0.0, 4.0, -4.0, 0.0),
])
def test_the_number_is_the_papers(trained, others, made, expected):
    found = by_heart.overfitting(said(trained), said(others), said(made, 512))
    assert found == pytest.approx(expected, abs=0.05)


def test_differences_by_chance_are_none():
    draws = [
        by_heart.overfitting(said(1.0), said(1.0), said(0.9, 512))
        for _ in range(200)
    ]
    # Three standard errors are 1 in 740.
    assert np.mean([x != 0 for x in draws]) < 0.02


def pictures(level, rows=100):
    noise = rng.integers(-20, 20, (rows, *SHAPE))
    return Dataset({"image": (level + noise).astype("uint8")})


def game(game=GAN, **options):
    """A judge of brightness; what is made is black."""
    latent, image = keras.Input((3,)), keras.Input(SHAPE, name="image")
    dark = keras.layers.Dense(
        16, kernel_initializer="zeros",
        bias_initializer=keras.initializers.Constant(-1.0),
    )
    maker = keras.Model(latent, keras.layers.Reshape(SHAPE)(dark(latent)))
    mean = keras.layers.Flatten()(image)
    mean = keras.layers.Dense(
        1, kernel_initializer=keras.initializers.Constant(1 / 16)
    )(mean)
    model = game(maker, keras.Model(image, mean), seed=3, **options)
    model.compile({p: tiny.adam() for p in model.players}, run_eagerly=True)
    return model


@pytest.mark.parametrize("held_out, expected, sign", [
    (230, 0.0, 1.0), (127, 0.5, None), (20, 0.93, -1.0),
])
def test_the_watch_sees_what_the_judge_says(held_out, expected, sign):
    watch = by_heart.Watch(game(), pictures(235), pictures(held_out))
    assert watch.names == ["sign_train", "sign_held_out", "overfitting"]
    found = watch.measure()
    assert list(found) == watch.names
    assert found["sign_train"] == 1.0
    if sign:
        assert found["sign_held_out"] == sign
    assert found["overfitting"] == pytest.approx(expected, abs=0.05)
    assert found == watch.measure()


def test_all_that_is_made_for_a_look_is_new():
    """The same in each batch would seem so many, and chance less likely."""
    model, made = tiny.compiled("gan_points"), []
    judgement = model.judgement

    def spy(*arguments, **keywords):
        said = judgement(*arguments, **keywords)
        made.append(said[1])
        return said

    object.__setattr__(model, "judgement", spy)
    data = Dataset(tiny.data("gan_points", 200))
    by_heart.Watch(model, data, data).measure()
    assert len(np.unique(np.concatenate(made))) == 2 * 200


@pytest.mark.parametrize("model", [
    lambda: game(adversarial="relativistic"),
    lambda: game(adversarial="wasserstein"), lambda: game(WGAN, clip=1.0),
])
def test_numbers_without_a_boundary_have_no_sign(model):
    watch = by_heart.Watch(model(), pictures(235), pictures(20))
    assert watch.names == ["overfitting"]
    assert watch.measure()["overfitting"] > 0.8


def test_the_boundary_of_least_squares_is_a_half():
    watch = by_heart.Watch(
        game(adversarial="least_squares"), pictures(235), pictures(150)
    )
    found = watch.measure()
    assert (found["sign_train"], found["sign_held_out"]) == (1.0, -1.0)


@mostly_slow(
    ["gan_points", "acgan"],
    ["gan_ema", "gan_little_data", "gan_points", "gan_spectral", "acgan"],
)
def test_looking_moves_nothing_and_is_the_same_each_time(name):
    """Also where the judge has batch normalization and dropout, and is shown
    noise."""
    model = tiny.compiled(name, run_eagerly=False)
    columns = tiny.data(name)
    tiny.fit(model, columns)
    before = values(model)
    first, second = model.judgement(columns), model.judgement(columns)
    assert_same(values(model), before)
    assert_same(first, second)
    for logits in first:
        assert logits.shape == (len(next(iter(columns.values()))), 1)
        assert logits.dtype == np.float32 and len(np.unique(logits)) > 1
    # Each step has noise of its own.
    model.step.assign_add(1)
    assert (model.judgement(columns)[1] != first[1]).any()


def test_an_evaluation_has_the_logits_that_the_watch_sees():
    """With batch normalization they are those of training, not of use."""
    model, columns = tiny.compiled("gan_ema"), tiny.data("gan_ema")
    real, _ = model.judgement(columns)
    image = model.types["image"].prepare(columns["image"])
    with model.unmoved(0):
        trained = model.judged(image)
    np.testing.assert_allclose(
        real, keras.ops.convert_to_numpy(trained), atol=1e-5
    )
    used = keras.ops.convert_to_numpy(model.discriminator(image))
    assert np.abs(real - used).max() > 1e-2


def noise_pictures(rows):
    pixels = np.tanh(rng.normal(size=(rows, 16, 16, 1)))
    return {"image": np.uint8(np.round((pixels + 1) * 127.5))}


@pytest.mark.parametrize("rows, learnt", [(32, True), (8192, False)])
def test_a_judge_that_is_trained_on_few_pictures_learns_them_by_heart(
    rows, learnt
):
    """What is made has the very distribution of the data: there is nothing
    to tell them apart by but which ones there were."""
    latent = keras.Input((256,), name="latent")
    pixels = keras.layers.Dense(256, "tanh", kernel_initializer="identity")
    pixels = keras.layers.Reshape((16, 16, 1))(pixels(latent))
    model = GAN(
        keras.Model(latent, pixels),
        mlp.discriminator(size=16, channels=1, width=128), seed=3,
    )
    model.compile({
        "discriminator": keras.optimizers.Adam(1e-3),
        "generator": keras.optimizers.SGD(0.0),
    })
    trained = Dataset(noise_pictures(rows))
    watch = by_heart.Watch(model, trained, Dataset(noise_pictures(300)))
    assert watch.measure()["overfitting"] == 0
    shown = trained.take(np.arange(8192) % rows)
    model.fit(shown, batch_size=32, verbose=0)
    values = watch.measure()
    assert not watch.learnt(values) and watch.learnt(values) == learnt, values
    if learnt:
        assert values["overfitting"] > 0.9
        assert values["sign_train"] > 0.9 and values["sign_held_out"] < 0
    else:
        assert abs(values["overfitting"]) < 0.5


# -- what is told ------------------------------------------------------------


def told(overfitting, tmp_path, capsys, **options):
    """The steps of the warnings, and the last, where looks at a model have
    these numbers."""
    model = game(**options)
    watch = by_heart.Watch(model, pictures(235), pictures(235))
    monitors = SampleMonitors(
        model, pictures(235).take(range(8)), seed=0, judge=watch
    )
    callback = callbacks.Monitors(
        monitors, tmp_path / "m.csv", EventFile(tmp_path), 100, 10**6
    )
    callback.set_model(model)
    callback.on_train_begin()
    for number, value in enumerate(overfitting):
        watch.measure = lambda value=value: {
            **dict.fromkeys(watch.names, 0.0), "overfitting": value
        }
        callback.on_step(100 * (number + 1), {})
    lines = [
        line for line in capsys.readouterr().err.splitlines()
        if "by heart" in line
    ]
    return [line.split()[3] for line in lines], (lines or [None])[-1]


@pytest.mark.parametrize("numbers, warned", [
    ([0.0, 0.3, 0.49, 0.5], []),
    # One look may be chance; after two it is said, once.
    ([0.6, 0.0, 0.7, 0.2], []),
    ([0.2, 0.6, 0.7, 0.8, 0.1, 0.9, 0.9], ["300"]),
])
def test_it_is_told_once_when_two_looks_say_so(
    numbers, warned, tmp_path, capsys
):
    steps, _ = told(numbers, tmp_path, capsys)
    assert steps == warned


def test_the_warning_says_what_to_do(tmp_path, capsys):
    _, line = told([0.7, 0.73], tmp_path, capsys)
    assert line.startswith(
        "warning: at step 200 the discriminator has learnt its data by heart: "
        "others are to it 73% of the way to what the generator makes"
    )
    assert "--augment=auto" in line and "LeCam" in line
    _, line = told([1.0, 1.3], tmp_path, capsys, augment=DiffAugment())
    assert "100%" in line and "--augment" not in line
    assert "a policy that changes more" in line


def test_points_are_not_told_to_be_augmented():
    model = tiny.build("gan_points")
    words = by_heart.Watch(model, None, None).warning({"overfitting": 0.8})
    assert "--augment" not in words and "LeCam" in words


# -- in a training -----------------------------------------------------------


def columns_of(workdir):
    with open(workdir / "monitors.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_a_training_watches_its_judge(finished):
    rows = columns_of(finished("gan_shapes"))
    assert len(rows) == 2
    for row in rows:
        assert -1 <= float(row["sign_held_out"]) <= 1
        assert -1 <= float(row["sign_train"]) <= 1
        assert np.isfinite(float(row["overfitting"]))


@pytest.mark.parametrize("name, held_out, watched", [
    ("gan_shapes", True, True), ("gan_shapes", False, False),
    ("vae_shapes", True, False), ("pix2pix_shapes", True, False),
])
def test_games_are_watched_where_something_is_held_out(
    name, held_out, watched
):
    recipe = zoo.recipe(name).smoke()
    dataset = recipe.dataset()
    monitors = reports.monitors_of(
        recipe, recipe.build(), dataset, dataset if held_out else None
    )
    assert (monitors.judge is not None) == watched


def test_a_run_of_an_earlier_version_goes_on_with_more_columns(tmp_path):
    """It must not come to grief at its end, where the table is drawn."""
    file = tmp_path / "monitors.csv"
    Table(file, 0).append(1, {"pairwise_distance": 3.0, "other": 1.0})
    table = Table(file, 1)
    for step in (2, 3):
        table.append(step, {"pairwise_distance": 4.0, "overfitting": 0.5})
    rows = columns_of(tmp_path)
    assert [list(row.values()) for row in rows] == [
        ["1", "3", "nan"], ["2", "4", "0.5"], ["3", "4", "0.5"]
    ]
    plot.curves(file, tmp_path / "monitors.png")
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "monitors.csv", "monitors.png"
    ]
