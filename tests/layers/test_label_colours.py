"""Pictures of labels as one-hot channels, and labels as pictures."""

import keras
import numpy as np
import pytest

from check import array, needs, tensor
from keras_gen.arrays import colours
from keras_gen.data import pictures
from keras_gen.data.reading import Reading
from keras_gen.errors import InputError
from keras_gen.layers import LabelColours
from keras_gen.layers.label_colours import colours_of
from keras_gen.networks import patchgan, unet
from keras_gen.objectives import Pix2Pix
from networks.case import randomise

COLOURS = [[0, 0, 0], [255, 0, 0], [0, 128, 255], [250, 250, 240]]
TABLE = colours.colours(COLOURS, "labels")


def labels(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, len(COLOURS), shape)


def floats(levels):
    return levels.astype("float32") / 127.5 - 1


def channels(layer, levels):
    return array(keras.ops.cast(layer(tensor(floats(levels))), "float32"))


def test_each_colour_is_a_channel_of_its_own():
    ids = labels(2, 5, 6)
    found = channels(LabelColours(COLOURS), colours.painted(ids, TABLE))
    np.testing.assert_array_equal(found, np.eye(len(COLOURS))[ids])


@pytest.mark.parametrize("dtype", ("float32", "mixed_bfloat16"))
def test_other_colours_take_the_nearest(dtype):
    """By squares of differences of whole levels, as NumPy has them."""
    levels = np.random.default_rng(1).integers(0, 256, (3, 20, 30, 3))
    distances = np.square(levels[..., None, :] - np.array(COLOURS)).sum(-1)
    found = channels(LabelColours(COLOURS, dtype=dtype), levels)
    np.testing.assert_array_equal(found.argmax(-1), distances.argmin(-1))
    np.testing.assert_array_equal(found.sum(-1), 1)
    for picture, expected in zip(levels, distances):
        ids, far = colours.nearest(picture.astype("uint8"), TABLE)
        np.testing.assert_array_equal(ids, expected.argmin(-1))
        assert far == (expected.min(-1) > 64**2).mean()


@pytest.mark.parametrize("dtype", ("float32", "mixed_bfloat16"))
def test_of_two_as_near_it_is_the_first(dtype):
    grey = np.array([[50, 49, 51, 52]], "uint8")[None, ..., None]
    for table, expected in (
        (((60,), (40,)), [0, 1, 0, 0]), (((40,), (60,)), [0, 0, 1, 1]),
    ):
        found = channels(LabelColours(table, dtype=dtype), grey)
        assert found.argmax(-1).tolist() == [[expected]]
        ids, far = colours.nearest(grey[0], table)
        assert ids.tolist() == [expected] and far == 0


def test_a_layer_comes_back_from_its_config():
    layer = LabelColours(COLOURS)
    again = LabelColours.from_config(layer.get_config())
    assert again.colours == layer.colours == TABLE
    shape = layer.compute_output_shape((None, None, 6, 3))
    assert tuple(shape) == (None, None, 6, 4)
    assert not layer.weights


@pytest.mark.parametrize("given, message", [
    ([], "two or more"), ([[1, 2, 3]], "two or more"), ("red", "two or more"),
    ([[1, 2], [3, 4]], "two or more"), ([[0, 0, 0], [1, 1]], "two or more"),
    ([[0, 0, 256], [1, 1, 1]], "0 ... 255"), ([[-1], [1]], "0 ... 255"),
    ([[0.5], [1]], "whole numbers"), ([[True], [False]], "whole numbers"),
    ([[1, 1, 1], [2, 2, 2], [1, 1, 1]], r"the colour \[1, 1, 1\] twice"),
    (3, "two or more"), (None, "two or more"),
])
def test_what_is_no_table_of_colours(given, message):
    with pytest.raises(InputError, match=f"labels .*{message}") as error:
        LabelColours(given)
    assert "\n" not in str(error.value)


def test_pictures_and_colours_have_as_many_channels():
    with pytest.raises(InputError, match=r"\[0, 0, 0\], for pictures of 1 ch"):
        unet.generator(size=16, channels_in=1, labels=COLOURS)
    with pytest.raises(InputError, match="set condition_channels, or leave"):
        patchgan.discriminator(labels=COLOURS)


