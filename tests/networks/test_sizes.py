"""Sizes: what a network takes, and how other pictures are made to fit."""

import re

import keras
import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.networks import dcgan, resnet_translator, sizes, unet


@pytest.mark.parametrize(
    "build, arguments, expected",
    [
        (unet.generator, {"size": 16}, 16),
        (unet.generator, {"size": 32}, 32),
        (resnet_translator.generator, {"blocks": 1}, 4),
        (dcgan.generator, {"size": 16}, 1),
    ],
)
def test_multiple_survives_saving(build, arguments, expected, tmp_path):
    network = build(width=1, **arguments)
    assert sizes.multiple(network) == expected
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    assert sizes.multiple(loaded) == expected


@pytest.mark.parametrize("size", ((16, 16), (20, 37), (31, 17), (9, 33)))
def test_padding_makes_any_size_fit(size):
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (2, *size, 3)).astype("float32")
    padded, crop = sizes.pad_to_multiple(images, 16)
    assert padded.dtype == images.dtype
    for side, before in zip(padded.shape[1:3], size):
        assert side % 16 == 0 and 0 <= side - before < 16
    np.testing.assert_array_equal(crop(padded), images)
    network = unet.generator(16, width=1)
    assert crop(network(padded)).shape == images.shape


def test_padding_is_a_symmetric_reflection():
    row = np.arange(5)
    images = np.broadcast_to(row[None, None, :, None], (1, 8, 5, 1))
    padded, crop = sizes.pad_to_multiple(images, 8)
    np.testing.assert_array_equal(
        padded[0, 0, :, 0], [1, 0, 1, 2, 3, 4, 3, 2]
    )
    assert padded.shape == (1, 8, 8, 1)
    turned, _ = sizes.pad_to_multiple(images.swapaxes(1, 2), 8)
    np.testing.assert_array_equal(turned, padded.swapaxes(1, 2))


@pytest.mark.parametrize("multiple", (4, 8, 32, 256))
def test_small_pictures_name_the_nearest_size(multiple):
    def works(side):
        images = np.zeros((1, side, 2 * multiple, 1))
        try:
            return bool(sizes.pad_to_multiple(images, multiple)[0].size)
        except InputError:
            return False

    good = [s for s in range(1, multiple + 1) if works(s)]
    bad = sorted(set(range(1, multiple)) - set(good))
    assert multiple in good
    # A side s has s - 1 pixels to give on each end.
    assert min(good) == next(
        s for s in range(1, multiple + 1) if -(-(multiple - s) // 2) <= s - 1
    )
    for side in (bad[0], bad[-1]):
        with pytest.raises(InputError) as error:
            sizes.pad_to_multiple(
                np.zeros((1, 2 * multiple, side, 1)), multiple
            )
        text = str(error.value)
        height, width = map(int, re.findall(r"(\d+) x (\d+)$", text)[0])
        assert height == 2 * multiple
        distance = min(abs(side - s) for s in good)
        assert width in good and abs(width - side) == distance


@pytest.mark.parametrize("shape", [(8, 8, 3), (1, 0, 8, 3), (0, 8, 8, 3)])
def test_padding_needs_pictures(shape):
    with pytest.raises(InputError, match="shape"):
        sizes.pad_to_multiple(np.zeros(shape), 4)


def test_pyramid():
    found = {
        size: sizes.pyramid(size)
        for size in (16, 28, 32, 56, 64, 112, 128, 224, 256, 512)
    }
    for size, (base, steps) in found.items():
        assert base * 2**steps == size and base in (4, 7) and steps >= 2
