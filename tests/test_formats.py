"""ONNX and LiteRT files compute what the model does, in their own runtimes."""

import re
import sys

import keras
import numpy as np
import pytest
from PIL import Image

import recipes
from check import TESTS, array, needs, tensor
from keras_gen import explore, zoo
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.export import noise_inputs, onnx_litert
from keras_gen.networks import mlp, unet
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.pix2pix import Pix2Pix
from objectives import tiny, typed
from objectives.forms import mostly_slow


def lively(model):
    """The model with weights that make pictures: fresh ones of so small
    networks are all but black, whatever an export does to them."""
    rng = np.random.default_rng(0)
    networks = {**model.networks, **model.averages}
    for variable in [v for n in networks.values() for v in n.weights]:
        values = rng.normal(size=variable.shape)
        if len(variable.shape) > 1:
            values /= np.prod(variable.shape[:-1]) ** 0.5
        elif variable.name in ("gamma", "moving_variance"):
            values = rng.uniform(0.5, 1.5, variable.shape)
        variable.assign(values)
    return model


def onnx(file):
    """(the file as a function of a dict of arrays, shapes of its inputs)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(file)
    names = [output.name for output in session.get_outputs()]
    shapes = {x.name: x.shape for x in session.get_inputs()}
    return lambda x: dict(zip(names, session.run(names, x))), shapes


def litert(file):
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(str(file)).get_signature_runner()
    shapes = {
        name: [int(s) if s > 0 else None for s in x["shape_signature"]]
        for name, x in runner.get_input_details().items()
    }
    return lambda x: runner(**x), shapes


RUNTIMES = {"onnx": onnx, "litert": litert}
# What the free dimensions are called: of a translator, and of the others.
FREE = {
    "onnx": {("batch", "height", "width"), ("batch",)},
    "litert": {(None, None, None), (None,)},
}


def free(shape):
    return tuple(size for size in shape if not isinstance(size, int))


def examples(shapes, n=5, sides=(32, 48)):
    """Arrays for the inputs of a file, pictures of another shape than those
    that the file was compared with when it was written."""
    rng = np.random.default_rng(1)
    found = {}
    for name, shape in shapes.items():
        own = iter(sides)
        sizes = [s if isinstance(s, int) else next(own) for s in shape[1:]]
        found[name] = (
            np.arange(n, dtype="int32") % 3 if name == "label"
            else rng.uniform(-1, 1, [n, *sizes]).astype("float32")
        )
    return found


@needs("tensorflow")
@pytest.mark.parametrize("format", onnx_litert.FORMATS)
@mostly_slow(
    # Each way to be written; CycleGAN's is pix2pix' twice.
    ["gan_ema", "cgan", "pix2pix", "vae", "classifier"],
    tiny.names(lambda case: case.files),
)
def test_runtimes_compute_what_the_model_does(name, format, tmp_path):
    model, wanted = lively(tiny.build(name)), tiny.CASES[name].files
    files = onnx_litert.write(model, tmp_path / "files", format)
    assert {file.stem for file in files} == set(wanted)
    assert set(files) == set((tmp_path / "files").iterdir())
    for file in files:
        run, shapes = RUNTIMES[format](file)
        assert {free(shape) for shape in shapes.values()} <= FREE[format]
        inputs = examples(shapes)
        function, order = model.generating().signatures()[wanted[file.stem]]
        # A translator's own input is called "input", a signature's "image".
        given = inputs.get("input")
        live = function(*(inputs.get(key, given) for key in order))
        found = run(inputs)
        assert set(found) == set(live)
        for key, value in live.items():
            value = array(value)
            assert value.std() > 0.05
            assert found[key].dtype == np.float32
            near = tiny.CASES[name].near * max(1, np.abs(value).max())
            np.testing.assert_allclose(found[key], value, atol=near)


@pytest.mark.slow
@needs("tensorflow")
@pytest.mark.parametrize("format", onnx_litert.FORMATS)
@pytest.mark.parametrize("name", ["points", "video", "voxels"])
def test_outputs_are_called_by_their_type(name, format, tmp_path):
    model = typed.build(name)
    file, = onnx_litert.write(model, tmp_path / "x", format)
    run, shapes = RUNTIMES[format](file)
    assert set(shapes) == {"latent"}
    latent = explore.latents(model, range(3))
    found = run({"latent": latent})
    assert set(found) == {name}
    expected = explore.decode(model, latent).astype("float64")
    gap = model.made.restore(found[name]) - expected
    assert np.abs(gap).max() <= (1e-4 if name == "points" else 1)


@needs("tensorflow")
def test_an_autoencoder_is_written_in_two_halves(tmp_path):
    model = lively(tiny.build("autoencoder"))
    encode, decode = [
        onnx(file)[0]
        for file in onnx_litert.write(model, tmp_path / "x", "onnx")
    ]
    image = examples({"image": ["batch", tiny.SIZE, tiny.SIZE, 3]})
    np.testing.assert_allclose(
        decode(encode(image))["image"], array(model(image["image"])),
        atol=2e-5,
    )


@pytest.mark.parametrize("name", tiny.each())
def test_each_objective_says_what_is_written(name):
    model = tiny.build(name)
    functions = model.functions()
    assert functions and set(functions) <= set(model.networks)
    # Such files are run in their own runtimes above.
    cases = tiny.CASES.values()
    assert set(functions) in [set(case.files) for case in cases]


@needs("tensorflow")
def test_the_examples_of_the_docs_draw_what_generate_draws(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    model = GAN(
        mlp.generator(size=8, channels=3, latent_dim=100, width=16),
        mlp.discriminator(size=8, channels=3, width=4),
    )
    onnx_litert.write(model, "faces", "onnx")
    onnx_litert.write(model, "faces_phone", "litert")
    facades, maps = noisy(), given(1)
    onnx_litert.write(facades, "facades", "onnx")
    Image.fromarray(maps[0]).save("map.png")
    page = (TESTS.parent / "docs" / "formats.md").read_text()
    names = {}
    for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(example, names)
    expected = model.generate(3, seed=0)
    assert expected.std() > 10
    by_litert = (names["image"] + 1) * 127.5
    for pixels in (names["pixels"], np.round(by_litert)):
        assert np.abs(pixels.astype(int) - expected).max() <= 1
    saved = np.asarray(Image.open("face.png"))
    np.testing.assert_array_equal(saved, names["pixels"][0])
    # Seeds on both sides of zero, and large ones.
    seeds = [-5, 2**40, 2**63 - 1]
    np.testing.assert_allclose(
        names["latents"](seeds, 100), explore.latents(model, seeds), atol=1e-5
    )
    expected = facades.translate(maps, seed=7)
    assert np.abs(names["facade"].astype(int) - expected).max() <= 1
    assert np.abs(facades.translate(maps, seed=8) - 1.0 - expected).max() > 9


def noisy():
    """A pix2pix that draws dropout when it translates."""
    return lively(Pix2Pix(
        unet.generator(size=16, width=4, normalization="instance"),
        tiny.build("pix2pix").discriminator, dropout_at_test=True,
    ))


def given(n, side=64):
    rng = np.random.default_rng(3)
    return rng.integers(0, 256, (n, side, side, 3), dtype="uint8")


def noises(model, shapes, seeds):
    """What the dropout layers draw, by the generator that training has."""
    found = {}
    for name, shape in shapes.items():
        if noise_inputs.is_noise(name):
            draw = int(name.removeprefix("noise_")) + 1
            keys = noise.fold(noise.fold(draw, 0), tensor(seeds, "int64"))
            found[name] = array(noise.uniform(keys, tuple(shape[1:])))
    return found


def as_translated(model, run, shapes, pictures, seed):
    """Levels between what a file makes and `translate`."""
    seeds = np.arange(seed, seed + len(pictures))
    x = {"input": pictures / np.float32(127.5) - 1,
         **noises(model, shapes, seeds)}
    made = np.round((run(x)["image"] + 1) * 127.5)
    expected = model.translate(pictures, seed=seed)
    assert expected.std() > 10
    return np.abs(made - expected).max()


@needs("tensorflow")
@pytest.mark.parametrize("format", onnx_litert.FORMATS)
def test_dropout_is_an_input(format, tmp_path):
    """A seed's picture is `translate`'s, and another seed's another one."""
    model, pictures = noisy(), given(3)
    file, = onnx_litert.write(model, tmp_path / "x", format)
    run, shapes = RUNTIMES[format](file)
    free = "batch" if format == "onnx" else None
    assert {name: list(shape) for name, shape in shapes.items()} == {
        "input": [free, 64, 64, 3],
        "noise_0": [free, 8, 8, 16], "noise_1": [free, 16, 16, 8],
    }
    assert as_translated(model, run, shapes, pictures, seed=2**40) <= 1
    once, again = (
        model.translate(pictures, seed=seed).astype(int) for seed in (1, 2)
    )
    assert np.abs(once - again).max() > 9


