"""Sizes and modes from the first bytes of files."""

import io

import numpy as np
import pytest
from PIL import Image

from keras_gen.data import pictures
from keras_gen.data.sources import headers


class Store:
    """One file in memory."""

    def __init__(self, content):
        self.content = content

    def open(self, name):
        return io.BytesIO(self.content)


def read(image, form, **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return headers.read(Store(file.getvalue()), "x"), file.getvalue()


CASES = [
    (form, mode, grey)
    for form, modes in {
        "PNG": "1 L LA I;16 P RGB RGBA",
        "JPEG": "L RGB CMYK",
        "TIFF": "1 L LA I;16 RGB RGBA CMYK",
        "BMP": "L RGB",
        "GIF": "P",
        "WEBP": "RGB RGBA",
        "PPM": "L RGB",
    }.items()
    for mode in modes.split()
    for grey in [mode in ("1", "L", "LA", "I;16")]
]


@pytest.mark.parametrize("form, mode, grey", CASES)
def test_size_and_grey(form, mode, grey):
    image = Image.new(mode, (37, 21))
    if mode == "P":
        image.putpalette([0, 0, 0, 10, 200, 30])
    head, content = read(image, form)
    assert head == (37, 21, grey)
    # As it will be decoded.
    assert pictures.decode(content, 3, 8).size == (37, 21)


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_palette_of_greys_is_grey(form):
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 99, 99, 99, 255, 255, 255])
    assert read(image, form)[0].grey


@pytest.mark.parametrize("turn, size", [
    (1, (30, 20)), (3, (30, 20)), (6, (20, 30)), (8, (20, 30)),
])
def test_pictures_that_are_turned(turn, size):
    exif = Image.Exif()
    exif[0x0112] = turn
    head, content = read(Image.new("RGB", (30, 20)), "JPEG", exif=exif)
    assert head[:2] == size == pictures.decode(content, 3, 8).size


@pytest.mark.parametrize("options", [
    {"progressive": True}, {"comment": b"x" * 300},
    {"icc_profile": b"y" * 9000},  # the frame lies behind what is read
])
def test_jpegs_of_all_sorts(options):
    head, _ = read(Image.new("L", (30, 20)), "JPEG", **options)
    assert head == (30, 20, True)


@pytest.mark.parametrize("content", [
    b"", b"x", b"\xff\xd8", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x00\x00\x00\x03" + bytes(40),
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40), b"<html>" * 99,
])
def test_what_is_no_picture(content):
    with pytest.raises(Exception) as caught:
        headers.read(Store(content), "x")
    reason = headers.reason(caught.value)
    assert reason and "\n" not in reason


def test_large_jpegs_come_out_as_if_decoded_in_full():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (40, 40, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(coarse).resize((800, 800)).save(file, "JPEG", quality=95)
    fast = pictures.decode(file.getvalue(), 3, 64)
    assert fast.size == (400, 400) or fast.size == (200, 200)
    whole = Image.open(io.BytesIO(file.getvalue()))
    assert whole.size == (800, 800)
    difference = np.abs(
        pictures.fit(fast, 64).astype(int) - pictures.fit(whole, 64)
    )
    assert difference.max() <= 3 and difference.mean() < 0.5
