"""Size and mode of a picture from the first bytes of its file.

A folder of 100,000 pictures is opened on headers alone. Pillow takes 0.1 ms
for one; the two formats that nearly all pictures have are therefore read
here, and whatever is unusual in them is left to Pillow.
"""

import io
import struct
import typing

from PIL import Image, UnidentifiedImageError

from keras_gen.data import native

_HEAD = 2048
_GREY = ("1", "L", "LA", "La", "I")
_ORIENTATION = 0x0112


class Header(typing.NamedTuple):
    """What is known of a picture without its pixels: width and height of the
    upright picture, and whether its file holds grey values only."""

    width: int
    height: int
    grey: bool
    # With which numbers of channels it can be read.
    gives = (1, 3)


class Several(Header):
    """Of a picture that can be read with other numbers of channels."""

    @classmethod
    def of(cls, width, height, grey, gives):
        """A Header with these `gives`."""
        if gives == Header.gives:
            return Header(width, height, grey)
        found = cls(width, height, grey)
        found.gives = gives
        return found


def read(store, name):
    """The Header of a file; whatever Pillow raises where there is none."""
    with store.open(name) as file:
        head = file.read(_HEAD)
        found = _png(head) or _jpeg(head)
        if found is None:
            file.seek(0)
            found = _of_arrays(file, head) or _pillow(file)
    return found


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
    gives = {4: (1, 3, 2), 6: (1, 3, 4)}.get(kind, (1, 3))
    return Several.of(width, height, kind in (0, 4), gives)


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


def _of_arrays(file, head):
    """Of an array, or a TIFF of several channels, else None."""
    if not native.several(head):
        return None
    whole = file if file.seekable() else io.BytesIO(file.read())
    found = native.header(whole)
    return found and Several.of(*found)


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
        bands, alpha = image.getbands(), image.mode in ("LA", "RGBA")
        gives = native.gives(len(bands) if alpha else 3, alpha)
        return Several.of(width, height, grey, gives)