@needs("tensorflow")
@pytest.mark.slow
@pytest.mark.parametrize("name", [
    name for name in recipes.NAMES if recipes.published(name)
    and zoo.recipe(name)["objective"].get("dropout_at_test")
])
def test_published_models_that_draw_dropout(name, tmp_path):
    model = zoo.load(name)
    file, = onnx_litert.write(model, tmp_path / "x", "onnx")
    run, shapes = onnx(file)
    pictures = given(2, model.example_side)
    assert as_translated(model, run, shapes, pictures, seed=7) <= 1


@needs("tensorflow")
def test_files_are_float32_after_training_in_bfloat16(tmp_path):
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = lively(tiny.build("cgan"))
    keras.config.set_dtype_policy("float32")
    twin = tiny.build("cgan")
    twin.generator.set_weights(model.generator.get_weights())
    file, = onnx_litert.write(model, tmp_path / "x", "onnx")
    run, shapes = onnx(file)
    inputs = examples(shapes)
    found, live = run(inputs)["image"], array(twin.generator(inputs))
    np.testing.assert_allclose(found, live, atol=2e-5)
    # It would not be so by chance.
    assert np.abs(live - array(model.generator(inputs))).max() > 1e-3
    assert model.generator.layers[-2].compute_dtype == "bfloat16"


