"""Bytes of picture files: PNG chunk by chunk, segments of JPEG, Exif, XMP."""

import io
import itertools
import struct
import zlib

import numpy as np

# The passes of Adam7: first column and row, steps between them.
_PASSES = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
    (1, 0, 2, 2), (0, 1, 1, 2),
)


def chunk(kind, data):
    """A chunk of a PNG file."""
    code = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", code)


def png(samples, colour, bits, *, before=(), after=(), interlaced=False,
        parts=1):
    """A PNG file.

    Args:
        samples: whole numbers (height, width, planes).
        colour, bits: type and depth of the header.
        before, after: chunks, (kind, data), around the pixels.
        interlaced: by Adam7.
        parts: chunks that the pixels lie in.
    """
    height, width, _ = samples.shape
    rows = [samples]
    if interlaced:
        rows = [samples[y::down, x::across] for x, y, across, down in _PASSES]
    lines = b"".join(map(_lines, rows, itertools.repeat(bits)))
    packed = zlib.compress(lines)
    step = -(-len(packed) // parts)
    pieces = [packed[i:i + step] for i in range(0, len(packed), step)]
    head = struct.pack(
        ">IIBBBBB", width, height, bits, colour, 0, 0, interlaced
    )
    chunks = [
        (b"IHDR", head), *before, *((b"IDAT", piece) for piece in pieces),
        *after, (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def _lines(samples, bits):
    """Each row behind the number of its filter, none or the difference to
    the row above."""
    if not samples.size:
        return b""
    flat = samples.reshape(len(samples), -1)
    if bits == 16:
        packed = flat.astype(">u2").view(np.uint8)
    else:
        each = flat[..., None] >> np.arange(bits)[::-1] & 1
        packed = np.packbits(each.reshape(len(flat), -1), axis=1)
    packed = packed.reshape(len(flat), -1).astype(np.uint8)
    above = np.diff(packed, axis=0, prepend=np.uint8(0))
    return b"".join(
        bytes([2 * (i % 2)]) + bytes(above[i] if i % 2 else packed[i])
        for i in range(len(flat))
    )


def jpeg(image, **options):
    """A file of Pillow's."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", **{"quality": 95, "subsampling": 0} | options)
    return stream.getvalue()


def segment(marker, data):
    """A segment of a JPEG file."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def with_segments(content, *segments):
    """A JPEG file with segments at its beginning."""
    return content[:2] + b"".join(segments) + content[2:]


def exif(turn, order=">", kind=3, count=1, thumbnail=b"", place=8):
    """An Exif block, without the name before it in JPEG files.

    Args:
        turn: the orientation; None without.
        order: of bytes, as struct names them.
        kind, count: type and number of the orientation's values; 3 and 1 are
            right.
        thumbnail: of a second directory, which says that it lies on its side.
        place: of the first directory.
    """
    entries = [(0x010F, 2, 3, b"me\0\0")]
    if turn is not None:
        form = {3: "H2x", 4: "I"}.get(kind, "B3x")
        value = struct.pack(order + form, turn)
        entries.append((0x0112, kind, count, value))
    entries.append((0x0128, 3, 1, struct.pack(order + "H2x", 2)))
    end = place + 2 + 12 * len(entries) + 4
    block = _directory(entries, order, end if thumbnail else 0)
    if thumbnail:
        side = struct.pack(order + "H2x", 8)
        block += _directory([(0x0112, 3, 1, side)], order, 0) + thumbnail
    start = {"<": b"II*\0", ">": b"MM\0*"}[order]
    return (start + struct.pack(order + "I", place)).ljust(place, b"\0") + block


def _directory(entries, order, following):
    packed = b"".join(
        struct.pack(order + "HHI", tag, kind, count) + value
        for tag, kind, count, value in entries
    )
    return struct.pack(order + "H", len(entries)) + packed + struct.pack(
        order + "I", following
    )


def broken_exif():
    """{name: an Exif block that says nothing of an orientation}."""
    whole = exif(6)
    return {
        "empty": b"", "name": b"IIxx" + whole[4:], "short": whole[:7],
        "cut": whole[:12], "far": whole[:4] + b"\xff\xff\xff\xf0" + whole[8:],
        "count": whole[:8] + b"\0\0" + whole[10:], "0": exif(0),
        "9": exif(9, "<"), "byte": exif(6, kind=1), "many": exif(6, count=2),
        "without": exif(None, "<"), "noise": bytes(range(200)),
    }


def xmp(turn, in_tag=False):
    """An XMP packet that says an orientation."""
    said = f'tiff:Orientation="{turn}"'
    if in_tag:
        said = f"><tiff:Orientation>{turn}</tiff:Orientation><x"
    return (
        '<?xpacket begin="\ufeff"?><x:xmpmeta><rdf:Description '
        f"{said}/></x:xmpmeta>"
    ).encode()
