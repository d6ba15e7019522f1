"""PNG files of 16 bits and several channels, which Pillow cuts to 8 bits."""

import struct
import zlib

import numpy as np
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Colour type of the header: (channels, whether the last one is alpha).
_CHANNELS = {0: (1, False), 2: (3, False), 4: (2, True), 6: (4, True)}


def takes(content: bytes) -> bool:
    """Whether a file is such a PNG: grey ones without alpha are Pillow's."""
    return (
        content[:8] == SIGNATURE and content[24:25] == b"\x10"
        and content[25:26] in (b"\2", b"\4", b"\6")
    )


def read(content: bytes) -> tuple[np.ndarray, bool]:
    """(uint16 (height, width, channels), whether the last one is alpha).

    Raises:
        ValueError: the file is broken, too large or interlaced.
    """
    width, height, _, kind, _, _, interlaced = struct.unpack(
        ">IIBBBBB", content[16:29]
    )
    if interlaced:
        raise ValueError(
            "an interlaced PNG of 16 bits in colour; save it without "
            "interlacing"
        )
    if width * height > 2 * Image.MAX_IMAGE_PIXELS:
        raise ValueError(f"{width} x {height} pixels are too many")
    channels, alpha = _CHANNELS[kind]
    row = 2 * channels * width
    reader = zlib.decompressobj()
    data = reader.decompress(_packed(content), height * (row + 1))
    if len(data) < height * (row + 1):
        raise ValueError("image file is truncated")
    lines = np.frombuffer(data, np.uint8).reshape(height, row + 1)
    pixels = _unfiltered(
        lines[:, 0], lines[:, 1:].reshape(height, width, 2 * channels)
    )
    return pixels.view(">u2").astype(np.uint16), alpha


def _packed(content):
    """The compressed bytes of all IDAT chunks."""
    parts, place = [], 8
    while place + 8 <= len(content):
        length, name = struct.unpack(">I4s", content[place:place + 8])
        if name == b"IDAT":
            parts.append(content[place + 8:place + 8 + length])
        place += 12 + length
    return b"".join(parts)


def _unfiltered(filters, lines):
    """Undoes the filters of the rows.

    A byte depends on those to the left, above, and above to the left. All
    pixels of which row + column is the same come at once, after the two
    diagonals before.

    Args:
        filters: uint8 (height,), 0 ... 4: none, left, above, the mean of
            these, or Paeth's choice among the three.
        lines: uint8 (height, width, bytes of a pixel).
    """
    if filters.max(initial=0) > 4:
        raise ValueError("a PNG with an unknown filter")
    height, width, size = lines.shape
    # With a row above and a column to the left, both 0.
    whole = np.zeros((height + 1, width + 1, size), np.int16)
    for diagonal in range(height + width - 1):
        rows = np.arange(
            max(0, diagonal - width + 1), min(height, diagonal + 1)
        )
        columns = diagonal - rows
        left = whole[rows + 1, columns]
        above = whole[rows, columns + 1]
        corner = whole[rows, columns]
        chosen = np.broadcast_to(filters[rows, None], left.shape)
        guess = np.choose(chosen, [
            np.zeros_like(left), left, above, (left + above) >> 1,
            _paeth(left, above, corner),
        ])
        whole[rows + 1, columns + 1] = lines[rows, columns] + guess & 255
    return np.ascontiguousarray(whole[1:, 1:].astype(np.uint8))


def _paeth(left, above, corner):
    """Of the three, what is nearest to left + above - corner."""
    far_left = np.abs(above - corner)
    far_above = np.abs(left - corner)
    far_corner = np.abs(left + above - 2 * corner)
    found = np.where(far_above <= far_corner, above, corner)
    first = (far_left <= far_above) & (far_left <= far_corner)
    return np.where(first, left, found)
