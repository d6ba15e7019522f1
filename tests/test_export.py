"""Exports load without our code and compute what the model does."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

import recipes
from check import array, needs
from keras_gen import explore, zoo
from keras_gen.abilities import TakesLabels
from keras_gen.data.sources import shapes
from keras_gen.errors import InputError
from keras_gen.export import difference, in_graph, saved_model
from keras_gen.export.signature import Input
from objectives import typed

CLIENT = """
import json, sys, numpy as np, tensorflow as tf
path, out, inputs = sys.argv[1:]
loaded = tf.saved_model.load(path)
inputs = {
    name: tf.constant(values, dtype)
    for name, (values, dtype) in json.loads(inputs).items()
}
found = loaded.signatures["sample"](**inputs)
png = loaded.signatures["sample_png"](**inputs)
decoded = [tf.io.decode_png(p).numpy() for p in png["image_bytes"]]
assert (np.stack(decoded) == found["image"].numpy()).all()
assert "keras_gen" not in sys.modules
np.save(out, found["image"].numpy())
"""


@needs("tensorflow")
@pytest.mark.parametrize("name", [
    pytest.param("dcgan_shapes", marks=pytest.mark.slow), "cgan_shapes",
])
def test_bare_tensorflow_draws_what_generate_draws(name, tmp_path):
    model = zoo.load(name)
    # What a bound does, whatever this model was measured to bear.
    model.truncation_limit = None
    path = model.export(tmp_path / name)
    assert path == tmp_path / name / "1"
    condition = {"label": 2} if name == "cgan_shapes" else {}
    bounds = [0.3, 0.7, 1.0, 10.0, float("inf")]
    inputs = {
        "seed": ([3, 4, 5, 6, 7], "int64"),
        "truncation": (bounds, "float32"),
        **{k: ([v] * 5, "int32") for k, v in condition.items()},
    }
    subprocess.run(
        [sys.executable, "-c", CLIENT, path, tmp_path / "x.npy",
         json.dumps(inputs)],
        check=True, env=os.environ, cwd=tmp_path,
    )
    found = np.load(tmp_path / "x.npy")
    expected = model.generate(5, seed=3, truncation=bounds, **condition)
    assert np.abs(found - expected.astype(int)).max() <= 1
    whole = model.generate(5, seed=3, **condition).astype(int)
    # A bound of 10 leaves the distribution as it is; one of 0.3 does not.
    assert np.abs(found - whole)[3:].max() <= 1
    assert np.abs(found - whole)[0].max() > 20


@needs("tensorflow")
def test_each_weight_is_stored_once(tmp_path):
    model = zoo.recipe("dcgan_shapes").build()
    model.export(tmp_path)
    stored = sum(
        p.stat().st_size for p in (tmp_path / "1" / "variables").iterdir()
    )
    parameters = 4 * model.generator.count_params()
    assert parameters < stored < 1.1 * parameters
    # Nor is there more to say of what computes in float32.
    assert difference.read(tmp_path / "1") is None


SAMPLES = {
    "serving_default": {"latent"}, "sample": {"seed", "truncation"},
    "sample_png": {"seed", "truncation"},
}
CODES = {"encode": {"image"}, "reconstruct": {"image"}}
TRANSLATES = {"serving_default": {"image"}, "translate_png": {"image_bytes"}}
# {objective: {signature: its inputs}}.
LABELLED_SAMPLES = {
    name: {*given, "label"} for name, given in SAMPLES.items()
}
SIGNATURES = {
    "GAN": SAMPLES,
    "WGAN": SAMPLES,
    "UnrolledGAN": SAMPLES,
    "CGAN": LABELLED_SAMPLES,
    "ACGAN": LABELLED_SAMPLES,
    "VAE": SAMPLES | CODES,
    "Autoencoder": {"serving_default": {"image"}, **CODES},
    "Pix2Pix": TRANSLATES | {"to_target": {"image"}},
    "SRGAN": TRANSLATES | {"to_target": {"image"}},
    "CUT": TRANSLATES | {"to_b": {"image"}},
    "CycleGAN": TRANSLATES | {
        "to_a": {"image"}, "to_b": {"image"},
        "translate_png_to_b": {"image_bytes"},
        "translate_png_to_a": {"image_bytes"},
    },
    "Classifier": {"serving_default": {"image"}},
    "Detector": {"serving_default": {"image"}},
}


@needs("tensorflow")
@pytest.mark.parametrize("name", [
    pytest.param(name, marks=[pytest.mark.slow] * (name != "cgan_shapes"))
    for name in sorted(recipes.first(tuple(recipes.NAMES)))
])
def test_names_and_shapes_of_all_signatures(name, exported):
    model, loaded, _ = exported(name)
    expected = SIGNATURES[type(model).__name__]
    if isinstance(model, TakesLabels) and model.class_names:
        expected = expected | {"label_of": {"class_name"}}
    if model.made and not model.made.in_a_picture:
        expected = {k: v for k, v in expected.items() if k != "sample_png"}
    assert set(loaded.signatures) == set(expected)
    for signature, inputs in expected.items():
        specs = loaded.signatures[signature].structured_input_signature[1]
        assert set(specs) == inputs
        assert all(s.shape[0] is None for s in specs.values())


@needs("tensorflow")
@pytest.mark.parametrize("name", typed.NAMES)
def test_outputs_are_called_and_restored_by_their_type(name, tmp_path):
    import tensorflow as tf

    model = typed.build(name)
    loaded = tf.saved_model.load(str(model.export(tmp_path)))
    assert ("sample_png" in loaded.signatures) == (
        name in ("picture", "video")
    )
    asked = {
        "seed": tf.constant([7, 2**40], "int64"),
        "truncation": tf.constant([10.0, 0.5]),
    }
    (key, found), = loaded.signatures["sample"](**asked).items()
    assert key == {"picture": "image"}.get(name, name)
    expected = np.concatenate([
        model.generate(1, seed=seed, truncation=bound)
        for seed, bound in ((7, 10.0), (2**40, 0.5))
    ])
    found = found.numpy()
    assert found.dtype == expected.dtype and found.shape == expected.shape
    near = 1e-5 if name == "points" else 1
    assert np.abs(found.astype("float64") - expected).max() <= near
    latent = tf.constant(explore.latents(model, [7]))
    (key, floats), = loaded.signatures["serving_default"](
        latent=latent
    ).items()
    assert key == {"picture": "image"}.get(name, name)
    assert floats.dtype == tf.float32
    assert np.abs(
        model.made.restore(floats).astype("float64") - expected[:1]
    ).max() <= near
    if name == "video":
        # All frames in a row.
        (png, _) = loaded.signatures["sample_png"](**asked)["image_bytes"]
        strip = np.concatenate(list(found[0]), axis=1)
        np.testing.assert_array_equal(tf.io.decode_png(png), strip)


@needs("tensorflow")
def test_a_published_classifier_serves_what_it_measures():
    import tensorflow as tf

    model = zoo.load("classifier_shapes")
    path = zoo.home() / "saved_models" / "classifier_shapes" / "1"
    loaded = tf.saved_model.load(str(path))
    pictures = shapes.columns("labelled", "test", 32, 3)["image"]
    pictures = pictures[np.arange(5)]
    served = loaded.signatures["serving_default"](
        image=tf.constant(pictures.astype("float32") / 127.5 - 1)
    )
    live = model.predictions(pictures)
    assert set(served) == set(live) == {"features", "probabilities"}
    for key, value in live.items():
        assert served[key].dtype == tf.float32
        np.testing.assert_allclose(served[key], value, atol=1e-5)


@needs("tensorflow")
def test_a_difference_is_refused_and_nothing_written(tmp_path):
    import tensorflow as tf

    model = zoo.recipe("gan_shapes").smoke().build()
    latent = {"latent": Input((None, 32), "float32")}

    def noisy(latent):
        return {"image": latent + tf.random.normal(tf.shape(latent))}

    model.signatures = lambda: {"serving_default": (noisy, latent)}
    with pytest.raises(RuntimeError, match="'serving_default' differs"):
        model.export(tmp_path / "new")
    assert not list(tmp_path.iterdir())


@needs("tensorflow")
def test_a_different_picture_in_a_png_is_refused(tmp_path, monkeypatch):
    import tensorflow as tf

    model = zoo.recipe("pix2pix_shapes").smoke().build()
    noise = tf.random.Generator.from_seed(1)

    def noisy(objective, to):
        def one(_):
            picture = noise.uniform((8, 8, 3), 0, 256, tf.int32)
            return tf.io.encode_png(tf.cast(picture, tf.uint8))

        return lambda image_bytes: {"image_bytes": tf.map_fn(
            one, image_bytes, fn_output_signature=tf.string
        )}

    monkeypatch.setattr(in_graph, "_translate_png", noisy)
    with pytest.raises(RuntimeError, match="'translate_png' differs"):
        model.export(tmp_path / "new")


@needs("tensorflow")
def test_each_export_is_a_version_of_its_own(tmp_path):
    model = zoo.recipe("gan_shapes").smoke().build()
    (tmp_path / "7").mkdir()
    (tmp_path / "9.aside").mkdir()
    assert model.export(tmp_path) == tmp_path / "8"
    assert model.export(tmp_path) == tmp_path / "9"
    assert saved_model.versions(tmp_path) == [7, 8, 9]
    with pytest.raises(InputError, match="give the one above"):
        model.export(tmp_path / "9")


@needs("tensorflow")
def test_exports_are_float32_after_training_in_bfloat16(tmp_path):
    import tensorflow as tf

    model = zoo.recipe("gan_shapes").smoke().override(
        {"train.precision": "bfloat16"}
    ).build()
    model.export(tmp_path)
    loaded = tf.saved_model.load(str(tmp_path / "1"))
    latent = tf.zeros((2, 32))
    found = loaded.signatures["serving_default"](latent=latent)["image"]
    assert found.dtype == tf.float32
    np.testing.assert_allclose(
        found, array(model.generator(latent)), atol=1e-5
    )


@needs("torch")
def test_torch_says_where_exports_are_made(tmp_path):
    with pytest.raises(InputError, match="KERAS_BACKEND=tensorflow"):
        saved_model.write(zoo.recipe("gan_shapes").smoke().build(), tmp_path)
