"""Exports run by TensorFlow alone: its C library in a process without Python's
TensorFlow or Keras, and the command line tool that comes with it."""

import io
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import recipes
from check import TESTS, asked, needs
from keras_gen import zoo
from keras_gen.export import in_graph
from waiting import outputs

pytestmark = needs("tensorflow")

EACH = pytest.mark.parametrize("name", recipes.few(recipes.PUBLISHED))


def saved(name):
    """The folder of a published model's SavedModel."""
    files = (zoo.home() / "saved_models" / name).glob("*/saved_model.pb")
    return max(file.parent for file in files)


def side(name):
    """Height and width to use where any will do: those of the training, if
    there are any."""
    return zoo.recipe(name)["data"].get("size", 8)


def batches(name):
    """Large translators take seconds for seven pictures: two must do. Each
    export has been compared at seven when it was written."""
    return (1, 7) if side(name) <= 64 else (1, 2)


def signatures(name):
    """{signature's name: SignatureDef} of a published SavedModel."""
    from tensorflow.core.protobuf import saved_model_pb2

    model = saved_model_pb2.SavedModel()
    model.ParseFromString((saved(name) / "saved_model.pb").read_bytes())
    return {
        name: definition for name, definition
        in model.meta_graphs[0].signature_def.items()
        if not name.startswith("__")
    }


def inputs(definition, rows, model):
    """{input's name: array}, right ones for a signature of a model; row i is
    the same in any batch."""
    import tensorflow as tf

    random, most, length = np.random.default_rng(0), 7, side(model)
    made = {}
    for name, info in sorted(definition.inputs.items()):
        dtype = tf.as_dtype(info.dtype)
        shape = [
            length if d.size < 0 else d.size for d in info.tensor_shape.dim
        ]
        shape[0] = most
        if name == "class_name":
            names = zoo.recipe(model)["objective"]["class_names"]
            made[name] = np.resize([x.encode() for x in names], most)
            made[name] = made[name].astype(object)
        elif dtype == tf.string:
            files = [png(random, length + 3 * (i == 1)) for i in range(most)]
            made[name] = np.array(files, object)
        elif dtype.is_integer:
            made[name] = (np.arange(most) % 2).astype(dtype.as_numpy_dtype)
        elif name == "truncation":
            # That every model takes.
            made[name] = random.uniform(10, 11, shape).astype("float32")
        else:
            # Of use as a picture and as latents.
            made[name] = random.uniform(0.1, 1, shape).astype("float32")
    return {name: array[:rows] for name, array in made.items()}


def png(random, height):
    """A PNG file of noise."""
    file = io.BytesIO()
    values = random.integers(0, 256, (height, height, 3), np.uint8)
    Image.fromarray(values).save(file, "png")
    return file.getvalue()


def call(definition, given):
    """What `c_library` is asked: tensors by their names in the graph."""
    feeds = {definition.inputs[name].name: a for name, a in given.items()}
    return feeds, [info.name for info in definition.outputs.values()]


def mistakes(name):
    """{(signature, input): a call that must be refused}, by the graph or the
    runtime."""
    found = {}
    for key, definition in signatures(name).items():
        given = inputs(definition, 2, name)
        for column, array in given.items():
            wrong = {
                "label": np.array([0, 99], "int32"),
                "truncation": np.float32([1, 0]),
                "class_name": np.array([array[0], b"nobody"], object),
                "image_bytes": np.array([array[0], b"picture"], object),
                "seed": np.float32([0, 1]),
            }.get(column)
            if wrong is not None:
                found[key, column] = call(definition, given | {column: wrong})
    return found


@pytest.fixture(scope="module")
def by_c_library(request, tmp_path_factory):
    """({(model, signature): {batch: outputs by name}} of all models asked
    about, {model: {(signature, input): error}} of the mistakes), from one
    process."""
    requests, names = [], asked(request, "name")
    for name in names:
        right = [
            call(definition, inputs(definition, rows, name))
            for definition in signatures(name).values()
            for rows in batches(name)
        ]
        requests.append(
            (str(saved(name)), right + list(mistakes(name).values()))
        )
    found = run(tmp_path_factory.mktemp("c_library"), requests)
    loaded = {module.partition(".")[0] for module in found["modules"]}
    assert not loaded & {"tensorflow", "keras", "keras_gen"}
    outputs, errors = {}, {}
    for name, answers in zip(names, map(iter, found["answers"])):
        for key, definition in signatures(name).items():
            outputs[name, key] = {
                rows: dict(zip(definition.outputs, next(answers)))
                for rows in batches(name)
            }
        errors[name] = {key: next(answers) for key in mistakes(name)}
    return outputs, errors


def run(folder, requests):
    """The answers of a process of `c_library`."""
    asked, answered = folder / "requests", folder / "answers"
    asked.write_bytes(pickle.dumps(requests))
    subprocess.run(
        [sys.executable, TESTS / "serving/c_library.py", asked, answered],
        check=True, capture_output=True,
    )
    return pickle.loads(answered.read_bytes())


