"""Recipes: read, checked, overridden, built."""

import tomllib

import keras
import numpy as np
import pytest

import recipes
from check import array
from keras_gen import zoo
from keras_gen.errors import InputError
from keras_gen.zoo import toml
from keras_gen.zoo.recipes import Recipe


def tiny(**changes):
    recipe = zoo.recipe("dcgan_shapes").smoke()
    changes = {k.replace("__", "."): v for k, v in changes.items()}
    return recipe.override(changes)


def test_a_rate_may_be_a_whole_number():
    schedule = {
        "class": "keras.optimizers.schedules:ExponentialDecay",
        "initial_learning_rate": 1, "decay_steps": 2, "decay_rate": 0.5,
    }
    model = tiny(
        optimizers__generator__learning_rate=10,
        optimizers__discriminator__learning_rate=schedule,
    ).build()
    rates = {
        player: [float(array(rate(i))) for i in (0, 1)]
        if callable(rate := optimizer._learning_rate) else float(array(rate))
        for player, optimizer in model.optimizers.items()
    }
    assert rates["generator"] == 10.0
    assert rates["discriminator"] == pytest.approx([1.0, 0.5**0.5])


@pytest.mark.parametrize("name", recipes.each())
def test_every_recipe_survives_writing(name, tmp_path):
    recipe = zoo.recipe(name)
    assert tomllib.loads(recipe.to_toml()) == recipe.values
    copy = tmp_path / "copy.toml"
    copy.write_text(recipe.to_toml())
    assert zoo.recipe(str(copy)).values == recipe.values


def test_toml_text_of_awkward_values():
    values = {
        "text": 'a "quoted" \\ back\nslash', "list": [1, 2.5, "x"],
        "yes": True, "no": False, "small": 1e-07,
        "table": {"a.b": 1, "inner": {"c": "d"}, "é": 2, "": 3},
        "rows": [
            {"of": {"a b": [1, 2.5], "c": 'say "d"'}, "more": [{"e": 1}]},
            {"of": {}, "text": "two\nlines"},
        ],
    }
    assert tomllib.loads(toml.text(values)) == values


def test_override_leaves_the_recipe_as_it_was():
    recipe = zoo.recipe("dcgan_shapes")
    width = recipe["networks"]["generator"]["width"]
    other = recipe.override({"networks.generator.width": width + 1})
    assert other["networks"]["generator"]["width"] == width + 1
    assert recipe["networks"]["generator"]["width"] == width


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"networks.generator.widht": 3}, ["widht", "takes width"]),
        ({"networks.generater.width": 3}, ["generater", "it has generator"]),
        ({"data.sise": 3}, ["sise", "it takes size"]),
        ({"trian.steps": 3}, ["trian", "it has train"]),
        ({"data.size": "big"}, ["data.size", "whole number", "'big'"]),
        ({"data.batch_size": 0}, ["data.batch_size", "1 or more"]),
        ({"train.steps": -1}, ["train.steps", "at least 1"]),
        ({"train.steps": True}, ["train.steps", "int"]),
        ({"train.precision": "int8"}, ["float32, bfloat16, float16"]),
        ({"objective.class": "keras_gen.nowhere:GAN"}, ["nowhere"]),
        ({"objective.class": "GAN"}, ["module:name"]),
        ({"optimizers.generator.beta1": 0.5}, ["beta1", "takes beta_1"]),
    ],
)
def test_a_bad_value_is_one_line_with_the_way_out(changes, words):
    with pytest.raises(InputError) as caught:
        zoo.recipe("dcgan_shapes").override(changes)
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"objective.adversarial": "hingee"}, "hinge"),
        ({"networks.generator.size": 33}, "size 33"),
        ({"optimizers.generator.learning_rate": "fast"}, "generator"),
        ({"objective.discriminator_steps": 0}, "discriminator_steps"),
    ],
)
def test_a_value_that_code_refuses_names_its_table(changes, word):
    with pytest.raises(InputError, match=word):
        zoo.recipe("dcgan_shapes").override(changes).build()


