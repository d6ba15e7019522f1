"""TIFF files of any number of channels and pages, which Pillow does not know.

Pillow unpacks the strips or tiles, whatever their compression: it is shown
each page as a grey picture that is as many times as wide as there are
channels. https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf
"""

import io
import struct

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _COLOURS = 256, 257, 258, 259, 262
_FILL, _OFFSETS, _SAMPLES, _ROWS = 266, 273, 277, 278
_COUNTS, _PLANES = 279, 284
_PREDICTOR, _TILE, _TILE_OFFSETS, _TILE_COUNTS = 317, (322, 323), 324, 325
_EXTRA, _FORMAT, _ORIENTATION = 338, 339, 274
# Grey and RGB; palettes, CMYK and YCbCr are Pillow's, and so is JPEG.
_KNOWN = (1, 2)
_JPEG = (6, 7)
# By bits and sample format: unsigned, signed, floating.
_TYPES = {
    (8, 1): "u1", (8, 2): "i1", (16, 1): "u2", (16, 2): "i2", (32, 1): "u4",
    (32, 2): "i4", (32, 3): "f4",
}
_MOST = 4096


def takes(head: bytes) -> bool:
    """Whether a file of these first bytes is a TIFF."""
    return head[:4] in (b"II*\0", b"MM\0*")


def pages(file) -> list:
    """The tags of the pages that are read: all where they are alike, else
    the first. `file`: open for reading, at its beginning."""
    head = file.read(8)
    tags = ImageFileDirectory_v2(head)
    found, place, seen = [], tags.next, set()
    while place and place not in seen and len(found) < _MOST:
        seen.add(place)
        tags = ImageFileDirectory_v2(head)
        file.seek(place)
        tags.load(file)
        found.append(tags)
        place = tags.next
    same = all(_form(page) == _form(found[0]) for page in found)
    return found if same else found[:1]


def deep(found: list) -> bool:
    """Whether pages are for this module: of several channels, several pages
    or numbers that Pillow takes for others, and of types that it knows."""
    known = all(
        page.get(_COLOURS) in _KNOWN and page.get(_COMPRESSION, 1) not in _JPEG
        and _type(page) for page in found
    )
    odd = _type(found[0]) in ("i1", "u4", "f4")
    return known and (
        channels(found) > 1 or odd and found[0].get(_PREDICTOR, 1) != 3
    )


def of_pillow(found: list) -> bool:
    """Whether Pillow, too, knows such pages, if only by 8 bits."""
    return (
        len(found) == 1 and found[0][_COLOURS] == 2
        and found[0].get(_SAMPLES, 1) in (3, 4)
        and _type(found[0]) in ("u1", "u2")
    )


def channels(found: list) -> int:
    """Of all pages together."""
    return sum(page.get(_SAMPLES, 1) for page in found)


def alpha(found: list) -> bool:
    """Whether the last channel says how opaque a pixel is."""
    extra = found[0].get(_EXTRA, ())
    extra = extra if isinstance(extra, tuple) else (extra,)
    return len(found) == 1 and channels(found) in (2, 4) and (
        extra[-1:] in ((1,), (2,))
    )


def sides(found: list) -> tuple[int, int]:
    """(width, height) of the upright picture."""
    width, height = found[0][_WIDTH], found[0][_HEIGHT]
    return (height, width) if turn(found) > 4 else (width, height)


def turn(found: list) -> int:
    """The orientation, 1 ... 8."""
    tag = found[0].get(_ORIENTATION, 1)
    return tag if tag in range(1, 9) else 1


def read(content: bytes, found: list) -> np.ndarray:
    """The pages of a file, one after the other: (height, width, channels),
    not yet upright.

    Raises:
        ValueError: a predictor that is not known; whatever Pillow raises for
            a broken file.
    """
    return np.concatenate([_page(content, page) for page in found], -1)


def _form(page):
    return tuple(page.get(tag) for tag in (
        _WIDTH, _HEIGHT, _BITS, _SAMPLES, _FORMAT, _COLOURS, _ORIENTATION
    ))


def _type(page):
    """The NumPy name of a sample's type, None where they are not alike or
    not known."""
    bits, form = (
        set(value if isinstance(value, tuple) else (value,))
        for value in (page.get(_BITS, 1), page.get(_FORMAT, 1))
    )
    if len(bits) > 1 or len(form) > 1:
        return None
    return _TYPES.get((bits.pop(), form.pop()))


