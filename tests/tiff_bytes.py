"""TIFF files written byte by byte, as Pillow cannot."""

import struct
import zlib

import numpy as np


def written(
    array, order="<", planes=1, packed=False, predictor=1, tile=None,
    colours=1, extra=None, turn=1,
):
    """The bytes of a TIFF.

    Args:
        array: (height, width, channels), or a list of such, its pages.
        order: "<" or ">" of its bytes.
        planes: 1, all channels of a pixel together, or 2, one by one.
        packed: whether by deflate.
        predictor: 1, 2 or, of floats, 3.
        tile: pixels of a square tile's side; strips of 5 rows without.
        colours: the tag of that name; extra: that of extra samples.
        turn: orientation.
    """
    body, tables = b"", []
    for page in array if isinstance(array, list) else [array]:
        height, width, channels = page.shape
        blocks = [
            _encoded(block, order, packed, predictor)
            for part in ([page] if planes == 1 else np.split(
                page, channels, -1
            )) for block in _blocks(part, tile)
        ]
        places = 8 + len(body) + np.cumsum([0, *map(len, blocks)])[:-1]
        body += b"".join(blocks)
        tags = {
            256: [width], 257: [height],
            258: [page.itemsize * 8] * channels, 259: [8 if packed else 1],
            262: [colours], 274: [turn], 277: [channels], 284: [planes],
            317: [predictor],
            339: [{"u": 1, "i": 2, "f": 3}[page.dtype.kind]] * channels,
        } | ({338: extra} if extra else {})
        counts = list(map(len, blocks))
        tables.append(tags | (
            {322: [tile], 323: [tile], 324: places, 325: counts}
            if tile else {273: places, 278: [5], 279: counts}
        ))
    body += b"\0" * (len(body) % 2)
    return _whole(body, tables, order)


def _blocks(part, tile):
    height, width, channels = part.shape
    if not tile:
        return [part[top:top + 5] for top in range(0, height, 5)]
    rest = (0, -height % tile), (0, -width % tile), (0, 0)
    padded = np.pad(part, rest)
    return [
        padded[top:top + tile, left:left + tile]
        for top in range(0, height, tile) for left in range(0, width, tile)
    ]


def _encoded(block, order, packed, predictor):
    if predictor == 3:
        planes = np.ascontiguousarray(block, ">f4").view(np.uint8)
        height, width, _ = block.shape
        planes = planes.reshape(height, -1, 4).swapaxes(1, 2)
        block = planes.reshape(height, -1, block.shape[2])
    if predictor > 1:
        block = np.diff(
            block.view(f"u{block.itemsize}"), axis=1, prepend=block.dtype.type(
                0
            ).view(f"u{block.itemsize}")
        )
    data = block.astype(block.dtype.newbyteorder(order)).tobytes()
    return zlib.compress(data) if packed else data


def _whole(body, tables, order):
    place, found = 8 + len(body), b""
    for number, tags in enumerate(tables):
        entries, beyond = b"", b""
        start = place + len(found)
        after = start + 2 + 12 * len(tags) + 4
        for tag, values in sorted(tags.items()):
            data = struct.pack(f"{order}{len(values)}I", *map(int, values))
            if len(data) > 4:
                data, beyond = struct.pack(
                    f"{order}I", after + len(beyond)
                ), beyond + data
            entries += struct.pack(f"{order}HHI", tag, 4, len(values)) + data
        more = number + 1 < len(tables)
        follows = after + len(beyond) if more else 0
        found += struct.pack(f"{order}H", len(tags)) + entries + struct.pack(
            f"{order}I", follows
        ) + beyond
    head = {"<": b"II*\0", ">": b"MM\0*"}[order]
    return head + struct.pack(f"{order}I", place) + body + found
