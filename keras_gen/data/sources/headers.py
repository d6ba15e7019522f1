"""Size and mode of a picture from the headers of its file.

A folder of 100,000 pictures is opened on headers alone. Pillow takes 0.1 ms
for one; the two formats that nearly all pictures have are therefore read
here, and whatever is unusual in them is left to Pillow.
"""

import io
import struct
import typing

from PIL import Image, UnidentifiedImageError

from keras_gen import plot
from keras_gen.data import native, orientation, png

_HEAD = 2048
_GREY = ("1", "L", "LA", "La", "I")
# More chunks than any PNG of a picture has.
_CHUNKS = 2**15
_XMP, _PROFILE = b"XML:com.adobe.xmp\0", b"Raw profile type exif\0"


class Figure(ValueError):
    """A file that keras_gen drew: a figure, and no data."""


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
        if plot.MARK in head:
            raise Figure("a figure that keras_gen drew")
        found = _png(head, file) or _jpeg(head)
        if found is None:
            file.seek(0)
            found = _of_arrays(file, head) or _pillow(file)
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


def _png(head, file):
    """Of a PNG, else None, also where Pillow must unpack something."""
    if head[:8] != png.MAGIC or head[12:16] != b"IHDR" or len(head) < 33:
        return None
    width, height, _, kind = struct.unpack(">IIBB", head[16:26])
    if not width or not height:
        return None
    grey, by_exif, by_xmp = kind in (0, 4), None, None
    for name, data in _chunks(head, file):
        if name == b"PLTE" and kind == 3:
            grey = data[::3] == data[1::3] == data[2::3]
        elif name == b"eXIf":
            by_exif = orientation.of_exif(data)
        elif name == b"iTXt" and data[len(_XMP):][:1] == b"\0":
            by_xmp = orientation.of_xmp(data)
        elif name != b"PLTE":
            return None
    gives = {4: (1, 3, 2), 6: (1, 3, 4)}.get(kind, Header.gives)
    return _upright(width, height, by_exif or by_xmp or 1, grey, gives)


def _chunks(head, file):
    """(name, data) of a PNG's palette and of what may turn it, wherever in
    the file it stands: the pixels are skipped. Ends with an empty name where
    there are too many chunks."""
    def read(start, count):
        if start + count <= len(head):
            return head[start:start + count]
        file.seek(start)
        return file.read(count)

    place = 8
    for _ in range(_CHUNKS):
        begin = read(place, 8)
        length, name = int.from_bytes(begin[:4], "big"), begin[4:]
        if len(begin) < 8 or name == b"IEND":
            return
        whole = name in (b"PLTE", b"eXIf")
        if name in (b"tEXt", b"zTXt", b"iTXt"):
            key = read(place + 8, min(length, len(_PROFILE)))
            whole = key.startswith((_XMP, _PROFILE))
        if whole:
            yield name, read(place + 8, length)
        place += 12 + length
    yield b"", b""


def _upright(width, height, turn, grey, gives):
    """The Header of a picture of an orientation."""
    if turn > 4:
        width, height = height, width
    return Several.of(width, height, grey, gives)


def _jpeg(head):
    """Of a JPEG whose pixels begin early and that has no Exif or XMP, which
    may turn it, else None."""
    if head[:2] != b"\xff\xd8":
        return None
    place, found = 2, None
    while place + 10 <= len(head) and head[place] == 0xFF:
        marker = head[place + 1]
        length = int.from_bytes(head[place + 2:place + 4], "big")
        if marker == 0xDA:  # the pixels
            return found
        if marker == 0xE1:  # Exif, XMP
            return None
        # Baseline, extended, progressive: the frames that Pillow reads.
        if marker in (0xC0, 0xC1, 0xC2):
            height, width, parts = struct.unpack(
                ">HHB", head[place + 5:place + 10]
            )
            if not width or not height:
                return None
            found = Header(width, height, parts == 1)
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
        if image.format == "PNG":
            image.load()  # what turns it may stand behind the pixels
        turn = orientation.of(image)
        if image.format == "TIFF":
            # Some Pillows swap the sides before they load it, some then.
            width, height = (image.tag_v2[tag] for tag in (256, 257))
            turn = image.tag_v2.get(orientation.TAG, 1)
        grey = image.mode in _GREY or image.mode.startswith("I;")
        if image.mode == "P":
            values = image.getpalette("RGB")
            grey = values[::3] == values[1::3] == values[2::3]
        bands, alpha = image.getbands(), image.mode in ("LA", "RGBA")
        gives = native.gives(len(bands) if alpha else 3, alpha)
        return _upright(width, height, turn, grey, gives)