def test_a_file_of_an_editor_that_marks_its_encoding(tmp_path):
    recipe = zoo.recipe("gan_shapes")
    (tmp_path / "mine.toml").write_text("\ufeff" + recipe.to_toml(), "utf-8")
    assert Recipe.read(tmp_path / "mine.toml").values == recipe.values


def test_unreadable_files(tmp_path):
    with pytest.raises(InputError, match="cannot read"):
        Recipe.read(tmp_path / "none.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("a = = b")
    with pytest.raises(InputError, match="not a TOML file"):
        Recipe.read(bad)
    bad.write_text('name = "x"')
    with pytest.raises(InputError, match="summary is missing"):
        Recipe.read(bad)


def test_the_seed_fixes_the_weights():
    def weights(seed):
        return array(tiny(train__seed=seed).build().generator.weights[0])

    np.testing.assert_array_equal(weights(1), weights(1))
    assert np.abs(weights(1) - weights(2)).max() > 0


@pytest.mark.parametrize(
    ("precision", "compute"),
    [("float32", "float32"), ("bfloat16", "bfloat16"),
     ("float16", "float16")],
)
def test_precision_reaches_the_networks_and_nothing_else(precision, compute):
    model = tiny(train__precision=precision).build()
    convolution = next(
        layer for layer in model.discriminator.layers
        if isinstance(layer, keras.layers.Conv2D)
    )
    assert convolution.compute_dtype == compute
    assert model.discriminator.output.dtype == "float32"
    assert keras.config.dtype_policy().name == "float32"
    scaled = isinstance(
        model.optimizers["generator"], keras.optimizers.LossScaleOptimizer
    )
    assert scaled == (precision == "float16")


def test_a_table_with_a_class_is_built():
    model = tiny(optimizers__generator__learning_rate={
        "class": "keras.optimizers.schedules:PolynomialDecay",
        "initial_learning_rate": 0.5, "decay_steps": 10,
        "end_learning_rate": 0.25,
    }).build()
    optimizer = model.optimizers["generator"]
    assert float(array(optimizer.learning_rate)) == 0.5
    optimizer.iterations.assign(10)
    assert float(array(optimizer.learning_rate)) == 0.25


def test_each_critic_step_gets_a_whole_batch():
    recipe = zoo.recipe("wgan_shapes").smoke().override(
        {"data.batch_size": 3}
    )
    model, dataset = recipe.build(), recipe.dataset()
    assert recipe.batches(dataset, model)[0]["image"].shape[0] == 15


@pytest.mark.parametrize(("key", "value"), [
    ("optimizers.generator.learning_rate", 10),
    ("optimizers.generator.beta_1", 0),
    ("optimizers.generator.clipnorm", 1),
    ("objective.r1_weight", 1),
])
def test_whole_numbers_are_floats_where_those_are_taken(key, value):
    recipe = zoo.recipe("gan_ring").smoke()
    model = recipe.override({key: value}).build()
    table, name = key.split(".")[0], key.split(".")[-1]
    if table == "optimizers":
        found = model.optimizers["generator"].get_config()[name]
        assert found == value and not isinstance(found, bool)


@pytest.mark.parametrize("schedule", [
    {"class": "keras.optimizers.schedules:CosineDecay",
     "initial_learning_rate": 1, "decay_steps": 10},
    {"class": "keras.optimizers.schedules:PolynomialDecay",
     "initial_learning_rate": 1, "decay_steps": 10, "end_learning_rate": 0},
    {"class": "keras.optimizers.schedules:ExponentialDecay",
     "initial_learning_rate": 1, "decay_steps": 10, "decay_rate": 1},
    {"class": "keras.optimizers.schedules:PiecewiseConstantDecay",
     "boundaries": [1], "values": [1, 0]},
])
def test_schedules_take_whole_numbers(schedule):
    model = zoo.recipe("gan_ring").smoke().override(
        {"optimizers.generator.learning_rate": schedule}
    ).build()
    rate = model.optimizers["generator"].learning_rate
    assert float(rate) == 1.0