@EACH
def test_the_c_library_computes_what_the_model_does(name, by_c_library):
    """The model is the one that is loaded for Python, with the weights of its
    .h5 files, run by eager operations; PNG files, which take long, at a batch
    of 1. Row 0 alone is row 0 of a batch."""
    import tensorflow as tf

    live = in_graph.signatures(zoo.load(name).generating())
    assert set(live) == set(signatures(name))
    for key, definition in signatures(name).items():
        function, order = live[key]
        found = by_c_library[0][name, key]
        # The deep networks of large pictures differ from themselves by 1.4e-5
        # between a row alone and in a batch: sums are taken in another order.
        tolerance = 1e-5 if side(name) <= 64 else 2e-5
        if "networks.spade" in str(zoo.recipe(name)["networks"]):
            # Gains multiply rounding from block to block; and its inputs are
            # labels, which do not move by their last bit.
            tolerance = 1e-4
        for rows in batches(name)[:1] if "png" in key else batches(name):
            given = inputs(definition, rows, name)
            wanted = function(*(tf.constant(given[x]) for x in order))
            assert set(found[rows]) == set(wanted)
            if side(name) > 128 and rows == 1 and "png" not in key:
                tolerance = 6 * rounding(function, order, given, wanted)
            for output, array in found[rows].items():
                same(
                    array, wanted[output].numpy(), (key, rows, output),
                    tolerance,
                )
        alone, batch = (found[rows] for rows in batches(name))
        for output in alone:
            same(
                alone[output], batch[output][:1], (key, output, "alone"), 1e-4
            )


def rounding(function, order, given, wanted):
    """How far float outputs move when all such inputs do by their last bit.

    Deep networks amplify rounding, and each of their layers rounds, in
    another order in another build. The U-Net of 256 px moves by 5.5e-6, and
    differs by 2.2e-5 between the C library and Python."""
    import tensorflow as tf

    moved = function(*(
        tf.constant(
            np.nextafter(given[key], np.float32(2))
            if given[key].dtype == np.float32 else given[key]
        ) for key in order
    ))
    return max((
        np.abs(moved[key].numpy() - wanted[key].numpy()).max()
        for key in wanted if wanted[key].dtype.is_floating
    ), default=0.0)


@EACH
def test_png_files_are_the_pictures_of_a_sample(name, by_c_library):
    outputs = by_c_library[0]
    if (name, "sample_png") not in outputs:
        pytest.skip("it does not sample pictures")
    rows = batches(name)[-1]
    (pictures,) = outputs[name, "sample"][rows].values()
    if pictures.ndim == 5:
        # The frames of a video stand side by side.
        pictures = np.concatenate(list(np.moveaxis(pictures, 1, 0)), axis=2)
    files = outputs[name, "sample_png"][rows]["image_bytes"]
    for picture, file in zip(pictures, files, strict=True):
        found = np.asarray(Image.open(io.BytesIO(file)))
        np.testing.assert_array_equal(found.reshape(picture.shape), picture)


TEXTS = {
    "label": "label must be from 0 to",
    "truncation": "truncation must be at least",
    "class_name": "there is no such class: they are ",
    "image_bytes": "expected a PNG or JPEG file",
    "seed": "int64 but float is provided",
}


@EACH
def test_the_graph_refuses_what_is_wrong(name, by_c_library):
    """Code 3 is INVALID_ARGUMENT, which clients get from TF Serving."""
    for (key, column), error in by_c_library[1][name].items():
        assert isinstance(error, str), (key, column)
        assert error.startswith("code 3: ") and TEXTS[column] in error, key


def test_some_model_makes_each_mistake():
    """Else the graphs' own checks would not have been seen."""
    of = recipes.first(tuple(recipes.PUBLISHED))
    assert {column for name in of for _, column in mistakes(name)} == (
        set(TEXTS)
    )


def same(found, wanted, where, tolerance=1e-5):
    """Asserts that float numbers are that near, and pictures one level."""
    if found.dtype == object:
        assert len(found) == len(wanted)
        for pair in zip(found, wanted):
            a, b = (np.asarray(Image.open(io.BytesIO(x))) for x in pair)
            same(a, b, where)
        return
    assert (found.shape, found.dtype) == (wanted.shape, wanted.dtype), where
    if found.dtype == np.uint8:
        tolerance = 1
    difference = np.abs(found.astype("float64") - wanted).max()
    assert difference <= tolerance, (where, difference)


def test_saved_model_cli_shows_and_runs_it(tmp_path):
    path = saved("dcgan_shapes")
    tool = Path(sys.executable).parent / "saved_model_cli"
    common = ["--dir", path, "--tag_set", "serve", "--signature_def", "sample"]
    shown, ran = (
        subprocess.Popen(
            [sys.executable, tool, *arguments], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        ) for arguments in (["show", *common], [
            "run", *common, "--outdir", tmp_path, "--input_exprs",
            "seed=[3, 4, 5];truncation=[10.0, 10.0, 10.0]",
        ])
    )
    (output, _), (said, _) = outputs(shown, ran)
    for words in ("inputs['seed']", "DT_INT64", "outputs['image']",
                  "DT_UINT8", "tensorflow/serving/predict"):
        assert words in output
    assert ran.returncode == 0, said
    wanted = zoo.load("dcgan_shapes").generate(3, seed=3)
    same(np.load(tmp_path / "image.npy"), wanted, "image")