class Counts(keras.layers.Layer):
    """Computes something else at each call."""

    calls = 0

    def call(self, inputs):
        self.calls += 1
        return inputs * self.calls


class Inverse(keras.layers.Layer):
    """Computes what ONNX has no operation for."""

    def call(self, inputs):
        return keras.ops.erfinv(inputs)


class Error(keras.layers.Layer):
    """Computes what LiteRT has only with TensorFlow's operations."""

    def call(self, inputs):
        return keras.ops.erf(inputs)


def model_with(layer):
    latent = keras.Input((4,), name="latent")
    image = keras.layers.Reshape((2, 2, 1))(layer(latent))
    judge = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten()])
    return GAN(keras.Model(latent, image), judge)


@needs("tensorflow")
@pytest.mark.parametrize("format", onnx_litert.FORMATS)
def test_a_difference_is_refused_and_nothing_written(format, tmp_path):
    with pytest.raises(RuntimeError, match="differs from the model in 'ima"):
        onnx_litert.write(model_with(Counts()), tmp_path / "x", format)
    assert not list(tmp_path.iterdir())


@needs("tensorflow")
@pytest.mark.parametrize("format, layer, operation", [
    ("onnx", Inverse, "Erfinv"), ("litert", Error, "Erf"),
])
def test_what_a_format_cannot_express_is_one_line(
    format, layer, operation, tmp_path
):
    with pytest.raises(InputError, match=f"{format} cannot express") as found:
        onnx_litert.write(model_with(layer()), tmp_path / "x", format)
    assert "export a SavedModel" in str(found.value)
    assert "\n" not in str(found.value) and operation in str(found.value)
    assert not list(tmp_path.iterdir())


@needs("tensorflow")
def test_mistakes_are_told(tmp_path, monkeypatch, capsys):
    model = tiny.build("gan_r1")
    new = tmp_path / "new"
    with pytest.raises(InputError, match="format 'tf': choose one of onnx, l"):
        onnx_litert.write(model, new, "tf")
    with pytest.raises(InputError, match="exists: choose a new folder"):
        onnx_litert.write(model, tmp_path, "onnx")
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot write .*choose another place"):
        onnx_litert.write(model, tmp_path / "file" / "x", "onnx")
    # What Python makes of a package that is not installed.
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    onnx_litert.write(model, new, "onnx")
    assert "pip install onnxruntime" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(InputError, match=r"pip install 'keras_gen\[onnx\]'"):
        onnx_litert.write(model, tmp_path / "other", "onnx")
    assert {path.name for path in tmp_path.iterdir()} == {"new", "file"}


@needs("torch")
def test_torch_says_where_files_are_written(tmp_path):
    with pytest.raises(InputError, match="KERAS_BACKEND=tensorflow"):
        onnx_litert.write(tiny.build("gan_r1"), tmp_path / "x", "onnx")
