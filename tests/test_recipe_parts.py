"""Recipes with lists of networks and objects, stages and frozen networks."""

import shutil
import tomllib

import numpy as np
import pytest

from check import array
from keras_gen import cli, zoo
from keras_gen.errors import InputError
from keras_gen.training import run_folder
from keras_gen.zoo import fit_to_data, records, toml

SMALL = """
name = "several"
summary = "Coloured shapes: a GAN with two critics"
paper = "https://arxiv.org/abs/1406.2661"
data = {source = "shapes", kind = "images", size = 32, channels = 3, \
batch_size = 4}
train = {seed = 0, precision = "bfloat16", steps = 2}
smoke = {"train.steps" = 2, "networks.critics.1.width" = 2}
card = {use = "a test"}

[objective]
class = "recipe_code:Several"

[[objective.terms]]
class = "recipe_code:Term"
weight = 1.0

[[objective.terms]]
class = "recipe_code:Term"
weight = 2.0
inner = {class = "recipe_code:Term", weight = 3.0}

[networks.generator]
function = "keras_gen.networks.mlp:generator"
size = 32
channels = 3
latent_dim = 4
width = 8
depth = 1

[[networks.critics]]
function = "keras_gen.networks.mlp:discriminator"
size = 32
channels = 3
width = 8
depth = 1

[[networks.critics]]
function = "keras_gen.networks.mlp:discriminator"
size = 32
channels = 3
width = 4
depth = 1

[optimizers]
discriminator = {class = "keras_gen.optimizers:Adam", learning_rate = 0.1}
generator = {class = "keras_gen.optimizers:Adam", learning_rate = 0.1}
"""
FROZEN = """
[frozen.features]
model = "classifier_shapes"
network = "classifier"
"""
STAGES = """
[[stages]]
steps = 3
"data.size" = 16
"networks.generator.size" = 16
"networks.critics.0.size" = 16
"networks.critics.1.size" = 16
"optimizers.generator.learning_rate" = 0.2

[[stages]]
steps = 4
"""


@pytest.fixture
def read(tmp_path):
    """Reads a recipe's text."""

    def recipe(text, name="several"):
        file = tmp_path / f"{name}.toml"
        file.write_text(text)
        return zoo.recipe(file, allow_code_of=("recipe_code",))

    return recipe


# -- lists ---------------------------------------------------------------


def test_lists_of_networks_and_objects_are_built(read):
    recipe = read(SMALL)
    assert recipe.network_names == ["generator", "critics_0", "critics_1"]
    model = recipe.build()
    assert set(model.networks) == set(recipe.network_names)
    assert [term.weight for term in model.terms] == [1.0, 2.0]
    assert model.terms[1].inner.weight == 3.0
    hidden = [critic.layers[2] for critic in model.critics]
    assert [layer.units for layer in hidden] == [8, 4]
    assert hidden[1].compute_dtype == "bfloat16"
    assert read(recipe.to_toml()).values == recipe.values


def test_overrides_count_the_tables_of_a_list(read):
    recipe = read(SMALL)
    other = recipe.smoke()
    assert [t["width"] for t in other["networks"]["critics"]] == [8, 2]
    assert [t["width"] for t in recipe["networks"]["critics"]] == [8, 4]
    follows = fit_to_data.follow(recipe, {"data.size": 8})
    assert follows == {
        f"networks.{name}.size": 8
        for name in ("generator", "critics.0", "critics.1")
    }


@pytest.mark.parametrize(("changes", "words"), [
    ({"objective.terms.1.wieght": 3}, "no key objective.terms[1].wieght: "
     "recipe_code:Term takes weight"),
    ({"objective.terms.1.inner.x": 3}, "no key objective.terms[1].inner.x"),
    ({"objective.terms.2.weight": 3}, "no 'objective.terms.2' to set"),
    ({"objective.terms.2": 3}, "no 'objective.terms.2': it has 0, 1"),
    ({"objective.terms.0.inner": {"weight": 3}},
     "[objective.terms[0].inner] needs class"),
    ({"objective.terms.0.class": "os:system"},
     "[objective.terms[0]] names 'os:system'"),
    ({"networks.critics.1.function": "no"}, "[networks.critics[1]] names"),
    ({"networks.critics.0": 3}, "[networks.critics[0]] needs function"),
])
def test_a_mistake_in_a_list_is_told_with_its_place(changes, words, read):
    with pytest.raises(InputError) as caught:
        read(SMALL).override(changes)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_what_the_code_in_a_list_refuses_is_told_with_its_place(read):
    recipe = read(SMALL).override({"objective.terms.1.inner.weight": -1.0})
    with pytest.raises(InputError) as caught:
        recipe.build()
    assert "[objective.terms[1].inner] weight must be at least 0" in str(
        caught.value
    )


