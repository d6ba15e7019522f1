"""What exports serve: checked inputs, rows by themselves, picture files."""

import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from check import needs
from keras_gen import zoo
from keras_gen.data import pictures as decoding
from keras_gen.data.sources import shapes
from keras_gen.export import in_graph, saved_model, warm_up

pytestmark = needs("tensorflow")


# A U-Net of four levels in place of six: its pictures are multiples of 16.
SHALLOW = {"networks.generator.size": 16}


@pytest.fixture
def pix2pix(exported):
    changes = SHALLOW | {"objective.dropout_at_test": True}
    return exported("pix2pix_shapes", **changes)


def call(loaded, signature, **inputs):
    import tensorflow as tf

    tensors = {k: tf.constant(v) for k, v in inputs.items()}
    (result,) = loaded.signatures[signature](**tensors).values()
    return result.numpy()


def refused(loaded, signature, match, **inputs):
    import tensorflow as tf

    with pytest.raises(tf.errors.InvalidArgumentError, match=match):
        call(loaded, signature, **inputs)


def file_of(array, format="PNG", **options):
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, format, **options)
    return stream.getvalue()


def pictures(sizes):
    """Smooth pictures of these (height, width)s."""
    drawn = shapes.columns("labelled", "test", 64, 3)["image"][np.arange(9)]
    return [
        np.asarray(Image.fromarray(p).resize((width, height)))
        for p, (height, width) in zip(drawn, sizes)
    ]


def decoded(contents):
    return np.asarray(Image.open(io.BytesIO(contents))).astype(int)


def test_labels_and_bounds_out_of_range_are_refused(exported):
    _, loaded, _ = exported("cgan_shapes")
    seed, bound = np.arange(2), np.ones(2, "float32")
    good = {"seed": seed, "truncation": bound}
    for label in (-1, 10):
        refused(
            loaded, "sample", "label must be from 0 to", **good,
            label=np.array([0, label], "int32"),
        )
    label = np.zeros(2, "int32")
    for wrong in (0, -1, np.nan):
        refused(
            loaded, "sample_png", "truncation must be at least 0.001",
            seed=seed, label=label,
            truncation=np.array([1, wrong], "float32"),
        )
    refused(
        loaded, "serving_default", "label must be from 0 to",
        latent=np.zeros((1, 32), "float32"), label=np.array([10], "int32"),
    )


def test_pictures_out_of_range_or_size_are_refused(exported, pix2pix):
    _, loaded, _ = exported("vae_shapes")
    grey = np.full((1, 32, 32, 3), 128, "float32")
    for signature in ("encode", "reconstruct"):
        refused(loaded, signature, "image must be from -1.001 to 1", image=grey)
    refused(loaded, "encode", "image must be", image=grey * np.nan)
    assert np.isfinite(
        call(loaded, "reconstruct", image=grey / 127.5 - 1)
    ).all()
    _, loaded, _ = pix2pix
    refused(
        loaded, "serving_default", "multiples of 16",
        image=np.zeros((1, 64, 65, 3), "float32"),
    )


def test_rows_do_not_depend_on_the_batch(pix2pix):
    """Even where dropout is on, which draws from each row's seed."""
    _, loaded, _ = pix2pix
    image = np.random.default_rng(0).uniform(-1, 1, (3, 64, 64, 3))
    image = image.astype("float32")
    whole = call(loaded, "serving_default", image=image)
    for i in range(3):
        alone = call(loaded, "serving_default", image=image[i:i + 1])
        np.testing.assert_allclose(whole[i:i + 1], alone, atol=1e-5)
    sent = [file_of(p) for p in pictures([(64, 64), (90, 70), (128, 64)])]
    whole = call(loaded, "translate_png", image_bytes=sent)
    for i in range(3):
        (alone,) = call(loaded, "translate_png", image_bytes=sent[i:i + 1])
        assert np.abs(decoded(whole[i]) - decoded(alone)).max() <= 1


def gap(model, loaded, signature, contents, to=None):
    """Between what is served and what `keras-gen translate` makes."""
    (found,) = call(loaded, signature, image_bytes=[contents])
    image = decoding.decode(contents, 3)
    picture = np.asarray(decoding.scaled(image, 64))
    expected = model.translate(picture[None], to=to)[0]
    return np.abs(decoded(found) - expected)


def test_picture_files_are_translated_as_the_command_line_does(pix2pix):
    model, loaded, _ = pix2pix
    assert model.picture_size == 64
    exact, large = pictures([(64, 64), (150, 100)])
    assert gap(model, loaded, "translate_png", file_of(exact)).max() <= 1
    for options in ({"format": "PNG"}, {"format": "JPEG", "quality": 95}):
        found = gap(model, loaded, "translate_png", file_of(large, **options))
        assert found.shape == (96, 64, 3)
        # Pillow's and TensorFlow's scaling differ in a level here and there,
        # which the network enlarges.
        assert found.mean() < 0.2 and found.max() <= 12


