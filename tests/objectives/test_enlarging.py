"""Translators whose results have another size than their inputs."""

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from check import needs
from keras_gen import cli
from keras_gen.cli import _common
from keras_gen.data.dataset import Dataset
from keras_gen.errors import InputError
from keras_gen.networks import patchgan, resnet_translator, sizes, srgan, unet
from keras_gen.objectives.pix2pix import Pix2Pix
from keras_gen.zoo import weights
from networks.case import randomise

BLOCK, SCALE = 4, 4


def network(block=BLOCK, scale=SCALE):
    """The mean of each block of pixels, repeated; blocks do not overlap, so
    that sides must be multiples of theirs."""
    picture = keras.Input((None, None, 1), name="input")
    means = layers.Conv2D(1, block, block, use_bias=False, name="means")
    x = layers.UpSampling2D(block * scale)(means(picture))
    made = keras.Model(picture, x, name="generator")
    means.set_weights([np.full((block, block, 1, 1), block**-2)])
    return made


def model(generator):
    given, made = (
        shape[-1] for shape in (generator.input_shape, generator.output_shape)
    )
    judge = patchgan.discriminator(made, condition_channels=given, width=4)
    return Pix2Pix(generator, judge, name="enlarger")


def srgan_model(scale=4):
    generator = srgan.generator(scale, width=4, blocks=1)
    randomise(generator)
    return model(generator)


def pictures(*shape):
    return np.random.default_rng(0).integers(0, 256, shape).astype("uint8")


@pytest.mark.parametrize(("build", "expected"), [
    (lambda: srgan.generator(4, width=4, blocks=1), 4),
    (lambda: srgan.generator(2, width=4, blocks=1), 2),
    (lambda: unet.generator(size=16, width=4), 1),
    (lambda: resnet_translator.generator(width=4, blocks=1), 1),
    (network, SCALE),
    (lambda: network(96, 3), 3),
])
def test_the_scale_of_a_network(build, expected, tmp_path):
    made = build()
    assert sizes.scale(made) == expected
    made.save(tmp_path / "x.keras")
    loaded = keras.saving.load_model(tmp_path / "x.keras")
    assert sizes.scale(loaded) == expected


def test_a_network_that_shrinks_is_no_translator():
    picture = keras.Input((8, 8, 1))
    small = keras.Model(picture, layers.AveragePooling2D(2)(picture))
    with pytest.raises(InputError, match="makes 4 x 4 pictures of 8 x 8"):
        sizes.scale(small)
    wide = keras.Model(picture, layers.UpSampling2D((1, 2))(picture))
    with pytest.raises(InputError, match="makes 8 x 16 pictures of 8 x 8"):
        sizes.scale(wide)


def expected_of(picture):
    """What the network makes of one whose sides fit no block."""
    padded, crop = sizes.pad_to_multiple(picture[None], BLOCK)
    _, height, width, _ = padded.shape
    blocks = padded.reshape(
        1, height // BLOCK, BLOCK, width // BLOCK, BLOCK, 1
    ).mean((2, 4))
    whole = blocks.repeat(BLOCK * SCALE, 1).repeat(BLOCK * SCALE, 2)
    top, left = (-picture.shape[0] % BLOCK) // 2, (-picture.shape[1] % 4) // 2
    return whole[
        0, SCALE * top:, SCALE * left:
    ][:SCALE * picture.shape[0], :SCALE * picture.shape[1]]


@pytest.mark.parametrize("shape", [(8, 8), (5, 7), (9, 6), (10, 11)])
def test_padding_is_cut_off_at_the_scale(shape):
    picture = pictures(*shape, 1)
    made = model(network()).translate(picture[None])
    assert made.shape == (1, SCALE * shape[0], SCALE * shape[1], 1)
    assert np.abs(made[0] - expected_of(picture)).max() <= 0.51


def test_srgan_enlarges_any_picture():
    one = srgan_model()
    made = one.translate(pictures(2, 13, 10, 3))
    assert made.shape == (2, 52, 40, 3) and made.dtype == np.uint8
    assert made.std() > 5
    assert one.generate(2, input=pictures(2, 8, 8, 3)).shape == (2, 32, 32, 3)
    batch = {"input": pictures(8, 8, 8, 3), "target": pictures(8, 32, 32, 3)}
    shown, columns = one.preview(batch)
    assert shown.shape == (24, 32, 32, 3) and columns == 3
    np.testing.assert_array_equal(shown[3, ::4, ::4], batch["input"][1])
    np.testing.assert_array_equal(shown[5], batch["target"][1])
    made, wanted, _ = one.monitored(batch)
    assert made.shape == wanted.shape == (8, 32, 32, 3)


def test_the_data_s_targets_must_be_as_large():
    one = srgan_model()
    data = Dataset({
        "input": pictures(4, 8, 8, 3), "target": pictures(4, 16, 16, 3)
    })
    with pytest.raises(InputError, match="makes 32 x 32 pictures of the dat"):
        one.check_data(data)


@pytest.mark.slow
@needs("tensorflow")
def test_in_the_graph_as_in_python(tmp_path):
    import io

    import tensorflow as tf

    from keras_gen.export import picture_files

    for one, channels in ((model(network()), 1), (srgan_model(), 3)):
        # Pictures are enlarged from any size: they are not fitted before.
        one.picture_size = 20
        one.export(tmp_path / one.generator.layers[1].name)
        loaded = tf.saved_model.load(
            str(tmp_path / one.generator.layers[1].name / "1")
        )
        for shape in ((64, 64), (37, 50)):
            picture = pictures(*shape, channels)
            png = tf.io.encode_png(picture)
            found = loaded.signatures["translate_png"](
                image_bytes=png[None]
            )["image_bytes"].numpy()[0]
            found = np.asarray(Image.open(io.BytesIO(found)))
            found = found.reshape(*found.shape[:2], channels).astype(int)
            live = one.translate(picture[None])[0]
            assert live.shape == (4 * shape[0], 4 * shape[1], channels)
            assert np.abs(found - live).max() <= 1
    # What is made must not be larger than what may be sent elsewhere.
    bomb = bytearray(tf.io.encode_png(pictures(64, 64, 3)).numpy())
    side = int((picture_files.MAX_PIXELS // 16) ** 0.5) + 1
    bomb[16:24] = side.to_bytes(4, "big") * 2
    with pytest.raises(tf.errors.InvalidArgumentError, match="2 megapixels"):
        loaded.signatures["translate_png"](image_bytes=[bytes(bomb)])


def test_the_command_writes_pictures_as_large(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    one = srgan_model()
    one.picture_size = 20
    monkeypatch.setattr(_common, "model_of", lambda *_: one)
    # It is in no zoo.
    monkeypatch.setattr(_common, "document", lambda name: {"data": {}})
    monkeypatch.setattr(_common, "check_weights", str)
    monkeypatch.setattr(weights, "called", str)
    picture = pictures(9, 12, 3)
    Image.fromarray(picture).save("a.png")
    cli.main("translate enlarger a.png out".split())
    made = np.asarray(Image.open("out/a.png"))
    np.testing.assert_array_equal(made, one.translate(picture[None])[0])
    assert made.shape == (36, 48, 3)
    cli.main("translate enlarger a.png out --overwrite --compare".split())
    both = np.asarray(Image.open("out/a.png"))
    np.testing.assert_array_equal(both[::4, :48:4], picture)
    np.testing.assert_array_equal(both[:, -48:], made)
