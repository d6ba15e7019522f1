"""`--init_from`: trained weights, step 0, and nothing else."""

import shutil

import pytest

from check import assert_same, values
from keras_gen import zoo
from keras_gen.errors import InputError
from keras_gen.training import fine_tuning, trainer
from keras_gen.zoo import checkpoint
from keras_gen.zoo.recipes import Recipe


def smoke(name, **changes):
    changes = {k.replace("__", "."): v for k, v in changes.items()}
    return zoo.recipe(name).smoke().override(changes)


def weights(objective):
    return {
        name: network.get_weights()
        for name, network in objective.networks.items()
    }


def assert_equal_weights(left, right):
    assert set(left) == set(right)
    for name, arrays in left.items():
        assert_same(arrays, right[name])


@pytest.fixture(scope="module")
def source(finished):
    """A finished work directory and the weights in it; left alone."""
    workdir = finished("gan_shapes")
    model = smoke("gan_shapes").build()
    assert checkpoint.restore(model, workdir / "checkpoints") == 2
    return workdir, weights(model)


def test_a_published_model_gives_its_weights():
    model = zoo.recipe("autoencoder").build()
    fresh = values(model)
    name = fine_tuning.resolve("autoencoder", zoo.recipe("gan"), zoo.home())
    assert name == "autoencoder_shapes"
    fine_tuning.apply(name, model)
    assert_equal_weights(
        weights(model), weights(zoo.load("autoencoder_shapes"))
    )
    # Everything else is that of a new run.
    assert len(values(model)) == len(fresh)
    assert model.steps_done == 0
    assert all(int(o.iterations) == 0 for o in model.optimizers.values())


def test_what_judges_begins_with_what_judged_in_another_objective():
    for name, judge, other, judged in (
        ("gan_shapes", "discriminator", "wgan_shapes", "critic"),
        ("wgan_shapes", "critic", "gan_shapes", "discriminator"),
    ):
        model = zoo.recipe(name).build()
        fine_tuning.apply(other, model)
        expected = weights(zoo.load(other))
        assert_equal_weights(
            weights(model), expected | {judge: expected.pop(judged)}
        )


@pytest.mark.slow
def test_a_run_starts_from_a_work_directory_and_goes_on(source, tmp_path):
    workdir, (origin, expected) = tmp_path / "run", source
    origin = shutil.copytree(origin, tmp_path / "origin")
    # With a rate of 0, the weights after a step are those before it.
    rates = {
        f"optimizers__{p}__learning_rate": 0.0
        for p in ("generator", "discriminator")
    }
    once = smoke("gan_shapes", train__steps=1, train__seed=5, **rates)
    assert trainer.run(once, workdir, init_from=str(origin))
    model = once.build()
    assert checkpoint.restore(model, workdir / "checkpoints") == 1
    assert_equal_weights(weights(model), expected)
    run = Recipe.read(workdir / "recipe.toml")["run"]
    assert run["init_from"] == str(origin)
    # Killed before its first checkpoint, it starts from there again.
    checkpoints = (workdir / "checkpoints").rename(tmp_path / "aside")
    model = once.build()
    recorded = fine_tuning.resolve(None, once, workdir)
    assert trainer.begin(once, model, workdir, recorded) == 0
    assert_equal_weights(weights(model), expected)
    checkpoints.rename(workdir / "checkpoints")
    # A checkpoint holds everything: the source may be gone.
    shutil.rmtree(origin)
    twice = once.override({"train.steps": 2})
    assert trainer.run(twice, workdir, init_from=str(origin))
    run = Recipe.read(workdir / "recipe.toml")["run"]
    assert run["init_from"] == str(origin)
    for other in ("gan", ""):
        with pytest.raises(InputError, match=f"started from {origin}, not"):
            trainer.run(twice, workdir, init_from=other)


def test_a_run_from_fresh_weights_stays_one(source):
    with pytest.raises(InputError, match="started from fresh weights, not"):
        trainer.run(smoke("gan_shapes"), source[0], init_from="gan")


def test_a_recorded_source_is_part_of_what_the_file_reproduces(tmp_path):
    recipe = smoke("gan_shapes")
    recipe = Recipe(recipe.values | {"run": {"init_from": "gan_shapes"}}, "")
    new = tmp_path / "run"
    assert fine_tuning.resolve(None, recipe, new) == "gan_shapes"
    assert fine_tuning.resolve("", recipe, new) == ""


def test_the_export_serves_where_the_checkpoints_are_gone(source, tmp_path):
    origin = shutil.copytree(source[0], tmp_path / "origin")
    shutil.rmtree(origin / "checkpoints")
    model = smoke("gan_shapes", train__seed=5).build()
    fine_tuning.apply(str(origin), model)
    assert_equal_weights(weights(model), source[1])
    file = origin / "export" / "discriminator.weights.h5"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(InputError, match="cannot start from .*discriminator"):
        fine_tuning.apply(str(origin), model)
    file.unlink()
    with pytest.raises(InputError, match="has neither a checkpoint nor export"):
        fine_tuning.apply(str(origin), model)


def test_a_work_directory_is_loaded_like_what_is_published(
    source, tmp_path, monkeypatch
):
    workdir, expected = source
    model = zoo.load(workdir)
    assert_equal_weights(weights(model), expected)
    assert zoo.recipe(workdir)["train"]["steps"] == 2
    half = zoo.load(workdir, precision="bfloat16")
    assert half.generator.layers[1].compute_dtype == "bfloat16"
    assert_equal_weights(weights(half), expected)
    # What is published goes before a folder of that name.
    monkeypatch.chdir(tmp_path)
    shutil.copytree(workdir, "gan_shapes")
    published = weights(zoo.load("gan_shapes"))
    assert_equal_weights(weights(zoo.load("./gan_shapes")), expected)
    with pytest.raises(AssertionError):
        assert_equal_weights(published, expected)
    assert zoo.recipe("gan_shapes")["train"]["steps"] > 2
    with pytest.raises(InputError, match="no work directory of a training"):
        zoo.load(tmp_path)


@pytest.mark.parametrize(
    ("name", "changes", "init_from", "words"),
    [
        ("gan_shapes", {"networks__discriminator__width": 6}, None,
         r"the discriminator of .* does not fit: its dense\S*/kernel is "
         r"256 x 8 there and 256 x 6 here"),
        ("gan_shapes", {"networks__generator__depth": 3}, None,
         "the generator of .* does not fit: its .* is .* there and .* here"),
        ("autoencoder_shapes", {}, None,
         "no network 'encoder' .*: it has discriminator, generator"),
        ("gan_shapes", {}, "no/such",
         "cannot start from .*/no/such: .* is no work directory"),
    ],
)
def test_what_does_not_fit_is_named_and_leaves_no_folder(
    name, changes, init_from, words, source, tmp_path
):
    init_from = init_from or str(source[0])
    with pytest.raises(InputError, match=words):
        trainer.run(smoke(name, **changes), tmp_path / "run", init_from)
    assert not list(tmp_path.iterdir())