# -- stages --------------------------------------------------------------


def test_stages_are_recipes(read):
    recipe = read(SMALL.replace("steps = 2}", "steps = 7}") + STAGES)
    (a, b, first), (c, d, second) = recipe.stages
    assert (a, b, c, d) == (0, 3, 3, 7)
    assert "stages" not in first.values and first["train"]["steps"] == 3
    assert second.values == {
        k: v for k, v in recipe.values.items() if k != "stages"
    }
    models = [stage.build() for stage in (first, second)]
    assert [m.generate(1, seed=0).shape[1] for m in models] == [16, 32]
    rates = [float(array(m.optimizers["generator"].learning_rate))
             for m in models]
    np.testing.assert_allclose(rates, [0.2, 0.1])
    # Each goes on where the one before ended.
    batches = first.batches(first.dataset(), models[0], a)
    assert len(batches) == 3 and batches[0]["image"].shape[1] == 16
    assert len(second.batches(second.dataset(), models[1], c)) == 4
    stages = [recipe.stage_of(n)["data"]["size"] for n in (0, 3, 4, 7, 9)]
    assert stages == [16, 16, 32, 32, 32]
    quick = recipe.override(
        {"train.steps": 2, "stages.0.steps": 1, "stages.1.steps": 1}
    )
    assert [last for _, last, _ in quick.stages] == [1, 2]


def test_without_stages_there_is_one(read):
    recipe = read(SMALL)
    ((first, last, only),) = recipe.stages
    assert (first, last, only.values) == (0, 2, recipe.values)


@pytest.mark.parametrize(("before", "after", "words"), [
    ("steps = 7}", "steps = 8}", "train.steps must be the sum of all stages' "
     "steps, 3 + 4 = 7, got 8"),
    ("steps = 3", "step = 3", "stages[0] needs steps, a whole number"),
    ("steps = 3", "steps = 0", "stages[0].steps must be at least 1"),
    ('"data.size"', '"data.sise"',
     "stages[0]: data.kind 'images' does not take sise"),
    ('"networks.generator.size"', '"networks.generater.size"',
     "stages[0]: several has no 'networks.generater'"),
    ('"data.size"', '"train.seed"', "no key stages[0].train.seed"),
    ("steps = 4\n", 'steps = 4\n"objective.adversarial" = "hinge"\n',
     "the last of the stages changes [objective]"),
])
def test_a_stage_that_is_wrong(before, after, words, read):
    text = SMALL.replace("steps = 2}", "steps = 7}") + STAGES
    assert before in text
    with pytest.raises(InputError) as caught:
        read(text.replace(before, after))
    assert words in str(caught.value) and "\n" not in str(caught.value)


# -- frozen --------------------------------------------------------------


def test_a_frozen_network_has_its_published_weights(read):
    plain, recipe = read(SMALL, "plain"), read(SMALL + FROZEN)
    model, known = recipe.build(), zoo.load("classifier_shapes")
    assert "features" not in model.networks
    assert {layer.compute_dtype for layer in model.features.layers} == {
        "float32"
    }
    for a, b in zip(model.features.weights, known.classifier.weights):
        np.testing.assert_array_equal(array(a), array(b))
    # The own networks begin as they would without it.
    for a, b in zip(model.generator.weights, plain.build().generator.weights):
        np.testing.assert_array_equal(array(a), array(b))


