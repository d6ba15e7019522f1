"""bfloat16 where nothing is trained: generated, exported, labelled."""

import json

import keras
import numpy as np
import pytest

from check import array, needs
from keras_gen import cli, zoo
from keras_gen.errors import InputError
from keras_gen.export import difference
from keras_gen.layers import precision
from networks.case import flat, randomise
from networks.network_cases import CASES
from objectives import tiny


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    """No trial of the machine."""
    monkeypatch.setattr(precision, "speed", lambda: 2.0)


@pytest.mark.parametrize("case", [
    pytest.param(case, id=case.id, marks=[pytest.mark.slow] * (i % 8 > 0))
    for i, case in enumerate(CASES)
])
def test_a_copy_computes_as_if_it_had_been_built_so(case):
    network = case.build()
    randomise(network)
    copy = precision.computing_in(network, "bfloat16")
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        built = case.build()
    finally:
        keras.config.set_dtype_policy("float32")
    built.set_weights(network.get_weights())
    outputs = [
        flat(x(case.data(), training=False))
        for x in (built, copy, network)
    ]
    for name, expected in outputs[0].items():
        np.testing.assert_array_equal(outputs[1][name], expected)
        assert outputs[1][name].dtype == np.float32
    # It rounds, unless it computes in float32 under every policy.
    assert case.exact != any(
        (value != outputs[1][name]).any()
        for name, value in outputs[2].items()
    )
    assert all(a is b for a, b in zip(network.weights, copy.weights))
    assert len(network.weights) == len(copy.weights)
    assert precision.computing_in(copy, "bfloat16") is copy
    back = precision.computing_in(copy, "float32")
    for name, value in flat(back(case.data(), training=False)).items():
        np.testing.assert_array_equal(value, outputs[2][name])


def test_generate_in_a_precision():
    model = zoo.load("cgan_shapes")
    asked = {"seed": 3, "label": 1, "truncation": 1.0}
    exact = model.generate(9, **asked)
    made = model.generate(9, precision="bfloat16", **asked)
    expected = zoo.load("cgan_shapes", "bfloat16").generate(9, **asked)
    np.testing.assert_array_equal(made, expected)
    assert 0 < np.abs(made.astype(int) - exact).max() < 30
    for same in (None, "float32"):
        np.testing.assert_array_equal(
            model.generate(9, precision=same, **asked), exact
        )
    twin = model.in_precision("bfloat16")
    assert twin.truncation_limit == model.truncation_limit
    assert twin.class_names == model.class_names
    with pytest.raises(InputError, match="float32, bfloat16, got 'float64'"):
        model.generate(1, precision="float64")


def test_what_is_trained_afterwards_is_seen():
    model = tiny.compiled("gan")
    before = model.generate(2, seed=0, precision="bfloat16")
    for weight in model.generator.weights:
        weight.assign(2 * array(weight))
    after = model.generate(2, seed=0, precision="bfloat16")
    assert (before != after).any()


def test_averages_generate_in_it_too():
    model = tiny.compiled("gan")
    model.average(0.5, ["generator"])
    for weight in model.generator.weights:
        weight.assign(0 * array(weight))
    made = model.generate(2, seed=0, precision="bfloat16").astype(int)
    assert np.abs(made - model.generate(2, seed=0)).max() < 30
    assert made.std() > 0


def test_a_translator_translates_in_it():
    model = tiny.compiled("pix2pix")
    side, channels = 16, model.generator.input_shape[-1]
    pictures = np.random.default_rng(0).integers(
        0, 256, (3, side, side, channels), "uint8"
    )
    exact = model.translate(pictures).astype(int)
    made = model.translate(pictures, precision="bfloat16")
    assert 0 < np.abs(made - exact).max() < 60
    again = model.generate(3, input=pictures, precision="bfloat16")
    np.testing.assert_array_equal(again, made)


@pytest.mark.parametrize("times, told", [(0.12, True), (0.9, False)])
def test_a_processor_that_lacks_it_is_told(times, told, monkeypatch, capsys):
    monkeypatch.setattr(precision, "speed", lambda: times)
    tiny.compiled("gan").generate(1, precision="bfloat16")
    said = capsys.readouterr().err
    assert ("bfloat16 is 0.12 x as fast as float32 here" in said) == told
    assert said.count("\n") == told
    tiny.compiled("gan").generate(1)
    assert not capsys.readouterr().err


def test_the_trial(monkeypatch):
    monkeypatch.undo()
    precision.speed.cache_clear()
    assert 0 < precision.speed() == precision.speed()


@needs("tensorflow")
def test_an_export_says_how_far_it_is_from_float32(tmp_path):
    import tensorflow as tf

    model = zoo.load("cgan_shapes")
    path = model.export(tmp_path / "gan", "bfloat16")
    found = difference.read(path)
    assert found["precision"] == "bfloat16" and found["rows"] == 16
    assert set(found["differences"]) == {
        "serving_default", "sample", "sample_png"
    }
    told = found["differences"]["sample"]["image"]
    # The same from the outside: 16 seeds, labels in turn.
    labels, bound = np.arange(16) % 2, np.full(16, 10, "float32")
    (served,) = tf.saved_model.load(str(path)).signatures["sample"](
        seed=tf.range(16, dtype="int64"), truncation=tf.constant(bound),
        label=tf.constant(labels, "int32"),
    ).values()
    exact = model.generate(16, seed=0, label=labels).astype(int)
    gap = np.abs(exact - served.numpy())
    assert abs(told["max"] - gap.max()) <= 1 and told["max"] > 1
    assert told["mean"] == pytest.approx(gap.mean(), rel=0.2)
    assert told["of"] == 255
    assert found["differences"]["sample_png"]["image_bytes"] == told
    floats = found["differences"]["serving_default"]["image"]
    assert 0 < floats["mean"] < floats["max"] < 0.3 and "of" not in floats


@needs("tensorflow")
@pytest.mark.slow
def test_a_model_loaded_in_bfloat16_is_labelled_likewise(tmp_path):
    model = zoo.load("gan_ring", "bfloat16")
    found = difference.read(model.export(tmp_path / "gan"))
    (told,) = found["differences"]["sample"].values()
    assert found["precision"] == "bfloat16" and 0 < told["max"] < 0.3


@needs("tensorflow")
def test_the_command_tells_the_difference(tmp_path, capsys):
    folder = tmp_path / "gan"
    cli.main(["export", "gan_shapes", str(folder), "--precision=bfloat16"])
    path, *lines = capsys.readouterr().out.splitlines()
    assert path == str(folder / "1")
    told = json.loads((folder / "1" / difference.FILE).read_text())
    most = told["differences"]["sample"]["image"]["max"]
    begin = f"bfloat16  sample image: from float32 at most {most}, on average"
    assert any(
        line.startswith(begin) and line.endswith(" of 255") for line in lines
    )
    assert len(lines) == 3


def test_other_formats_have_float32_alone(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        cli.main(["export", "gan_shapes", str(tmp_path / "x"),
                  "--format=onnx", "--precision=bfloat16"])
    assert stopped.value.code == 2
    assert "leave --precision out" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()


def test_the_command_draws_in_it(tmp_path, capsys):
    from PIL import Image

    pictures = {}
    for name in ("float32", "bfloat16"):
        out = tmp_path / f"{name}.png"
        cli.main(["sample", "gan_shapes", "--n=4", "--seed=5",
                  f"--precision={name}", f"--out={out}"])
        pictures[name] = np.asarray(Image.open(out)).astype(int)
    gap = np.abs(pictures["float32"] - pictures["bfloat16"])
    assert 0 < gap.max() < 30
