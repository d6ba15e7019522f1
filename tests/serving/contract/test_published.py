"""Published models, asked as a user would: the right pictures, over both
protocols, and mistakes told in a line."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from check import needs
from serving.contract import asking

pytestmark = needs("tensorflow")

SEEDS = [3, 4, 2**40]
ALL = pytest.mark.parametrize("name, label", [
    ("dcgan_shapes", {}), ("cgan_shapes", {"label": [2, 0, 1]}),
])


def columns(label):
    return {"seed": SEEDS, "truncation": [10, 10, 2]} | label


def sampled(server, name, label):
    """uint8 pictures over gRPC."""
    import tensorflow as tf

    dtypes = {"seed": "int64", "truncation": "float32", "label": "int32"}
    inputs = {k: np.array(v, dtypes[k]) for k, v in columns(label).items()}
    response = server.predict(asking.request(name, "sample", **inputs))
    return tf.make_ndarray(response.outputs["image"])


def picture(file):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(file["b64"]))))


@ALL
def test_a_seed_is_a_picture(name, label, server):
    """generate's, whichever way and in whichever batch it is asked for."""
    from keras_gen import zoo

    model, found = zoo.load(name), sampled(server, name, label).astype(int)
    one_by_one = []
    for i, seed in enumerate(SEEDS):
        condition = {key: row[i] for key, row in columns(label).items()}
        del condition["seed"]
        one_by_one.append(model.generate(1, seed=seed, **condition)[0])
    assert found.shape == np.shape(one_by_one)
    assert np.abs(found - one_by_one).max() <= 1
    assert found.std() > 10


@ALL
def test_png_files_over_rest(name, label, server):
    wanted = sampled(server, name, label).astype(int)
    rows = [
        dict(zip(columns(label), row)) for row in zip(*columns(label).values())
    ]
    body = {"signature_name": "sample_png", "instances": rows}
    code, found = server.post(f"{name}:predict", body)
    assert code == 200, found
    files = np.stack([picture(file) for file in found["predictions"]])
    assert np.abs(files - wanted).max() <= 1


def test_a_translation_keeps_the_size(server):
    random, file = np.random.default_rng(0), io.BytesIO()
    values = random.integers(0, 256, (64, 80, 3), np.uint8)
    Image.fromarray(values).save(file, "jpeg")
    row = {"b64": base64.b64encode(file.getvalue()).decode()}
    body = {"signature_name": "translate_png", "instances": [row]}
    code, found = server.post("pix2pix_shapes:predict", body)
    assert code == 200, found
    made = picture(found["predictions"][0])
    assert made.shape == values.shape and made.std() > 10


@pytest.mark.parametrize("name, signature, row, text", [
    ("cgan_shapes", "sample_png", {"seed": 1, "label": 99, "truncation": 1},
     "label must be from 0 to"),
    ("cgan_shapes", "sample", {"seed": 1, "label": 1, "truncation": 0},
     "truncation must be at least"),
    ("dcgan_shapes", "sample", {"seed": 1.5, "truncation": 1}, ""),
    ("dcgan_shapes", "sample", {"seed": 1}, ""),
    ("pix2pix_shapes", "translate_png", {"b64": "AAAA"},
     "expected a PNG or JPEG file"),
    ("pix2pix_shapes", "translate_png", {"b64": "iVBORw0KGgo="}, ""),
])
def test_mistakes(name, signature, row, text, server):
    code, found = server.post(
        f"{name}:predict", {"signature_name": signature, "instances": [row]}
    )
    assert code == 400 and text in found["error"], found