def model(generator_labels=COLOURS):
    generator = unet.generator(
        size=16, width=4, normalization="instance", labels=generator_labels
    )
    randomise(generator)
    judge = patchgan.discriminator(
        condition_channels=3, width=4, layers=1, labels=COLOURS
    )
    return Pix2Pix(generator, judge, seed=3)


def test_networks_see_labels_and_not_how_their_colours_are_like():
    one = model()
    assert colours_of(one.generator) == colours_of(one.discriminator) == TABLE
    first = one.generator.layers[2]
    assert first.kernel.shape[2] == len(COLOURS)
    ids = labels(2, 16, 16)
    clean = colours.painted(ids, TABLE)
    noise = np.random.default_rng(2).integers(-20, 21, clean.shape)
    noisy = np.clip(clean.astype(int) + noise, 0, 255).astype("uint8")
    assert (noisy != clean).mean() > 0.5
    made = one.translate(clean)
    np.testing.assert_array_equal(one.translate(noisy), made)
    other = colours.painted((ids + 1) % len(COLOURS), TABLE)
    assert (one.translate(other) != made).mean() > 0.5
    image = tensor(floats(noise % 256))
    np.testing.assert_array_equal(*(
        array(one.discriminator({"input": tensor(floats(x)), "image": image}))
        for x in (clean, noisy)
    ))


@pytest.mark.parametrize("dtype", ("uint8", "int64"))
def test_labels_themselves_are_translated(dtype):
    """Of any size, as their pictures are."""
    one = model()
    ids = labels(2, 17, 20).astype(dtype)
    made = one.translate(ids)
    assert made.shape == (2, 17, 20, 3)
    np.testing.assert_array_equal(
        made, one.translate(colours.painted(ids, TABLE))
    )
    np.testing.assert_array_equal(one.generate(2, input=ids), made)
    np.testing.assert_array_equal(one.translate(tensor(ids, dtype)), made)
    with pytest.raises(InputError, match="labels given as input must go from"):
        one.translate(ids + 2)
    with pytest.raises(InputError, match="input"):
        one.translate(ids[0])


def test_other_networks_take_pictures_only():
    with pytest.raises(InputError):
        model(generator_labels=()).translate(labels(2, 16, 16))


@needs("tensorflow")
@pytest.mark.parametrize("shape", [(30, 30), (31, 45), (64, 40), (7, 20)])
@pytest.mark.parametrize("side", (16, 30, 47))
def test_a_graph_scales_as_python_does(shape, side):
    from keras_gen.export import picture_files

    picture = colours.painted(labels(*shape), TABLE)
    image = pictures.scaled(pictures.as_image(picture), side, smooth=False)
    found = picture_files.scaled(tensor(picture), side, smooth=False)
    np.testing.assert_array_equal(array(found), pictures.as_array(image))


@pytest.mark.slow
@needs("tensorflow")
def test_an_export_takes_pictures_of_labels(tmp_path):
    """As files, scaled as for the command line, and as arrays."""
    import tensorflow as tf

    one = model()
    one.picture_size = 32
    one.export(tmp_path / "x")
    loaded = tf.saved_model.load(str(tmp_path / "x" / "1"))
    reading = Reading(labels=TABLE)
    for shape in ((64, 64), (50, 41)):
        picture = colours.painted(labels(*shape), TABLE)
        made = loaded.signatures["translate_png"](
            image_bytes=tf.io.encode_png(picture)[None]
        )["image_bytes"].numpy()[0]
        scaled = reading.scaled(pictures.as_image(picture), 32)
        np.testing.assert_allclose(
            tf.io.decode_png(made).numpy().astype(int),
            one.translate(scaled[None])[0], atol=1,
        )
    ids = labels(2, 16, 32)
    found = loaded.signatures["to_target"](
        image=tensor(floats(colours.painted(ids, TABLE)))
    )["image"].numpy()
    np.testing.assert_allclose(
        np.rint((found + 1) * 127.5), one.translate(ids), atol=1
    )
