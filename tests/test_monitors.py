"""Monitors of the samples and what the trainer does with them."""

import csv
import time
import tomllib

import numpy as np
import pytest
from PIL import Image

import recipes
from keras_gen import plot, values, zoo
from keras_gen.data.sources import shapes
from keras_gen.errors import InputError
from keras_gen.metrics.diversity import pairwise_distance
from keras_gen.training import callbacks, devices, reports, schedules, trainer
from keras_gen.training.event_file import EventFile
from keras_gen.training.monitors import SampleMonitors
from objectives import tiny


def pictures(n, seed=0, shape=(5, 4, 3)):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, *shape)).astype("uint8")


@pytest.mark.parametrize(
    "name", tiny.each(lambda case: not case.learns_labels)
)
def test_every_objective_is_monitored(name):
    model = tiny.compiled(name)
    batch = tiny.data(name)
    made, real, groups = model.monitored(batch, seed=3)
    assert made.dtype == real.dtype == np.dtype(model.made.dtype)
    assert made.shape == real.shape
    assert groups is None or len(groups) == len(made)
    monitors = SampleMonitors(model, batch, seed=3)
    values = monitors.measure()
    assert list(values) == monitors.names == ["pairwise_distance"]
    watched = model.made.watched(made)
    assert values["pairwise_distance"] == pairwise_distance(watched, groups)
    # Grey levels, but of points in their own units.
    assert monitors.real > (50 if made.dtype == np.uint8 else 1)


def test_nothing_is_drawn_before_the_first_look(monkeypatch):
    # To trace it would take from the time to the first step.
    model, asked = tiny.compiled("gan"), []
    monitored = model.monitored
    monkeypatch.setattr(
        type(model), "monitored",
        lambda self, *args: asked.append(args) or monitored(*args),
    )
    monitors = SampleMonitors(model, tiny.data("gan"), seed=3)
    assert not asked
    monitors.measure()
    looks = len(asked)
    monitors.measure()
    # What is real is looked at once.
    assert looks == 2 and len(asked) == 3


def test_the_class_histogram_is_that_of_the_samples():
    """Of a published model, against its pictures one by one."""
    recipe, model = zoo.recipe("gan_shapes"), zoo.load("gan_shapes")
    monitors = reports.monitors_of(recipe, model, recipe.dataset())
    values = monitors.measure()
    made = model.generate(256, seed=recipe["train"]["seed"])
    for number, name in enumerate(shapes.CLASSES):
        share = (shapes.classify(made) == number).mean()
        assert values[f"share_{name}"] == pytest.approx(share)
    assert not monitors.collapsed(values)


class Samples:
    """A generator that has made its last layer's choice."""

    made = values.named("picture")

    def __init__(self, spread):
        self.spread = spread

    def monitored(self, batch, seed):
        middle = np.full_like(batch["image"], 128)
        far = (batch["image"] - 128.0) * self.spread
        return (middle + far).astype("uint8"), batch["image"], None


def warnings_of(spreads, steps, every, tmp_path, capsys):
    model = tiny.compiled("gan_r1")
    samples = Samples(0.0)
    monitors = SampleMonitors(samples, {"image": pictures(9)}, seed=0)
    callback = callbacks.Monitors(
        monitors, tmp_path / "m.csv", EventFile(tmp_path), every, steps
    )
    callback.set_model(model)
    callback.on_train_begin()
    for i, spread in enumerate(spreads):
        samples.spread = spread
        callback.on_step((i + 1) * every, {})
    lines = capsys.readouterr().err.splitlines()
    return [x.split()[3] for x in lines if x.startswith("warning")]


@pytest.mark.parametrize(("spreads", "steps", "warned"), [
    # Nothing learnt yet, then different.
    ([0.01, 0.01, 1.0, 1.0], 10000, []),
    # Never different.
    ([0.01, 0.01, 0.01, 0.01], 1000, ["200"]),
    # Different, then alike: told once until it recovers.
    ([1.0, 0.1, 0.1, 0.9, 0.1], 10000, ["200", "500"]),
    ([0.5, 0.4, 0.3], 1000, []),
])
def test_a_collapsed_generator_gets_a_warning(
    spreads, steps, warned, tmp_path, capsys
):
    assert warnings_of(spreads, steps, 100, tmp_path, capsys) == warned


# -- the best step -----------------------------------------------------------


def smoke(**changes):
    changes = {k.replace("__", "."): v for k, v in changes.items()}
    return zoo.recipe("gan_shapes").smoke().override(changes)


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("name", "mode"), [
    pytest.param("pairwise_distance", "max", marks=pytest.mark.slow),
    ("generator_gradient_norm", "min"),
])
def test_the_best_step_is_kept(name, mode, tmp_path):
    # A rate this high makes the numbers go up and down.
    recipe = smoke(
        train__best=name, train__best_mode=mode, train__steps=6,
        optimizers__generator__learning_rate=0.05,
    )
    if name == "pairwise_distance":
        trainer.run(recipe.override({"train.steps": 3}), tmp_path)
    trainer.run(recipe, tmp_path)
    file = "monitors.csv" if name == "pairwise_distance" else "log.csv"
    rows = table(tmp_path / file)
    best = {"min": min, "max": max}[mode](rows, key=lambda r: float(r[name]))
    kept = tomllib.loads((tmp_path / "best" / "best.toml").read_text())
    assert kept["name"] == name and kept["step"] == int(best["step"])
    assert kept["value"] == pytest.approx(float(best[name]), rel=1e-4)
    model = recipe.build()
    for network in model.networks:
        getattr(model, network).load_weights(
            tmp_path / "best" / f"{network}.weights.h5"
        )
    image, columns = model.preview(None, seed=recipe["train"]["seed"])
    grid = tmp_path / "samples" / f"step-{kept['step']:07}.png"
    np.testing.assert_array_equal(
        np.array(plot.grid(image, columns=columns)), np.array(Image.open(grid))
    )
    assert not list(tmp_path.glob("best.*"))