@pytest.mark.parametrize(("before", "after", "words"), [
    ('"classifier_shapes"', '"clasifier"', "did you mean classifier"),
    ('"classifier"', '"clasifier"', "has no network 'clasifier': it has cla"),
    ("frozen.features", "frozen.feature", "takes no argument feature: it "
     "takes features"),
    ("frozen.features", "frozen.generator", "[networks] has generator, too"),
    ("frozen.features", "frozen.terms", "[objective] has terms, too"),
    ('model = "classifier_shapes"\n', "", "frozen.features.model is missing"),
    ("network =", "networc = 3\nnetwork =", "no key frozen.features.networc"),
])
def test_what_cannot_be_borrowed(before, after, words, read):
    assert before in FROZEN
    with pytest.raises(InputError) as caught:
        read(SMALL + FROZEN.replace(before, after))
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of its own with the classifier of shapes."""
    name, source = "classifier_shapes", zoo.home()
    shutil.copytree(source / "saved_models" / name,
                    tmp_path / "saved_models" / name)
    (tmp_path / "zoo").mkdir()
    for ending in ("", ".record"):
        shutil.copy(source / f"zoo/{name}{ending}.toml", tmp_path / "zoo")
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path))
    return tmp_path


def test_frozen_weights_are_fetched(home, read, tmp_path, monkeypatch, capsys):
    (home / "saved_models").rename(tmp_path / "host")
    monkeypatch.setenv("KERAS_GEN_WEIGHTS_URL", f"file://{tmp_path / 'host'}")
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path / "cache"))
    recipe = read(SMALL + FROZEN)
    digest = zoo.recipe("classifier_shapes")["weights"]["classifier"]
    assert recipe.pinned()["frozen"]["features"]["sha256"] == digest
    recipe.build()
    cached = tmp_path / f"cache/weights/{digest}.weights.h5"
    assert cached.is_file()
    # One that is published itself: with its own, what it borrows comes.
    cached.unlink()
    host = tmp_path / "host/several"
    host.mkdir()
    recipe.build().save_networks(host)
    weights = {n: zoo.sha256(host / f"{n}.weights.h5")
               for n in recipe.network_names}
    cached.unlink()
    values = recipe.pinned().values | {"weights": weights}
    (home / "zoo/several.toml").write_text(toml.text(values))
    cli.main(["fetch", "several"])
    assert capsys.readouterr().out.split()[-1] == str(cached)
    assert len(list(cached.parent.iterdir())) == 4
    model = zoo.load("several", allow_code_of=("recipe_code",))
    assert model.generate(2, seed=0).shape == (2, 32, 32, 3)


def test_nobody_borrows_in_a_circle(home, read):
    for name, other in [("one", "two"), ("two", "several")]:
        text = SMALL.replace('"several"', f'"{name}"')
        (home / f"zoo/{name}.toml").write_text(
            text + FROZEN.replace("classifier_shapes", other)
            .replace('"classifier"', '"generator"')
        )
    own = SMALL + FROZEN.replace("classifier_shapes", "one").replace(
        '"classifier"', '"generator"'
    )
    (home / "zoo/several.toml").write_text(own)
    with pytest.raises(InputError, match="circle.*several from one from two "
                                         "from several"):
        read(own)


def test_other_frozen_weights_are_refused(home, read, tmp_path):
    recipe = read(SMALL + FROZEN)
    workdir = tmp_path / "run"
    workdir.mkdir()
    (workdir / "recipe.toml").write_text(recipe.pinned().to_toml())
    run_folder.refuse_folder(recipe, workdir)
    pinned = zoo.recipe(workdir, ("recipe_code",))
    pinned.build()
    # The same network, trained to something else.
    model = zoo.load("classifier_shapes")
    model.classifier.set_weights([
        1.5 * w for w in model.classifier.get_weights()
    ])
    file = home / "saved_models/classifier_shapes/classifier.weights.h5"
    model.classifier.save_weights(file)
    with pytest.raises(InputError, match="classifier.weights.h5 are damaged"):
        recipe.build()
    own = home / "zoo/classifier_shapes.toml"
    record = tomllib.loads(records.file_of(own).read_text())
    record["weights"]["classifier"] = zoo.sha256(file)
    records.file_of(own).write_text(toml.text(record))
    recipe.build()
    with pytest.raises(InputError, match="no longer those of its training"):
        pinned.build()
    with pytest.raises(InputError, match="frozen.features.sha256 = "):
        run_folder.refuse_folder(recipe, workdir)
    records.file_of(own).unlink()
    with pytest.raises(InputError, match="has no published weights"):
        recipe.build()


def test_without_stages_messages_name_none():
    (_, _, only), = zoo.recipe("gan_shapes").stages
    assert "stages" not in only.origin
