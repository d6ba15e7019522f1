"""Trainings in stages: one after another, and on from anywhere."""

import dataclasses
import signal
import tomllib
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from check import array, assert_same, finish, needs, start, values
from keras_gen import zoo
from keras_gen.errors import InputError
from keras_gen.training import callbacks, reports, stages, trainer
from keras_gen.training.callbacks.step import StepCallback
from keras_gen.zoo import checkpoint
from objectives import tiny
from waiting import outputs

# Half the pixels and twice the features: the layers in the middle are alike.
FIRST = {
    "steps": 4, "data.size": 16, "data.batch_size": 6,
    "networks.generator.size": 16, "networks.generator.width": 8,
    "networks.discriminator.size": 16, "networks.discriminator.width": 8,
}
LAST = {"steps": 4}


def staged(*tables, **changes):
    """A small DCGAN of 32 pixels that grows in these stages."""
    recipe = zoo.recipe("dcgan_shapes").smoke().override({
        "data.size": 32, "data.batch_size": 4,
        "networks.generator.size": 32, "networks.generator.width": 4,
        "networks.discriminator.size": 32, "networks.discriminator.width": 4,
        "train.steps": sum(table["steps"] for table in tables) or 8,
    })
    more = {"ema": {"decay": 0.9, "networks": ["generator"]}, **changes}
    if tables:
        more["stages"] = list(tables)
    return dataclasses.replace(recipe, values=recipe.values | more)


def growing(**changes):
    recipe = staged(FIRST, LAST, **changes)
    return recipe.override({})


class Killed(Exception):
    """In place of a signal: nothing is written any more."""


class Deadly(StepCallback):
    """Kills the training in a step, before anything is written of it."""

    def __init__(self, step):
        super().__init__()
        self.end = step

    def on_step(self, step, logs):
        if step == self.end:
            raise Killed


def killed(recipe, workdir, step, monkeypatch):
    """A run that is killed in a step; each one before has a checkpoint."""
    whole = reports.reports
    with monkeypatch.context() as patch:
        patch.setattr(
            reports, "reports",
            lambda *arguments: [Deadly(step), *whole(*arguments)],
        )
        with pytest.raises(Killed):
            trainer.run(recipe, workdir, checkpoint_minutes=0)
    newest = checkpoint.files(workdir / "checkpoints")[-1]
    assert checkpoint.step(newest) == step - 1


def end(recipe, workdir):
    """Every value at the end of a run."""
    model = recipe.stages[-1][2].build()
    steps = recipe["train"]["steps"]
    assert checkpoint.restore(model, workdir / "checkpoints") == steps
    return values(model)


@pytest.fixture(scope="module")
def straight(tmp_path_factory):
    """A run without a stop: its folder and its values at the end."""
    keras.utils.set_random_seed(0)
    workdir = tmp_path_factory.mktemp("straight") / "run"
    assert trainer.run(growing(), workdir)
    return workdir, end(growing(), workdir)


@pytest.mark.parametrize("step", [
    pytest.param(3, id="first", marks=pytest.mark.slow),
    pytest.param(5, id="border", marks=pytest.mark.slow),
    pytest.param(7, id="last", marks=pytest.mark.slow),
])
def test_a_run_goes_on_from_any_stage(step, straight, tmp_path, monkeypatch):
    """Bit for bit. Killed in step 5, it goes on from the end of stage 1."""
    whole, expected = straight
    workdir, recipe = tmp_path / "run", growing()
    killed(recipe, workdir, step, monkeypatch)
    assert trainer.run(recipe, workdir)
    assert_same(end(recipe, workdir), expected)
    for table in ("log.csv", "monitors.csv"):
        assert (workdir / table).read_text() == (whole / table).read_text()


