"""What a page runs is what the model is: networks with noise as an input,
mixed classes, directions, weights in float16."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from check import array, needs, tensor
from keras_gen import explore
from keras_gen.backend import noise
from keras_gen.data import palettes
from keras_gen.data.sources import scenes
from keras_gen.errors import InputError
from keras_gen.export import noise_inputs
from keras_gen.layers import Dropout
from keras_gen.networks import unet
from keras_gen.play import directions, networks
from objectives import tiny


def translator(normalization="instance"):
    network = unet.generator(
        size=16, width=4, normalization=normalization, dropout=0.5
    )
    rng = np.random.default_rng(0)
    for variable in network.weights:
        variable.assign(rng.normal(size=variable.shape) * 0.3)
    return network


def test_noise_as_an_input_is_what_the_layers_draw():
    network = translator()
    picture = np.random.default_rng(1).uniform(-1, 1, (2, 16, 16, 3))
    seeds = np.array([5, -7])
    with noise.using(noise.RowStream(tensor(seeds, "int64"))):
        wanted = array(network(tensor(picture), training=True))
    shapes = noise_inputs.noise_shapes(network, 16)
    assert shapes == [(2, 2, 16), (4, 4, 8)]
    drawn = {}
    for i, shape in enumerate(shapes):
        # As docs/formats.md and the page have it: draw 1, 2, ...
        keys = noise.fold(noise.fold(i + 1, 0), tensor(seeds, "int64"))
        drawn[f"noise_{i}"] = noise.uniform(keys, shape)
    model = noise_inputs.with_noise(network, "image", 16)
    made = array(model({"input": tensor(picture), **drawn})["image"])
    np.testing.assert_allclose(made, wanted, atol=1e-5)
    plain = array(network(tensor(picture), training=False))
    assert np.abs(plain - wanted).max() > 0.05


def test_dropout_beside_batch_normalization_is_refused():
    with pytest.raises(InputError, match="other pictures of the batch"):
        noise_inputs.with_noise(translator("batch"), "image", 16)


def test_a_layer_that_drops_nothing_takes_no_noise():
    picture = keras.Input((4, 4, 1), name="input")
    network = keras.Model(picture, Dropout(0.0)(picture))
    assert noise_inputs.noise_shapes(network, 4) == []


def test_classes_and_what_is_between_them():
    model = tiny.shared("cgan")
    mixing = networks.of(model)["generator"]
    latent = np.random.default_rng(0).normal(size=(3, model.latent_dim))
    weights = np.eye(model.classes)[[0, 1, 1]]
    made = array(mixing({
        "latent": tensor(latent), "weights": tensor(weights)
    })[model.made.column])
    wanted = array(model.decode(tensor(latent), ops.cast([0, 1, 1], "int32")))
    np.testing.assert_allclose(made, wanted, atol=1e-5)
    half = array(mixing({
        "latent": tensor(latent[:1]),
        "weights": tensor(weights[:2].mean(0, keepdims=True)),
    })[model.made.column])
    (row,) = explore.class_interpolation(model, 0, 1, latent[:1], steps=3)
    np.testing.assert_array_equal(model.made.restore(half)[0], row[1])


def test_directions_of_a_linear_model_are_its_singular_vectors():
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(5, 40)) * np.array([[1, 9, 3, 5, 7]]).T
    found = directions.principal(
        lambda latents: latents @ matrix, rng.normal(size=(2, 5)), 3
    )
    left, _, _ = np.linalg.svd(matrix)
    np.testing.assert_allclose(
        np.abs((found * left[:, :3].T).sum(1)), 1, atol=1e-6
    )
    assert (found[np.arange(3), np.abs(found).argmax(1)] > 0).all()


def test_directions_are_where_the_model_is_looked_at():
    # It moves along the first latent alone where this is positive.
    def decode(latents):
        first, second = latents.T
        return np.where(first > 0, first, 10 * second)[:, None]

    (found,) = directions.principal(decode, np.array([[2.0, 2.0]]), 1)
    np.testing.assert_allclose(found, [1, 0], atol=1e-6)


@needs("tensorflow")
def test_weights_in_float16_halve_a_file(tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    from keras_gen.export import onnx_litert
    from keras_gen.play import halves

    latent = keras.Input((64,), name="latent")
    dense = layers.Dense(128)
    model = keras.Model(latent, {"image": dense(latent)})
    kernel = np.random.default_rng(0).normal(size=(64, 128))
    dense.set_weights([
        kernel.astype("float16").astype("float32"), np.full(128, 1e5)
    ])
    (file,) = onnx_litert.write_models({"x": model}, tmp_path / "x", "onnx")
    run, before = {}, file.stat().st_size
    x = np.random.default_rng(1).normal(size=(2, 64)).astype("float32")
    for when in ("before", "after"):
        session = onnxruntime.InferenceSession(file)
        (run[when],) = session.run(None, {"latent": x})
        if when == "before":
            halves.halve(file)
    # Published weights are float16 values: nothing is lost. What float16
    # could not hold, the offsets here, stays as it is.
    np.testing.assert_array_equal(run["before"], run["after"])
    assert file.stat().st_size < 0.55 * before + 600


@pytest.mark.parametrize("palette", [palettes.SHAPES, palettes.FACADES])
def test_examples_have_the_colours_of_their_palette_only(palette):
    maps = palette.examples(4, 64)
    assert maps.shape == (4, 64, 64, 3) and maps.dtype == np.uint8
    known = set(map(tuple, palette.levels.tolist()))
    seen = set(map(tuple, maps.reshape(-1, 3).tolist()))
    assert seen <= known and len(seen) > 3
    # Each is another one, and the same each time.
    assert len({m.tobytes() for m in maps}) == 4
    np.testing.assert_array_equal(maps, palette.examples(4, 64))


def test_the_built_in_palette_is_what_scenes_are_painted_with():
    picture = scenes.paint(
        scenes.sample("test", 8, 0, "input"), np.arange(8), "input", 64
    )
    levels = np.rint(picture * 255).astype(int).reshape(-1, 3)
    for colour in palettes.SHAPES.levels.astype(int):
        assert (levels == colour).all(1).sum() > 20, colour


def test_which_data_have_label_maps():
    assert palettes.of(
        {"source": "shapes", "kind": "pairs", "direction": "AtoB"}
    ) is palettes.SHAPES
    for table in (
        {"source": "shapes", "kind": "pairs", "direction": "BtoA"},
        {"source": "shapes", "kind": "pairs", "input": "quarter"},
        {"source": "shapes", "kind": "unpaired"},
    ):
        assert palettes.of(table) is None
