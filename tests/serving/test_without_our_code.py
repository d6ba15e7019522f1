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

from check import TESTS, needs
from keras_gen.zoo import weights

pytestmark = needs("tensorflow")

SAVED = sorted(
    path.parent for path
    in (weights.home() / "saved_models").glob("*/*/saved_model.pb")
)
NAMES = [path.parent.name for path in SAVED]


def side(folder):
    """Height and width to use where any will do: those of the training."""
    recipe = weights.recipe_file(folder.parent.name)
    return weights.document(recipe)["data"]["size"]


def batches(folder):
    """Large translators take seconds for seven pictures: two must do. Each
    export has been compared at seven when it was written."""
    return (1, 7) if side(folder) <= 64 else (1, 2)


def signatures(folder):
    """{signature's name: SignatureDef} of a SavedModel."""
    from tensorflow.core.protobuf import saved_model_pb2

    model = saved_model_pb2.SavedModel()
    model.ParseFromString((folder / "saved_model.pb").read_bytes())
    return {
        name: definition for name, definition
        in model.meta_graphs[0].signature_def.items()
        if not name.startswith("__")
    }


def inputs(definition, rows, side):
    """{input's name: array}, right ones for a signature; row i is the same
    in any batch."""
    import tensorflow as tf

    random, most = np.random.default_rng(0), 7
    made = {}
    for name, info in sorted(definition.inputs.items()):
        dtype = tf.as_dtype(info.dtype)
        shape = [side if d.size < 0 else d.size for d in info.tensor_shape.dim]
        shape[0] = most
        if dtype == tf.string:
            files = [png(random, side + 3 * (i == 1)) for i in range(most)]
            made[name] = np.array(files, object)
        elif dtype.is_integer:
            made[name] = (np.arange(most) % 2).astype(dtype.as_numpy_dtype)
        else:
            # Of use as a picture, as latents and as a bound of latents.
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


def mistakes(path):
    """Calls that must be refused, by the graph or the runtime."""
    found = {}
    for name, definition in signatures(path).items():
        given = inputs(definition, 2, side(path))
        for key, array in given.items():
            wrong = {
                "label": np.array([0, 99], "int32"),
                "truncation": np.float32([1, 0]),
                "image_bytes": np.array([array[0], b"picture"], object),
                "seed": np.float32([0, 1]),
            }.get(key)
            if wrong is not None:
                found[path.parent.name, name, key] = call(
                    definition, given | {key: wrong}
                )
    return found


@pytest.fixture(scope="module")
def by_c_library(tmp_path_factory):
    """({(model, signature): {batch: outputs by name}} of all SavedModels,
    {(model, signature, input): error} of the mistakes), from one process."""
    requests = []
    for path in SAVED:
        right = [
            call(definition, inputs(definition, rows, side(path)))
            for definition in signatures(path).values()
            for rows in batches(path)
        ]
        requests.append((str(path), right + list(mistakes(path).values())))
    found = run(tmp_path_factory.mktemp("c_library"), requests)
    loaded = {name.partition(".")[0] for name in found["modules"]}
    assert not loaded & {"tensorflow", "keras", "keras_gen"}
    outputs, errors = {}, {}
    for path, answers in zip(SAVED, map(iter, found["answers"])):
        for key, definition in signatures(path).items():
            outputs[path.parent.name, key] = {
                rows: dict(zip(definition.outputs, next(answers)))
                for rows in batches(path)
            }
        errors |= {key: next(answers) for key in mistakes(path)}
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


@pytest.mark.parametrize("path", SAVED, ids=NAMES)
def test_the_c_library_computes_what_the_model_does(path, by_c_library):
    """The model is the one that is loaded for Python, with the weights of its
    .h5 files, run by eager operations; PNG files, which take long, at a batch
    of 1. Row 0 alone is row 0 of a batch."""
    import tensorflow as tf

    from keras_gen import zoo
    from keras_gen.export import in_graph

    live = in_graph.signatures(zoo.load(path.parent.name).generating())
    assert set(live) == set(signatures(path))
    for name, definition in signatures(path).items():
        function, order = live[name]
        outputs = by_c_library[0][path.parent.name, name]
        # The deep networks of large pictures differ from themselves by 1.4e-5
        # between a row alone and in a batch: sums are taken in another order.
        tolerance = 1e-5 if side(path) <= 64 else 2e-5
        for rows in batches(path)[:1] if "png" in name else batches(path):
            given = inputs(definition, rows, side(path))
            wanted = function(*(tf.constant(given[key]) for key in order))
            assert set(outputs[rows]) == set(wanted)
            if side(path) > 128 and rows == 1 and "png" not in name:
                tolerance = 6 * rounding(function, order, given, wanted)
            for key, array in outputs[rows].items():
                same(
                    array, wanted[key].numpy(), (name, rows, key), tolerance
                )
        alone, batch = (outputs[rows] for rows in batches(path))
        for key in alone:
            same(alone[key], batch[key][:1], (name, key, "alone"), 1e-4)


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


def test_png_files_are_the_pictures_of_a_sample(by_c_library):
    outputs = by_c_library[0]
    for name, key in outputs:
        if key == "sample":
            pictures = outputs[name, key][7]["image"]
            files = outputs[name, "sample_png"][7]["image_bytes"]
            for picture, file in zip(pictures, files, strict=True):
                found = np.asarray(Image.open(io.BytesIO(file)))
                np.testing.assert_array_equal(
                    found.reshape(picture.shape), picture
                )


def test_the_graph_refuses_what_is_wrong(by_c_library):
    """Code 3 is INVALID_ARGUMENT, which clients get from TF Serving."""
    texts = {
        "label": "label must be from 0 to",
        "truncation": "truncation must be at least",
        "image_bytes": "expected a PNG or JPEG file",
        "seed": "int64 but float is provided",
    }
    errors = by_c_library[1]
    assert {key for _, _, key in errors} == set(texts)
    for case, error in errors.items():
        assert isinstance(error, str), case
        assert error.startswith("code 3: ") and texts[case[2]] in error, case


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
    (path,) = [p for p in SAVED if p.parent.name == "dcgan_shapes"]
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
    output = shown.communicate(timeout=300)[0]
    for words in ("inputs['seed']", "DT_INT64", "outputs['image']",
                  "DT_UINT8", "tensorflow/serving/predict"):
        assert words in output
    output = ran.communicate(timeout=300)[0]
    assert ran.returncode == 0, output
    from keras_gen import zoo

    wanted = zoo.load("dcgan_shapes").generate(3, seed=3)
    same(np.load(tmp_path / "image.npy"), wanted, "image")