def test_a_run_leaves_what_one_without_stages_does(straight):
    workdir, _ = straight
    rows = (workdir / "log.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == list("12345678")
    sides = [
        Image.open(workdir / "samples" / f"step-{step:07}.png").width
        for step in (4, 5)
    ]
    assert sides[0] < sides[1]
    assert Image.open(workdir / "samples.gif").n_frames == 8
    model = growing().build()
    model.generator_ema.load_weights(
        workdir / "export" / "generator_ema.weights.h5"
    )
    assert model.generate(1, seed=0).shape == (1, 32, 32, 3)


@pytest.mark.slow
def test_a_damaged_checkpoint_falls_back_to_the_stage_before(
    straight, tmp_path, monkeypatch, capsys
):
    workdir, recipe = tmp_path / "run", growing()
    # After the first step of the last stage; the other is its border.
    killed(recipe, workdir, 6, monkeypatch)
    older, newest = checkpoint.files(workdir / "checkpoints")
    assert [checkpoint.step(path) for path in (older, newest)] == [4, 5]
    newest.write_bytes(newest.read_bytes()[:-9])
    assert trainer.run(recipe, workdir)
    assert "the one before it is used" in capsys.readouterr().out
    assert_same(end(recipe, workdir), straight[1])


@pytest.mark.slow
@needs("tensorflow")
@pytest.mark.parametrize("where", ["cpu", "cpu:2"])
def test_kill_9_in_every_stage_loses_nothing(where, straight, tmp_path):
    """Bit for bit on the same devices; two replicas learn what one does."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    finish(start("staged_run.py", whole, where))
    for step in (3, 7):
        process = start("staged_run.py", cut, where, step)
        outputs(process)
        assert process.returncode == -signal.SIGKILL
        newest = checkpoint.files(cut / "checkpoints")[-1]
        assert checkpoint.step(newest) == step - 1
    assert "goes on from step 6" in finish(start("staged_run.py", cut, where))
    assert_same(end(growing(), cut), end(growing(), whole))
    assert (cut / "log.csv").read_text() == (whole / "log.csv").read_text()
    for found, expected in zip(end(growing(), whole), straight[1]):
        np.testing.assert_allclose(found, expected, atol=1e-3)


def test_what_has_ended_trains_no_more(straight, capsys):
    workdir, expected = straight
    assert trainer.run(growing(), workdir)
    assert_same(end(growing(), workdir), expected)


# -- what is carried ---------------------------------------------------------


@pytest.fixture
def carried():
    """Two stages' objectives, the first one in part trained, the second with
    what it carries; the second's weights before; the lines."""
    (_, _, first), (_, _, last) = growing().stages
    before, after = first.build(), last.build()
    rng = np.random.default_rng(0)
    for variable in before.variables:
        if variable.dtype == "float32":
            variable.assign(rng.uniform(0.1, 1, variable.shape))
    before.step.assign(4)
    fresh = {
        name: {layer.name: layer.get_weights() for layer in network.layers}
        for name, network in (after.networks | after.averages).items()
    }
    return before, after, fresh, stages.carry(before, after)


def test_layers_of_one_name_and_shape_are_carried_others_begin_anew(carried):
    before, after, fresh, lines = carried
    old, new = (m.networks | m.averages for m in (before, after))
    kept = {
        "generator": {"project", "norm_4", "up_8", "norm_8"},
        "discriminator": {"down_4", "norm_4", "judge"},
    }
    kept["generator_ema"] = kept["generator"]
    for name, network in new.items():
        for layer in network.layers:
            source = fresh[name][layer.name]
            if layer.name in kept[name]:
                source = old[name].get_layer(layer.name).get_weights()
                assert source
            assert_same(layer.get_weights(), source)
    assert int(array(after.step)) == 4
    assert [line.split()[0] for line in lines] == list(new)
    assert lines[0].endswith("keeps 3 of 6 layers")


def test_a_network_that_stays_is_carried_whole():
    """Whatever Keras called its layers."""
    recipe = zoo.recipe("gan_shapes").smoke()
    before, after = recipe.build(), recipe.build()
    for variable in before.variables:
        if variable.dtype == "float32":
            variable.assign(variable + 1.0)
    lines = stages.carry(before, after)
    for name, network in after.networks.items():
        assert_same(network.get_weights(), before.networks[name].get_weights())
    assert all(line.endswith("keeps all its layers") for line in lines)


def test_names_that_keras_numbers_carry_nothing():
    def network(units):
        return keras.Sequential([
            keras.Input((4,)), keras.layers.Dense(4, name="mine"),
            keras.layers.Dense(4), keras.layers.BatchNormalization(),
            keras.layers.Dense(units, name="last"),
        ])

    old, new = network(2), network(3)
    fresh = [layer.get_weights() for layer in new.layers]
    # Had they the same number in both, they still would not be the same.
    new.layers[1].name = old.layers[1].name
    assert stages._kept(old, new) == "1 of 4 layers"
    assert_same(new.layers[0].get_weights(), old.layers[0].get_weights())
    for layer, weights in list(zip(new.layers, fresh))[1:]:
        assert_same(layer.get_weights(), weights)


# -- the stream of data ------------------------------------------------------


def test_no_item_is_seen_twice_before_the_epoch_ends():
    """Although the batches of the stages have other sizes, and wherever the
    run goes on."""
    recipe = growing()
    shown = []
    for number, (since, last, stage) in enumerate(recipe.stages):
        objective, dataset = stage.build(), stage.dataset()
        seen = stages.seen(recipe, objective, number)
        for begin in (since, last - 1):
            batches = stage.batches(
                dataset, objective, start=begin, seen=seen, since=since
            )
            found = [batches.indices(0, s) for s in range(begin, last)]
            if begin == since:
                shown += found
            else:
                np.testing.assert_array_equal(found[0], shown[-1])
    sizes = [len(rows) for rows in shown]
    assert sizes == 4 * [6] + 4 * [4]
    rows = np.concatenate(shown)
    assert len(set(rows)) == len(rows)
    # It is the stream of a run without stages.
    plain = dataset.batches(4, 10, seed=stage["train"]["seed"])
    whole = [plain.indices(0, step) for step in range(10)]
    np.testing.assert_array_equal(rows, np.concatenate(whole))


def test_a_stage_counts_what_each_update_saw():
    plain = zoo.recipe("wgan_gp_shapes").smoke()
    objective = plain.build()
    assert objective.updates_per_step > 2

    def seen(number, **changes):
        table = {"steps": 1, "data.batch_size": 4, **changes}
        recipe = dataclasses.replace(plain, values=plain.values | {
            "stages": [table, {"steps": 1}],
            "train": plain["train"] | {"steps": 2},
        })
        return stages.seen(recipe, objective, number)

    assert seen(0) == 0
    assert seen(1) == 4 * objective.updates_per_step
    # Also where a stage changes how many there are.
    assert seen(1, **{"objective.critic_steps": 2}) == 4 * 2


# -- recipes -----------------------------------------------------------------


def test_a_recipe_without_stages_has_one():
    recipe = staged().override({})
    ((first, last, only),) = recipe.stages
    assert (first, last) == (0, 8)
    assert only.values == recipe.values
    assert stages.seen(recipe, recipe.build(), 0) == 0


def test_the_stage_under_way_is_that_of_the_newest_whole_checkpoint(tmp_path):
    recipe, model = growing(), growing().build()
    assert stages.under_way(recipe, tmp_path) == 0
    for step, number in [(2, 0), (4, 0), (5, 1), (8, 1), (11, 1)]:
        model.step.assign(step)
        path = checkpoint.write(model, tmp_path)
        assert stages.under_way(recipe, tmp_path) == number
    path.write_bytes(b"damaged")
    assert stages.under_way(recipe, tmp_path) == 1


def test_impossible_stages_are_refused():
    for tables, words in [
        ([FIRST | {"train.seed": 3}, LAST], "train.seed"),
        ([FIRST | {"steps": 0}, {"steps": 8}], "at least 1"),
        ([LAST, FIRST], "the last of the stages changes"),
    ]:
        with pytest.raises(InputError, match=words):
            staged(*tables).override({})


def test_the_best_of_an_earlier_stage_counts_no_more(tmp_path):
    model = tiny.compiled("gan_r1")
    folder = tmp_path / "best"
    for since, value, step in [(0, 0.9, 1), (0, 0.5, 1), (4, 0.7, 5)]:
        model.step.assign(step - 1)
        best = callbacks.Best(folder, "right", "max", None, 1, since)
        best.monitors = SimpleNamespace(values={})
        best.set_model(model)
        best.on_train_begin()
        best.on_step(step, {"right": value})
    found = tomllib.loads((folder / "best.toml").read_text())
    assert (found["step"], found["value"]) == (5, 0.7)
