"""Modes of pictures, scaling, arrays."""

import io

import numpy as np
import pytest
from PIL import Image

from keras_gen.data import pictures
from keras_gen.data.reading import Reading


def decode(image, channels, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return np.asarray(pictures.decode(file.getvalue(), channels))


def test_grey_and_colour():
    grey = Image.new("L", (4, 4), 77)
    assert (decode(grey, 3) == 77).all() and decode(grey, 3).shape[2] == 3
    assert (decode(grey, 1) == 77).all() and decode(grey, 1).ndim == 2
    red = Image.new("RGB", (4, 4), (255, 0, 0))
    assert decode(red, 1)[0, 0] == 76  # 0.299 * 255
    assert decode(Image.new("1", (4, 4), 1), 3)[0, 0].tolist() == [255] * 3


@pytest.mark.parametrize("alpha, expected", [
    (0, [255, 255, 255]), (255, [10, 20, 30]), (51, [206, 208, 210]),
])
def test_transparent_parts_become_white(alpha, expected):
    image = Image.new("RGBA", (4, 4), (10, 20, 30, alpha))
    assert decode(image, 3)[1, 1].tolist() == expected
    grey = Image.new("LA", (4, 4), (20, alpha))
    assert decode(grey, 1)[1, 1] == {0: 255, 255: 20, 51: 208}[alpha]


def test_palette_with_and_without_transparency():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 10, 200, 30])
    assert decode(image, 3)[0, 0].tolist() == [10, 200, 30]
    assert decode(image, 3, transparency=1)[0, 0].tolist() == [255] * 3


def test_transparent_colour_of_a_grey_picture():
    image = Image.new("L", (4, 4), 9)
    assert decode(image, 1, transparency=9)[0, 0] == 255


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_16_bits_are_scaled_not_clipped(form):
    ramp = np.array([[0, 257, 128 * 257, 200 * 257 + 128, 65535]], np.uint16)
    image = Image.fromarray(ramp)
    assert image.mode.startswith("I;16")
    assert decode(image, 1, form)[0].tolist() == [0, 1, 128, 200, 255]
    assert decode(image, 3, form)[0, 4].tolist() == [255] * 3


def test_big_endian_16_bits():
    image = Image.new("I;16B", (2, 2), 128 * 257)
    assert (decode(image, 1, "TIFF") == 128).all()


def test_cmyk():
    image = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    red = decode(image, 3, "TIFF")[0, 0].tolist()
    assert red == [255, 0, 0]
    jpeg = decode(image, 3, "JPEG", quality=95)[0, 0].astype(int)
    assert np.abs(jpeg - [255, 0, 0]).max() < 12


def test_floating_point_is_refused():
    with pytest.raises(ValueError, match="floating-point"):
        decode(Image.new("F", (4, 4), 0.5), 3, "TIFF")


def test_exif_orientation_is_applied():
    array = np.zeros((4, 8), np.uint8)
    array[:, :4] = 255  # white on the left
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise
    upright = decode(Image.fromarray(array), 1, exif=exif)
    assert upright.shape == (8, 4)
    assert (upright[:4] == 255).all() and (upright[4:] == 0).all()


def test_fit_scales_the_short_side_and_cuts_the_middle():
    array = np.zeros((40, 80, 3), np.uint8)
    array[:, 20:60] = 100
    array[:20, 20:60, 1] = 200
    small = pictures.fit(Image.fromarray(array), 20)
    assert small.shape == (20, 20, 3) and small.dtype == np.uint8
    assert np.abs(small[:, 1:-1, 0].astype(int) - 100).max() <= 5
    assert (small[:8, 10, 1] > 190).all() and (small[12:, 10, 1] < 110).all()


def test_fit_agrees_with_pillow():
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (90, 120, 3), np.uint8))
    wide = image.resize((32 * 120 // 90, 32), Image.Resampling.LANCZOS)
    left = (wide.width - 32) // 2
    middle = np.asarray(wide)[:, left:left + 32].astype(int)
    ours = pictures.fit(image, 32)
    square = image.crop((15, 0, 105, 90))
    exact = np.asarray(square.resize((32, 32), Image.Resampling.LANCZOS))
    assert np.abs(ours[:, 3:-3].astype(int) - exact[:, 3:-3]).max() <= 1
    assert np.abs(ours - middle).mean() < 12


@pytest.mark.parametrize("size, box", [
    ((30, 20), (30, 0, 90, 90)), ((16, 32), (0, 15, 120, 75)),
    ((45, 60), (0, 0, 120, 90)), (30, (15, 0, 105, 90)),
])
def test_fit_covers_a_size_of_any_shape(size, box):
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 256, (90, 120, 3), np.uint8))
    ours = pictures.fit(image, size).astype(int)
    height, width = pictures.sides(size)
    assert ours.shape == (height, width, 3)
    other = np.asarray(image.crop(box).resize(
        (width, height), Image.Resampling.LANCZOS
    )).astype(int)
    assert np.abs(ours - other)[3:-3, 3:-3].max() <= 1


def test_fit_without_antialiasing_makes_up_nothing():
    board = np.random.default_rng(0).choice([3, 200], (40, 50))
    found = pictures.fit(
        Image.fromarray(board.astype(np.uint8)), (12, 20), smooth=False
    )
    assert set(np.unique(found)) == {3, 200} and found.shape == (12, 20, 1)


def test_a_checker_board_does_not_alias():
    board = (np.indices((256, 256)).sum(0) % 2 * 255).astype(np.uint8)
    small = pictures.fit(Image.fromarray(board), 24)[2:-2, 2:-2]
    assert np.abs(small.astype(int) - 127).max() <= 3
    # What this would be without antialiasing.
    nearest = np.asarray(Image.fromarray(board).resize((24, 24), 0))
    assert nearest.std() > 100


def test_fit_leaves_the_right_size_alone():
    array = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    np.testing.assert_array_equal(
        pictures.fit(Image.fromarray(array), 16), array
    )


def test_arrays_of_all_kinds():
    given = [
        np.full((5, 9), 50, np.uint8), np.full((9, 9, 1), 60, np.uint8),
        np.full((8, 8, 3), 70, np.uint8), np.zeros((8, 8, 4), np.uint8),
        np.full((8, 8), 90 * 257, np.uint16),
    ]
    result = Reading(1).fit_arrays(iter(given), 5, 8)
    assert result.shape == (5, 8, 8, 1)
    assert result[:, 4, 4, 0].tolist() == [50, 60, 70, 255, 90]


def test_arrays_too_large_for_memory_lie_in_a_scratch_file(monkeypatch):
    monkeypatch.setattr(pictures, "MEMORY_LIMIT", 100)
    given = np.random.default_rng(0).integers(0, 256, (9, 8, 8, 3), np.uint8)
    result = Reading(3).fit_arrays(given, 9, 8)
    assert isinstance(result, np.memmap)
    np.testing.assert_array_equal(result, given)