def test_each_direction_has_a_signature():
    """Called without an export, which computes the same: that is checked when
    it is written, and of all signatures in `test_without_our_code.py`."""
    model = zoo.recipe("cyclegan_shapes").smoke().build()
    live = SimpleNamespace(signatures={
        name: function
        for name, (function, _) in in_graph.signatures(model).items()
    })
    (picture,) = pictures([(64, 64)])
    directions = {
        "translate_png": "b", "translate_png_to_b": "b",
        "translate_png_to_a": "a",
    }
    for signature, to in directions.items():
        found = gap(model, live, signature, file_of(picture), to)
        assert found.max() <= 1


def test_broken_and_monstrous_pictures_are_refused(pix2pix):
    _, loaded, _ = pix2pix
    good = file_of(pictures([(64, 64)])[0])
    for contents in (b"", b"hello", b"GIF89a", b"\x89PNG\r\n\x1a\n"):
        refused(
            loaded, "translate_png", "expected a PNG or JPEG file",
            image_bytes=[good, contents],
        )
    for contents in (good[:200], b"\xff\xd8\xff" + bytes(50)):
        refused(loaded, "translate_png", "Invalid", image_bytes=[contents])
    # 4 kB that would decode to 3.6 GB, and be refused before.
    bomb = bytearray(good)
    bomb[16:24] = (30000).to_bytes(4, "big") * 2
    refused(
        loaded, "translate_png", "more than 32 megapixels",
        image_bytes=[bytes(bomb)],
    )
    bomb[16:24] = (1 << 31).to_bytes(4, "big") * 2
    refused(
        loaded, "translate_png", "megapixels|times as long",
        image_bytes=[bytes(bomb)],
    )
    strip = np.zeros((8, 65, 3), "uint8")
    refused(
        loaded, "translate_png", "8 times as long",
        image_bytes=[file_of(strip)],
    )


@pytest.mark.slow
def test_without_a_known_size_pictures_are_only_padded(tmp_path):
    import tensorflow as tf

    model = zoo.recipe("pix2pix_shapes").smoke().override(SHALLOW).build()
    model.picture_size = None
    loaded = tf.saved_model.load(str(model.export(tmp_path)))
    (picture,) = pictures([(100, 130)])
    (found,) = call(loaded, "translate_png", image_bytes=[file_of(picture)])
    expected = model.translate(picture[None])[0].astype(int)
    assert np.abs(decoded(found) - expected).max() <= 1
    refused(
        loaded, "translate_png", "too small to be padded",
        image_bytes=[file_of(picture[:4, :4])],
    )


@pytest.mark.parametrize("name", ["cgan_shapes", "pix2pix_shapes"])
def test_warm_up_requests_run(exported, pix2pix, name):
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

    model, loaded, path = (
        pix2pix if name == "pix2pix_shapes" else exported(name)
    )
    seen = []
    for record in tf.data.TFRecordDataset(str(path / warm_up.FILE)):
        log = prediction_log_pb2.PredictionLog()
        log.ParseFromString(record.numpy())
        request = log.predict_log.request
        assert request.model_spec.name == model.name
        seen.append(request.model_spec.signature_name)
        inputs = {
            key: tf.make_ndarray(value)
            for key, value in request.inputs.items()
        }
        assert all(len(x) == 1 for x in inputs.values())
        assert len(call(loaded, seen[-1], **inputs)) == 1
    assert sorted(seen) == sorted(in_graph.signatures(model))


def test_a_long_field_has_a_length_of_several_bytes():
    from tensorflow_serving.apis import prediction_log_pb2

    value = np.arange(100_000, dtype="float32")
    log = prediction_log_pb2.PredictionLog.FromString(
        warm_up.prediction_log("m" * 200, "s", {"x": value})
    )
    request = log.predict_log.request
    assert request.model_spec.name == "m" * 200
    assert request.inputs["x"].tensor_content == value.tobytes()


def test_a_model_saved_by_keras_keeps_its_picture_size(tmp_path):
    import keras

    model = zoo.recipe("pix2pix_shapes").smoke().build()
    model.save(tmp_path / "m.keras")
    assert keras.models.load_model(tmp_path / "m.keras").picture_size == 64


def test_an_average_is_what_is_served(tmp_path):
    import tensorflow as tf

    model = zoo.recipe("gan_shapes").smoke().build()
    model.average(0.9, ["generator"])
    kernel = model.generator_ema.weights[0]
    kernel.assign(kernel + 1.0)
    path = model.export(tmp_path)
    assert saved_model.versions(tmp_path) == [1]
    latent = np.ones((2, model.latent_dim), "float32")
    found = call(
        tf.saved_model.load(str(path)), "serving_default", latent=latent
    )
    np.testing.assert_allclose(found, model.generator_ema(latent), atol=1e-5)
    assert np.abs(found - model.generator(latent)).max() > 1e-3
