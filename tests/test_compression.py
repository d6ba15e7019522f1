"""What JPEG leaves of pictures, beside a program that writes such files."""

import numpy as np
import pytest
from scipy import ndimage

from check import array, needs, tensor
from keras_gen.augmentation import Compress
from keras_gen.backend import gradients, noise
from keras_gen.compression import compressed, levels
from keras_gen.errors import InputError

rng = np.random.default_rng(0)


def drawn(height, width, channels, n=12):
    """uint8 pictures with edges and plains."""
    fields = ndimage.gaussian_filter(
        rng.normal(size=(n, height, width, channels)), (0, 3, 3, 0.5)
    )
    steps = np.where(fields > 0, 140, 100) + 300 * fields
    return np.clip(steps, 0, 255).astype("uint8")


def of_file(picture, quality):
    """What a JPEG file of it shows."""
    import tensorflow as tf

    format = "rgb" if picture.shape[-1] == 3 else "grayscale"
    file = tf.io.encode_jpeg(
        picture, format, quality, chroma_downsampling=True
    )
    return tf.io.decode_jpeg(
        file, fancy_upscaling=False, dct_method="INTEGER_ACCURATE"
    ).numpy()


def ours(pictures, quality):
    """uint8 pictures as `compressed` leaves them."""
    x = tensor(pictures / np.float32(127.5) - 1)
    quality = tensor(np.full(len(pictures), quality))
    return (array(compressed(x, quality)) + 1) * 127.5


@needs("tensorflow")
@pytest.mark.parametrize("shape", [
    (32, 48, 3), (20, 27, 3), (24, 16, 1), (21, 9, 1),
])
@pytest.mark.parametrize("quality", [10, 49, 50, 75, 95, 100])
def test_it_is_what_a_file_shows(shape, quality):
    pictures = drawn(*shape)
    files = np.stack([of_file(each, quality) for each in pictures])
    found = ours(pictures, quality)
    np.testing.assert_allclose(found, np.rint(found), atol=1e-3)
    apart = np.abs(found - files.astype("float32")).mean()
    lost = np.abs(pictures.astype("float32") - files).mean()
    # libjpeg computes in whole numbers, and rounds the mean of four chromas
    # up and down in turns: now and then a cosine is another step.
    assert apart < (0.5 if shape[-1] == 1 else 2)
    assert apart < lost / 3 or quality == 100


def test_each_picture_has_its_own_quality():
    pictures = drawn(16, 16, 3, 3)
    x = tensor(pictures / np.float32(127.5) - 1)
    both = array(compressed(x, tensor([10.0, 60.0, 95.0])))
    for row, quality in enumerate((10.0, 60.0, 95.0)):
        alone = array(compressed(x[row:row + 1], tensor([quality])))
        np.testing.assert_allclose(both[row:row + 1], alone, atol=1e-6)
    apart = np.abs(both - array(x)).mean((1, 2, 3))
    assert apart[0] > apart[1] > apart[2]


def test_levels_are_those_of_8_bits_and_let_the_gradient_through():
    x = rng.uniform(-1.2, 1.2, (5, 4, 4, 3)).astype("float32")
    found = array(levels(tensor(x)))
    exact = np.rint(np.clip((x + 1) * 127.5, 0, 255)) / 127.5 - 1
    np.testing.assert_allclose(found, exact, atol=1e-6)
    inside = np.abs(x) < 1
    slope = array(gradients.gradient_wrt_input(levels, tensor(x)))
    np.testing.assert_allclose(slope, inside, atol=1e-6)


@pytest.mark.parametrize("wrong", [
    (0, 50), (60, 50), (50, 101), 75, (50,), "75", (50, 60, 70),
])
def test_wrong_qualities_are_refused(wrong):
    with pytest.raises(InputError, match="least and the most, from 1 to 100"):
        Compress(wrong)


def test_what_has_no_colours_is_refused():
    for shape in (2, 8, 8, 2), (2, 4, 8, 8, 3), (2, 2):
        with pytest.raises(InputError, match="JPEG is of pictures"):
            Compress()(tensor(np.zeros(shape)), noise.Stream(0))


def test_rows_have_qualities_of_their_own_within_the_bounds():
    same = np.repeat(drawn(16, 16, 3, 1), 60, 0)
    x = tensor(same / np.float32(127.5) - 1)
    stream = noise.Stream(5)
    found = array(Compress((20, 60))(x, stream))
    chance = array(noise.Stream(5).uniform(60, ()))
    expected = array(compressed(x, tensor(20 + 40 * chance)))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert len(np.unique(found.reshape(60, -1), axis=0)) > 20
    half = array(Compress((20, 60))(x[30:], noise.Stream(5, 1, 2)))
    np.testing.assert_allclose(half, found[30:], atol=1e-6)
    fixed = Compress.from_config(Compress((75, 75)).get_config())
    np.testing.assert_allclose(
        array(fixed(x[:1], stream)), array(compressed(x[:1], tensor([75.0]))),
        atol=1e-6,
    )
