"""Which way up a picture is, as its file says.

JPEG, PNG and WebP files say it in Exif and, where that does not, in XMP.
`keras_gen.export.file_headers` reads the same bytes by the same rules in a
served graph.
"""

import re
import struct

from PIL import Image

# Before a block of Exif; in some files twice, or where it should not be.
NAME = b"Exif\0\0"
TAG = 0x0112
_SHORT = 3
_XMP = re.compile(rb'tiff:Orientation(?:="|>)([1-8])')
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def of(image: Image.Image) -> int:
    """1 ... 8, of a PIL image whose pixels were loaded; 1, upright, where its
    file says none, or nonsense. TIFF files, which Pillow turns when it loads
    them, are upright."""
    if hasattr(image, "tag_v2"):
        return 1
    info = image.info
    return (
        of_exif(info.get("exif") or _raw_profile(info))
        or of_xmp(info.get("xmp") or info.get("XML:com.adobe.xmp") or b"") or 1
    )


def upright(image: Image.Image, turn: int) -> Image.Image:
    """A PIL image of an orientation, turned."""
    return image.transpose(_TURNS[turn]) if turn in _TURNS else image


def of_exif(block: bytes) -> int | None:
    """1 ... 8, of an Exif block: what its first directory says; None where
    that says nothing, or the block is broken."""
    block = block.removeprefix(NAME).removeprefix(NAME)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None or len(block) < 8:
        return None
    (place,) = struct.unpack_from(order + "I", block, 4)
    if place + 2 > len(block):
        return None
    (count,) = struct.unpack_from(order + "H", block, place)
    for i in range(min(count, (len(block) - place - 2) // 12)):
        tag, kind, number, turn = struct.unpack_from(
            order + "HHIH", block, place + 2 + 12 * i
        )
        if (tag, kind, number) == (TAG, _SHORT, 1) and 1 <= turn <= 8:
            return turn
    return None


def of_xmp(text: bytes | str) -> int | None:
    """1 ... 8, of an XMP packet; None where that does not say."""
    if isinstance(text, str):
        text = text.encode("utf-8", "replace")
    found = _XMP.search(text)
    return int(found[1]) if found else None


def _raw_profile(info):
    """What ImageMagick wrote of Exif into PNG files before they had a chunk
    for it: its name, its length, and its bytes in hexadecimal digits."""
    lines = str(info.get("Raw profile type exif", "")).split("\n")
    try:
        return bytes.fromhex("".join(lines[3:]))
    except ValueError:
        return b""
