"""Exports load without our code and compute what the model does."""

import os
import subprocess
import sys

import numpy as np
import pytest

from check import array, needs
from keras_gen import export, zoo
from keras_gen.data import shapes
from keras_gen.errors import InputError

CLIENT = """
import sys, numpy as np, tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
seeds = np.arange(3, 8)
more = {"label": tf.constant([2] * 5)} if sys.argv[3] == "label" else {}
found = loaded.signatures["sample"](seed=tf.constant(seeds), **more)
png = loaded.signatures["sample_png"](seed=tf.constant(seeds), **more)
decoded = [tf.io.decode_png(p).numpy() for p in png["image_bytes"]]
assert (np.stack(decoded) == found["image"].numpy()).all()
assert "keras_gen" not in sys.modules
np.save(sys.argv[2], found["image"].numpy())
"""


@needs("tensorflow")
@pytest.mark.parametrize("name", ["dcgan_shapes", "cgan_shapes"])
def test_bare_tensorflow_draws_what_generate_draws(name, tmp_path):
    model = zoo.recipe(name).smoke().build()
    model.export(tmp_path / "1")
    condition = {"label": 2} if name == "cgan_shapes" else {}
    subprocess.run(
        [sys.executable, "-c", CLIENT, tmp_path / "1", tmp_path / "x.npy",
         next(iter(condition), "none")],
        check=True, env=os.environ, cwd=tmp_path,
    )
    expected = model.generate(5, seed=3, **condition).astype(int)
    assert np.abs(np.load(tmp_path / "x.npy") - expected).max() <= 1


@needs("tensorflow")
def test_each_weight_is_stored_once(tmp_path):
    model = zoo.recipe("dcgan_shapes").build()
    model.export(tmp_path / "1")
    stored = sum(
        p.stat().st_size for p in (tmp_path / "1" / "variables").iterdir()
    )
    parameters = 4 * model.generator.count_params()
    assert parameters < stored < 1.1 * parameters


@needs("tensorflow")
def test_names_and_shapes_of_all_signatures(tmp_path):
    import tensorflow as tf

    expected = {
        "gan_shapes": {
            "serving_default": {"latent"}, "sample": {"seed"},
            "sample_png": {"seed"},
        },
        "vae_shapes": {
            "serving_default": {"latent"}, "sample": {"seed"},
            "sample_png": {"seed"}, "encode": {"image"},
            "reconstruct": {"image"},
        },
        "classifier_shapes": {"serving_default": {"image"}},
        "cyclegan_shapes": {
            "serving_default": {"image"}, "to_a": {"image"},
            "to_b": {"image"},
        },
    }
    for name, signatures in expected.items():
        model = zoo.recipe(name).smoke().build()
        model.export(tmp_path / name)
        loaded = tf.saved_model.load(str(tmp_path / name))
        assert set(loaded.signatures) == set(signatures)
        for signature, inputs in signatures.items():
            specs = loaded.signatures[signature].structured_input_signature[1]
            assert set(specs) == inputs
            assert all(s.shape[0] is None for s in specs.values())


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
    latent = {"latent": ((None, 32), "float32")}

    def noisy(latent):
        return {"image": latent + tf.random.normal(tf.shape(latent))}

    model.signatures = lambda: {"serving_default": (noisy, latent)}
    with pytest.raises(RuntimeError, match="'serving_default' differs"):
        model.export(tmp_path / "1")
    assert not list(tmp_path.iterdir())


@needs("tensorflow")
def test_an_export_is_never_overwritten(tmp_path):
    model = zoo.recipe("gan_shapes").smoke().build()
    with pytest.raises(InputError, match="exists"):
        model.export(tmp_path)


@needs("tensorflow")
def test_exports_are_float32_after_training_in_bfloat16(tmp_path):
    import tensorflow as tf

    model = zoo.recipe("gan_shapes").smoke().override(
        {"train.precision": "bfloat16"}
    ).build()
    model.export(tmp_path / "1")
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
        export.write(zoo.recipe("gan_shapes").smoke().build(), tmp_path / "1")