def _page(content, page):
    samples = page.get(_SAMPLES, 1)
    if page.get(_PLANES, 1) == 1 or samples == 1:
        return _plane(content, page, samples, slice(None))
    # Each channel by itself: its share of the strips or tiles.
    tag = _TILE_OFFSETS if _TILE_OFFSETS in page else _OFFSETS
    share = len(page[tag]) // samples
    return np.concatenate([
        _plane(content, page, 1, slice(i * share, (i + 1) * share))
        for i in range(samples)
    ], -1)


def _plane(content, page, samples, part):
    """(height, width, samples) of some of the strips or tiles."""
    width, height, across = page[_WIDTH], page[_HEIGHT], page[_WIDTH]
    tiled = _TILE_OFFSETS in page
    if tiled:
        # All of the last tiles, too: differences run to their ends.
        across = -(-width // page[_TILE[0]]) * page[_TILE[0]]
    kind, bits = np.dtype(_type(page)), _first(page.get(_BITS, 1))
    tags = {
        _WIDTH: [across * samples], _HEIGHT: [height], _BITS: [bits],
        _COMPRESSION: [page.get(_COMPRESSION, 1)], _COLOURS: [1],
        _FILL: [page.get(_FILL, 1)], _SAMPLES: [1],
        _FORMAT: [3 if bits == 32 else 1],
    }
    if tiled:
        tags |= {
            _TILE[0]: [page[_TILE[0]] * samples], _TILE[1]: [page[_TILE[1]]],
            _TILE_OFFSETS: page[_TILE_OFFSETS][part],
            _TILE_COUNTS: page[_TILE_COUNTS][part],
        }
    else:
        tags |= {
            _ROWS: [min(page.get(_ROWS, height), height)],
            _OFFSETS: page[_OFFSETS][part], _COUNTS: page[_COUNTS][part],
        }
    with Image.open(io.BytesIO(_with(content, tags))) as image:
        image.load()
        array = np.asarray(image)
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("="))
    if bits == 32 and content[:2] == b"MM" and page.get(_COMPRESSION, 1) != 1:
        # Pillow turns them once more than libtiff, which unpacks them.
        array = array.byteswap()
    segments = array.reshape(
        height, -1, page[_TILE[0]] if tiled else across, samples
    )
    whole = _sums(segments, kind, page.get(_PREDICTOR, 1), content[:2])
    return whole.reshape(height, across, samples)[:, :width]


def _first(value):
    return value[0] if isinstance(value, tuple) else value


def _with(content, tags):
    """The file with these tags for its only page, of unsigned numbers."""
    order = "<" if content[:2] == b"II" else ">"
    # Tables begin at even places.
    content += b"\0" * (len(content) % 2)
    entries, beyond = [], b""
    place = len(content) + 2 + 12 * len(tags) + 4
    for tag, values in sorted(tags.items()):
        short = tag not in (_OFFSETS, _COUNTS, _TILE_OFFSETS, _TILE_COUNTS)
        letter, kind = ("H", 3) if short and max(values) < 65536 else ("I", 4)
        packed = struct.pack(f"{order}{len(values)}{letter}", *values)
        if len(packed) > 4:
            where, beyond = place + len(beyond), beyond + packed
            packed = struct.pack(f"{order}I", where)
        head = struct.pack(f"{order}HHI", tag, kind, len(values))
        entries.append(head + packed.ljust(4, b"\0"))
    table = struct.pack(f"{order}H", len(tags)) + b"".join(entries)
    first = struct.pack(f"{order}I", len(content))
    return (
        content[:4] + first + content[8:] + table + b"\0" * 4 + beyond
    )


def _sums(segments, kind, predictor, order):
    """Undoes the differences along the rows of (height, segments, width,
    samples)."""
    if predictor == 1:
        return segments.view(kind)
    if predictor == 2:
        unsigned = segments.view(f"u{kind.itemsize}")
        return np.cumsum(unsigned, 2, unsigned.dtype).view(kind)
    if predictor == 3 and kind.kind == "f" and order == b"II":
        height, parts, width, samples = segments.shape
        shifted = segments.view(np.uint8).reshape(
            height, parts, -1, samples
        )
        total = np.cumsum(shifted, 2, np.uint8)
        # The first bytes of all numbers, then the second ones ...
        total = total.reshape(height, parts, kind.itemsize, width * samples)
        moved = np.ascontiguousarray(np.moveaxis(total, 2, 3))
        return moved.view(">f4").astype(kind).reshape(segments.shape)
    raise ValueError(
        f"a TIFF with the predictor {predictor}; save it without, or as .npy"
    )