def test_a_kill_between_two_renames_loses_no_best(tmp_path):
    folder = tmp_path / "best"
    callback = callbacks.Best(folder, "accuracy", "max", None, 1)
    callback.set_model(tiny.compiled("gan_r1"))
    callback.on_train_begin()
    callback.write(3, 0.25)
    kept = (folder / "best.toml").read_text()
    folder.rename(tmp_path / "best.before")
    (tmp_path / "best.aside").mkdir()
    callback.on_train_begin()
    assert callback.best == 0.25
    assert (folder / "best.toml").read_text() == kept
    callback.write(4, 0.5)
    assert [p.name for p in tmp_path.iterdir()] == ["best"]


def test_an_unknown_metric_is_refused_before_training(tmp_path):
    recipe = smoke(train__best="acuracy", train__best_mode="max")
    with pytest.raises(InputError, match="discriminator_accuracy, .*share_"):
        trainer.run(recipe, tmp_path / "run")
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="needs train.best_mode"):
        smoke(train__best="generator_loss")


# -- schedules ---------------------------------------------------------------


def decaying(steps):
    return zoo.recipe("wgan_gp_shapes").override({
        f"optimizers.{player}.learning_rate.decay_steps": steps
        for player in ("critic", "generator")
    })


def test_a_schedule_that_ends_before_the_run_is_told():
    steps = zoo.recipe("wgan_gp_shapes")["train"]["steps"]
    (line,) = schedules.too_short(decaying(steps).build(), steps)
    assert line.startswith(
        f"the learning rate of critic is 0 from step {steps // 5} of {steps} "
    )
    assert line.endswith(f"let it last {5 * steps} updates")
    scaled = decaying(steps).override({"train.precision": "float16"})
    assert schedules.too_short(scaled.build(), steps) == [line]


@pytest.mark.slow
@pytest.mark.parametrize("name", recipes.each())
def test_published_schedules_last(name):
    recipe = zoo.recipe(name)
    steps = recipe["train"]["steps"]
    assert schedules.too_short(recipe.build(), steps) == []


def test_the_trainer_prints_the_warning(tmp_path, capsys):
    recipe = decaying(2).smoke().override({"train.steps": 2})
    place = devices.plan().start(1)
    trainer.describe(
        recipe, recipe.build(), recipe.dataset(), tmp_path, place
    )
    output = capsys.readouterr().out
    assert output.count("warning: the learning rate of critic is 0") == 1


# -- TensorBoard and the animation -------------------------------------------


def test_tensorboard_forgets_the_steps_that_a_killed_run_lost(tmp_path):
    from tensorboard.backend.event_processing import event_accumulator

    for first, last, value in ((1, 10, 1.0), (6, 8, 2.0)):
        events = EventFile(tmp_path, first - 1)
        for step in range(first, last + 1):
            events.scalar("loss", value, step)
        events.close()
        # The files' names, and so their order, have seconds.
        time.sleep(1.1)
    found = event_accumulator.EventAccumulator(str(tmp_path)).Reload()
    points = [(p.step, p.value) for p in found.Scalars("loss")]
    assert points == [(s, 1 + (s > 5)) for s in range(1, 9)]


def test_tensorboard_shows_scalars_grids_and_the_recipe(finished):
    from tensorboard.backend.event_processing import event_accumulator

    workdir = finished("gan_shapes")
    events = event_accumulator.EventAccumulator(str(workdir / "tensorboard"))
    events.Reload()
    tags = events.Tags()
    assert {"generator_loss", "generator_gradient_norm", "pairwise_distance",
            f"share_{shapes.CLASSES[0]}"} <= set(tags["scalars"])
    rows = table(workdir / "log.csv")
    for row, point in zip(rows, events.Scalars("generator_loss")):
        assert point.step == int(row["step"])
        assert point.value == pytest.approx(
            float(row["generator_loss"]), rel=1e-4
        )
    image = events.Images("samples")[-1]
    saved = Image.open(workdir / "samples" / "step-0000002.png")
    assert (image.step, image.width, image.height) == (2, *saved.size)
    (text,) = events.Tensors("recipe")
    assert b'name = "gan_shapes"' in text.tensor_proto.string_val[0]


def test_the_animation_is_bounded_and_ends_with_the_last(tmp_path):
    paths = []
    for i in range(50):
        paths.append(tmp_path / f"{i:03}.png")
        Image.new("RGB", (90, 70), (4 * i, 0, 4 * i)).save(paths[-1])
    plot.animation(paths, tmp_path / "all.gif", side=45)
    found = Image.open(tmp_path / "all.gif")
    assert found.n_frames == 40 and found.size == (45, 35)
    for frame, shade in ((0, 0), (39, 196)):
        found.seek(frame)
        mean = np.array(found.convert("RGB")).mean((0, 1))
        np.testing.assert_allclose(mean, [shade, 0, shade], atol=3)
    plot.animation(paths[:1], tmp_path / "one.gif")
    assert Image.open(tmp_path / "one.gif").n_frames == 1
    assert Image.open(tmp_path / "one.gif").size == (90, 70)
