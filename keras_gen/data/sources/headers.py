"""Size and mode of a picture from the first bytes of its file.

A folder of 100,000 pictures is opened on headers alone. Pillow takes 0.1 ms
for one; the two formats that nearly all pictures have are therefore read
here, and whatever is unusual in them is left to Pillow.
"""

import io
import struct
import typing

from PIL import Image, UnidentifiedImageError

from keras_gen import plot

_HEAD = 2048
_GREY = ("1", "L", "LA", "La", "I")
_ORIENTATION = 0x0112


class Figure(ValueError):
    """A file that keras_gen drew: a figure, and no data."""


class Header(typing.NamedTuple):
    """What is known of a picture without its pixels: width and height of the
    upright picture, and whether its file holds grey values only."""

    width: int
    height: int
    grey: bool


def read(store, name):
    """The Header of a file; whatever Pillow raises where there is none."""
    with store.open(name) as file:
        head = file.read(_HEAD)
        if plot.MARK in head:
            raise Figure("a figure that keras_gen drew")
        found = _png(head) or _jpeg(head)
        if found is None:
            file.seek(0)
            found = _pillow(file)
    return found


def is_figure(store, name):
    """Whether a file is a figure that keras_gen drew."""
    try:
        with store.open(name) as file:
            return plot.MARK in file.read(_HEAD)
    except Exception:  # of a damaged archive, which is told when it is read
        return False


def reason(error):
    """Why a file cannot be read, in one line."""
    if isinstance(error, UnidentifiedImageError):
        return "not a picture, or broken at its beginning"
    return str(error).partition("\n")[0] or type(error).__name__


def _png(head):
    """Of a PNG that is no palette picture, else None."""
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
        return None
    if len(head) < 33:
        return None
    width, height, _, kind = struct.unpack(">IIBB", head[16:26])
    if not width or not height or kind == 3:
        return None
    return Header(width, height, kind in (0, 4))


def _jpeg(head):
    """Of a JPEG whose frame begins early and that has no Exif, which may
    turn it, else None."""
    if head[:2] != b"\xff\xd8":
        return None
    place = 2
    while place + 10 <= len(head) and head[place] == 0xFF:
        marker = head[place + 1]
        length = int.from_bytes(head[place + 2:place + 4], "big")
        if marker == 0xE1:  # Exif
            return None
        # Baseline, extended, progressive: the frames that Pillow reads.
        if marker in (0xC0, 0xC1, 0xC2):
            height, width, parts = struct.unpack(
                ">HHB", head[place + 5:place + 10]
            )
            if not width or not height:
                return None
            return Header(width, height, parts == 1)
        place += 2 + length
    return None


def _pillow(file):
    # A file in a .zip is slow to seek in.
    with Image.open(io.BufferedReader(file, 1 << 16)) as image:
        width, height = image.size
        if image.getexif().get(_ORIENTATION, 1) > 4:
            width, height = height, width
        grey = image.mode in _GREY or image.mode.startswith("I;")
        if image.mode == "P":
            values = image.getpalette("RGB")
            grey = values[::3] == values[1::3] == values[2::3]
        return Header(width, height, grey)
