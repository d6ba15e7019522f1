"""Sizes and modes from the first bytes of files."""

import io

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
    assert pictures.decode(content, 3).size == (37, 21)


@pytest.mark.parametrize("form", ["PNG", "GIF"])
def test_a_palette_of_greys_is_grey(form):
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 99, 99, 99, 255, 255, 255])
    assert read(image, form)[0].grey


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
