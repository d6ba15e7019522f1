"""Moving averages of networks: moved, saved, generated with, published."""

import keras
import numpy as np
import pytest

from check import array, assert_same, needs, values
from keras_gen import zoo
from keras_gen.errors import InputError
from keras_gen.layers import ConditionalNormalization
from keras_gen.training import trainer
from keras_gen.zoo import checkpoint, compress, records, toml
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


@pytest.mark.slow
def test_a_run_saves_resumes_and_writes_the_average(tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    recipe = averaging()
    trainer.run(recipe, whole)
    trainer.run(averaging(**{"train.steps": 1}), parts)
    trainer.run(recipe, parts)
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

    from keras_gen.cli import publish

    (tmp_path / "zoo").mkdir()
    recipe = averaging()
    file = tmp_path / "zoo" / "gan_shapes.toml"
    file.write_text(toml.text(records.split(recipe.values)[0]))
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path))
    trainer.run(recipe, tmp_path / "run")
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
            [compress.rounded(w) for w in weights(getattr(trained, source))],
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


def averaged_dcgan():
    """A model whose average's statistics are not those of its maps."""
    model = tiny.compiled("gan_ema")
    for variable in model.generator_ema.weights:
        if "moving" not in variable.path:
            variable.assign(1.5 * variable)
    return model


def normalizations(network):
    return [
        layer for layer in network.layers
        if isinstance(layer, keras.layers.BatchNormalization)
    ]


def batches(count):
    return [tiny.data("gan_ema", 64)] * count


def test_settled_statistics_are_those_of_the_averages_own_maps():
    model = averaged_dcgan()
    model.settle(batches(30))
    network = model.generator_ema
    # Other latents than those that it was measured on.
    maps = np.random.default_rng(9).normal(size=(4000, 5)).astype("float32")
    for layer in network.layers[1:]:
        if isinstance(layer, keras.layers.BatchNormalization):
            axes = tuple(range(maps.ndim - 1))
            deviation = maps.std(axes)
            error = np.abs(array(layer.moving_mean) - maps.mean(axes))
            assert (error < 0.08 * deviation).all(), layer.name
            np.testing.assert_allclose(
                np.sqrt(array(layer.moving_variance)), deviation, rtol=0.08
            )
        maps = array(layer(maps))


@pytest.mark.slow
def test_normalizations_inside_other_layers_settle_too():
    """Under the labels that there are, in their proportions."""
    model = tiny.build("cgan_resnet")
    model.average(0.9, ["generator"])
    model.compile({p: tiny.adam() for p in model.players}, run_eagerly=True)
    data = tiny.data("cgan_resnet", 64)
    data["label"][:48] = 1
    network = model.generator_ema
    layers = [
        layer for layer in network.layers
        if isinstance(layer, ConditionalNormalization)
    ]
    (table,) = [
        v for v in network.variables if v.name == "embeddings"
    ]
    table.assign(3 * table)
    model.settle([data] * 20)
    latent = np.random.default_rng(9).normal(size=(3200, 6))
    inputs = {
        "latent": latent.astype("float32"), "label": np.tile(data["label"], 50)
    }
    maps = keras.Model(
        network.input, [layer.input[0] for layer in layers]
    )(inputs, training=False)
    assert len(layers) == 4
    for layer, x in zip(layers, map(array, maps)):
        deviation = x.std((0, 1, 2))
        inner = layer.normalize
        error = np.abs(array(inner.moving_mean) - x.mean((0, 1, 2)))
        assert (error < 0.08 * deviation).all(), layer.name
        np.testing.assert_allclose(
            np.sqrt(array(inner.moving_variance)), deviation, rtol=0.08
        )


def test_settling_moves_nothing_else():
    model = averaged_dcgan()
    before = values(model)
    model.settle(batches(3))
    statistics = {
        id(v) for v in model.generator_ema.variables if "moving" in v.path
    }
    moved = {
        id(v) for v, old in zip(model.variables, before)
        if (array(v) != old).any()
    }
    assert moved == statistics != set()
    assert not model.generator_ema.trainable_variables
    layers = normalizations(model.generator_ema)
    assert {layer.momentum for layer in layers} == {0.9}


def test_statistics_that_training_leaves_alone_stay():
    model = averaged_dcgan()
    normalizations(model.generator)[0].trainable = False
    layers = normalizations(model.generator_ema)
    before = [array(layer.moving_mean) for layer in layers]
    model.settle(batches(2))
    same = [
        (array(layer.moving_mean) == mean).all()
        for layer, mean in zip(layers, before)
    ]
    assert same[0] and not any(same[1:])


@pytest.mark.slow
def test_a_run_ends_with_settled_averages(tmp_path):
    recipe = zoo.recipe("dcgan_shapes").smoke().override({
        "ema": {"decay": 0.9, "networks": ["generator"]}, "train.steps": 3,
        "train.precision": "float32",
    })
    trainer.run(recipe, tmp_path)
    expected, written = recipe.build(), recipe.build()
    checkpoint.restore(expected, tmp_path / "checkpoints")
    unsettled = weights(expected.generator_ema)
    data = recipe.batches(recipe.dataset(), expected)
    expected.settle(data[i] for i in range(3))
    written.generator_ema.load_weights(
        tmp_path / "export" / "generator_ema.weights.h5"
    )
    for a, b in zip(
        weights(written.generator_ema), weights(expected.generator_ema)
    ):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    loaded = zoo.load(tmp_path)
    assert_same(weights(loaded.generator_ema), weights(written.generator_ema))
    # An export with another generator is that of another end.
    written.generator.save_weights(
        tmp_path / "export" / "generator.weights.h5"
    )
    loaded = zoo.load(tmp_path)
    assert_same(weights(loaded.generator_ema), unsettled)


def test_without_batch_normalization_there_is_nothing_to_settle():
    model = tiny.build("gan_r1")
    model.average(0.9, ["generator"])
    before = weights(model.generator_ema)
    model.settle(iter([None]))
    assert_same(weights(model.generator_ema), before)
