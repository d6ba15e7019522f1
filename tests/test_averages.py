"""Moving averages of networks: moved, saved, generated with, published."""

import numpy as np
import pytest

from check import array, assert_same, needs, script, values
from keras_gen import checkpoint, compact, training, zoo
from keras_gen.errors import InputError
from objectives import tiny


def weights(network):
    return [array(v) for v in network.weights]


def test_averages_follow_weights_and_statistics_with_warm_up():
    model = tiny.compiled("gan_ema")
    expected = weights(model.generator)
    assert_same(weights(model.generator_ema), expected)
    decays = [1 / 10, 2 / 11, 3 / 12]
    for decay in decays:
        tiny.fit(model, tiny.data("gan_ema", tiny.ROWS))
        expected = [
            decay * a + (1 - decay) * b
            for a, b in zip(expected, weights(model.generator))
        ]
    for a, b in zip(weights(model.generator_ema), expected):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    names = [v.name for v in model.generator_ema.weights]
    moved = np.array([
        np.abs(a - b).max() > 1e-4
        for a, b in zip(expected, weights(model.generator))
    ])
    assert moved[["moving" in n for n in names]].all()


def test_the_decay_ends_at_the_one_asked_for():
    model = tiny.build("gan")
    model.average(0.5, ["discriminator"])
    model.compile(
        {p: tiny.adam() for p in model.players}, run_eagerly=True
    )
    model.optimizers["discriminator"].iterations.assign(1000)
    before = weights(model.discriminator_ema)
    model.move_averages("discriminator")
    assert_same(weights(model.discriminator_ema), before)
    for variable in model.discriminator.weights:
        variable.assign(variable + 1.0)
    model.move_averages("discriminator")
    for a, b in zip(weights(model.discriminator_ema), before):
        np.testing.assert_allclose(a, b + 0.5, rtol=1e-6)


def test_training_goes_on_with_the_network_and_pictures_with_its_average():
    plain, model = tiny.compiled("gan"), tiny.compiled("gan_ema")
    for name, network in plain.networks.items():
        network.set_weights(getattr(model, name).get_weights())
    for one in (plain, model):
        tiny.fit(one, tiny.data("gan"))
    assert_same(weights(model.generator), weights(plain.generator))
    pictures = model.generate(4, seed=1)
    assert (pictures != plain.generate(4, seed=1)).any()
    plain.generator.set_weights(model.generator_ema.get_weights())
    np.testing.assert_array_equal(pictures, plain.generate(4, seed=1))
    # A compiled function does not keep the weights it first saw.
    tiny.fit(model, tiny.data("gan"))
    assert (model.generate(4, seed=1) != pictures).any()


def test_the_average_is_saved_once():
    model = tiny.compiled("gan_ema")
    own = {id(v) for v in model.variables}
    assert {id(v) for v in model.generator_ema.variables} <= own
    assert not own & {id(model.generating().step)}


@pytest.mark.parametrize(("table", "words"), [
    ({"decay": 1.0, "networks": ["generator"]}, "below 1, got 1.0"),
    ({"decay": 0.9, "networks": ["generater"]}, "choose from discriminator"),
    ({"decay": 0.9}, "ema.networks is missing"),
    ({"decay": 0.9, "network": ["generator"]}, "one of networks"),
    ({"decay": "0.9", "networks": []}, "of type float"),
])
def test_a_bad_table_is_one_line(table, words):
    with pytest.raises(InputError, match=words):
        zoo.recipe("gan_shapes").smoke().override({"ema": table}).build()


def test_average_is_called_once():
    with pytest.raises(InputError, match="once"):
        tiny.build("gan_ema").average(0.9, ["generator"])


def averaging(**changes):
    return zoo.recipe("gan_shapes").smoke().override({
        "ema": {"decay": 0.9, "networks": ["generator"]},
        "train.steps": 3, "optimizers.generator.learning_rate": 0.05,
        **changes,
    })


def test_a_run_saves_resumes_and_writes_the_average(tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    recipe = averaging()
    training.run(recipe, whole)
    training.run(averaging(**{"train.steps": 1}), parts)
    training.run(recipe, parts)
    models = [recipe.build() for _ in range(2)]
    for model, folder in zip(models, (whole, parts)):
        checkpoint.restore(model, folder / "checkpoints")
    assert_same(values(models[0]), values(models[1]))
    model = recipe.build()
    model.generator_ema.load_weights(
        whole / "export" / "generator_ema.weights.h5"
    )
    np.testing.assert_array_equal(
        model.generate(3, seed=0), models[0].generate(3, seed=0)
    )


@needs("tensorflow")
def test_averages_are_published_and_loaded(tmp_path, monkeypatch):
    import tensorflow as tf

    publish = script("train/publish.py")
    (tmp_path / "zoo").mkdir()
    recipe = averaging()
    file = tmp_path / "zoo" / "gan_shapes.toml"
    file.write_text(recipe.to_toml())
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path))
    training.run(recipe, tmp_path / "run")
    assert publish.publish(tmp_path / "run") == "gan_shapes"

    model, trained = zoo.load("gan_shapes"), recipe.build()
    checkpoint.restore(trained, tmp_path / "run" / "checkpoints")
    # Its place is the network's: fine-tuning begins with what one sees.
    for name, source in [
        ("generator", "generator_ema"), ("generator_ema", "generator_ema"),
        ("discriminator", "discriminator"),
    ]:
        assert_same(
            weights(getattr(model, name)),
            [compact.rounded(w) for w in weights(getattr(trained, source))],
        )
    files = (tmp_path / "saved_models" / "gan_shapes").glob("*.h5")
    assert sorted(file.name for file in files) == [
        "discriminator.weights.h5", "generator.weights.h5",
    ]
    served = tf.saved_model.load(
        str(tmp_path / "saved_models" / "gan_shapes" / "1")
    ).signatures["sample"](
        seed=tf.range(3, dtype=tf.int64), truncation=tf.fill([3], 10.0)
    )["image"]
    made = model.generate(3, seed=0).astype(int)
    assert np.abs(served.numpy() - made).max() <= 1
    assert np.abs(
        array(trained.generator(model.latents(tf.range(3, dtype=tf.int64))))
        - (made / 127.5 - 1)
    ).max() > 0.02
