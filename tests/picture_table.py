"""Picture files of every sort that people bring, each with its true pixels.

PNG files are written by `picture_bytes`, since Pillow writes few of their
kinds; their pixels are known by the specification, not by any decoder. JPEG
files are Pillow's, with segments put in.
"""

import itertools
import struct
import zlib
from typing import NamedTuple

import numpy as np
from PIL import Image

from picture_bytes import (
    broken_exif,
    chunk,
    exif,
    jpeg,
    png,
    segment,
    with_segments,
    xmp,
)

HEIGHT, WIDTH = 11, 13
# Of PNG: what a colour type's samples are.
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
PLANES = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
# How a picture is turned upright, by its orientation in Exif.
TURNS = {
    1: lambda x: x,
    2: lambda x: x[:, ::-1],
    3: lambda x: x[::-1, ::-1],
    4: lambda x: x[::-1],
    5: lambda x: np.swapaxes(x, 0, 1),
    6: lambda x: np.rot90(x, -1),
    7: lambda x: np.rot90(np.swapaxes(x, 0, 1), 2),
    8: lambda x: np.rot90(x, 1),
}


class File(NamedTuple):
    """A file, what is on it, and what a served graph may say instead.

    Attributes:
        name: of the case.
        content: bytes.
        pixels: float (height, width, 3), 0 ... 255, upright and on white.
        grey: whether the file holds grey values only.
        near: levels that a decoder may be off.
        refused: whether a served graph refuses it.
    """

    name: str
    content: bytes
    pixels: np.ndarray
    grey: bool
    near: float
    refused: bool = False


def table():
    """All of them: a list of File."""
    return [*pngs(), *turned_pngs(), *jpegs(), *turned_jpegs()]


def luma(pixels):
    """(h, w, 3) in grey, (h, w, 1)."""
    return pixels @ np.array([[0.299], [0.587], [0.114]])


# -- PNG -----------------------------------------------------------------------


def pngs():
    """Every colour type, depth and transparency, in both orders of rows."""
    depths = {
        GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8),
        GREY_ALPHA: (8, 16), RGBA: (8, 16),
    }
    for colour, bits in ((c, b) for c, all_ in depths.items() for b in all_):
        holes = (False,) if colour in (GREY_ALPHA, RGBA) else (False, True)
        for hole, interlaced in itertools.product(holes, (False, True)):
            yield _png_case(colour, bits, hole, interlaced)
    # What says how values are shown on a screen is no part of them.
    shown = [
        (b"gAMA", struct.pack(">I", 10000)),
        (b"cHRM", struct.pack(">8I", *range(10000, 90000, 10000))),
        (b"iCCP", b"odd\0\0" + zlib.compress(bytes(200))),
        (b"sRGB", b"\0"),
    ]
    for colour, kind in itertools.product((GREY, RGB), shown):
        file = _png_case(colour, 8, False, False, before=[kind])
        yield file._replace(name=f"{file.name} {kind[0].decode()}")
    for bits in (8, 16):
        file = _png_case(RGB, bits, False, False, before=[
            (b"bKGD", bytes(6)), (b"sBIT", b"\5\5\5")
        ])
        yield file._replace(name=f"{file.name} bKGD")
    file = _png_case(RGBA, 8, False, False, parts=40)
    yield file._replace(name=f"{file.name} in 40 parts")
    # The first picture of an animation.
    frame = struct.pack(">5I2H2B", 0, WIDTH, HEIGHT, 0, 0, 1, 1, 0, 0)
    later = struct.pack(">I", 1) + frame[4:]
    blank = struct.pack(">I", 2) + zlib.compress(bytes(HEIGHT * (WIDTH + 1)))
    file = _png_case(GREY, 8, False, False, before=[
        (b"acTL", struct.pack(">2I", 2, 0)), (b"fcTL", frame)
    ], after=[(b"fcTL", later), (b"fdAT", blank)])
    yield file._replace(name=f"{file.name} animated")
    yield from _odd_holes()


def _odd_holes():
    """Transparency where or as long as it must not be: decoders differ."""
    for colour in (GREY, RGB, PALETTE):
        late = _png_case(colour, 8, False, False, after=[
            (b"tRNS", bytes([255] * 6))
        ])
        yield late._replace(name=f"{late.name} late tRNS", refused=True)
        file = _png_case(colour, 8, True, False)
        long = file.content
        place = long.index(b"tRNS") - 4
        count = int.from_bytes(long[place:place + 4], "big")
        data = long[place + 8:place + 8 + count]
        chunks = chunk(b"tRNS", data + b"\xff" * 120), chunk(b"tRNS", data) * 2
        for name, new in zip(("long", "two"), chunks):
            yield file._replace(
                name=f"{file.name} {name}", refused=True,
                content=long[:place] + new + long[place + 12 + count:],
            )


def _png_case(colour, bits, hole, interlaced, before=(), **options):
    random = np.random.default_rng([colour, bits])
    shape = HEIGHT, WIDTH, PLANES[colour]
    top = 2**bits - 1
    samples = random.integers(0, top, shape, endpoint=True)
    # Something of both ends, whatever was drawn.
    samples[0, 0], samples[0, 1] = 0, top
    before = list(before)
    if colour == PALETTE:
        # Shorter than its depth would allow.
        count = min(top + 1, 200)
        samples %= count
        looked_up = random.integers(0, 256, (count, 3))
        before.append((b"PLTE", looked_up.astype(np.uint8).tobytes()))
        values, alpha = looked_up[samples[..., 0]] / 255, 1.0
        if hole:
            alphas = random.integers(0, 256, -(-count // 2))
            before.append((b"tRNS", alphas.astype(np.uint8).tobytes()))
            whole = np.full(count, 255)
            whole[:len(alphas)] = alphas
            alpha = whole[samples] / 255
    else:
        alpha = 1.0
        if colour in (GREY_ALPHA, RGBA):
            alpha = samples[..., -1:] / top
        values = samples[..., :3 if colour in (RGB, RGBA) else 1] / top
        if hole:
            # The transparent colour, and what differs by its last bit.
            key = np.full(shape[-1:], top // 2 + 1)
            samples[5:8, 5:8], samples[5, 6] = key, key ^ 1
            values = samples / top
            alpha = (samples != key).any(-1, keepdims=True)
            before.append((b"tRNS", struct.pack(f">{len(key)}H", *key)))
    pixels = np.broadcast_to(
        255 * (values * alpha + 1 - alpha), (HEIGHT, WIDTH, 3)
    )
    names = {GREY: "grey", RGB: "rgb", PALETTE: "palette",
             GREY_ALPHA: "grey+alpha", RGBA: "rgba"}
    name = f"png {names[colour]} {bits}"
    name += " tRNS" * hole + " interlaced" * interlaced
    return File(
        name, png(samples, colour, bits, before=before,
                  interlaced=interlaced, **options),
        pixels, colour in (GREY, GREY_ALPHA), 1,
    )


def turned_pngs():
    """All orientations, wherever they may stand."""
    for turn, late in itertools.product(TURNS, (False, True)):
        block = [(b"eXIf", exif(turn, "<>"[late]))]
        yield _turned_png(f"eXIf {turn}{' late' * late}", turn, late, block)
    for turn, late in ((6, False), (3, True)):
        text = (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(turn))
        yield _turned_png(f"xmp {turn}", turn, late, [text])
        both = [text, (b"eXIf", exif(8))]
        yield _turned_png(f"xmp {turn} and eXIf 8", 8, late, both)
    packed = b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp(6))
    file = _turned_png("xmp packed", 6, False, [(b"iTXt", packed)])
    yield file._replace(refused=True)
    raw = b"Exif\0\0" + exif(6)
    lines = f"\nexif\n{len(raw):8}\n{raw.hex()}\n".encode()
    packed = b"\0" + zlib.compress(lines)
    for kind, text in ((b"tEXt", lines), (b"zTXt", packed)):
        text = b"Raw profile type exif\0" + text
        file = _turned_png(f"{kind.decode()} exif", 6, False, [(kind, text)])
        yield file._replace(refused=True)
    for name, block in broken_exif().items():
        yield _turned_png(f"broken {name}", 1, False, [(b"eXIf", block)])


def _turned_png(name, turn, late, chunks):
    bits = 16 if turn % 2 else 8
    before, after = ([], chunks) if late else (chunks, [])
    file = _png_case(RGB, bits, False, False, before=before, after=after)
    return file._replace(name=f"png {name}", pixels=TURNS[turn](file.pixels))


# -- JPEG ----------------------------------------------------------------------


def smooth(height=21, width=34):
    """uint8 (height, width, 3) that JPEG keeps within some levels, other in
    each corner."""
    y, x = np.mgrid[:height, :width]
    y, x = y / height, x / width
    waves = np.stack([
        0.5 + 0.4 * np.sin(3 * x + y), 0.2 + 0.6 * y,
        0.9 - 0.5 * x * y - 0.2 * y,
    ], axis=-1)
    return np.round(255 * waves).astype(np.uint8)


def jpegs():
    """Every coding that cameras, phones and programs write."""
    colour = Image.fromarray(smooth())
    known = {
        "baseline": {}, "4:2:2": {"subsampling": 1},
        "4:2:0": {"subsampling": 2}, "progressive": {"progressive": True},
        "progressive 4:2:0": {"progressive": True, "subsampling": 2},
        "optimized": {"optimize": True},
        "restarts": {"restart_marker_blocks": 2},
        "restart rows 4:2:0": {"restart_marker_rows": 1, "subsampling": 2},
        "rgb": {"keep_rgb": True}, "quality 60": {"quality": 60},
        "profile": {"icc_profile": bytes(150_000)},
        "comment": {"comment": b"\xff\xd8\xff\xe1Exif\0\0" + exif(6)},
    }
    pixels = smooth().astype(float)
    for name, options in known.items():
        near = 14 if "quality" in options else 8
        yield File(
            f"jpeg {name}", jpeg(colour, **options), pixels, False, near
        )
    # Sharp edges of strong colours, which leave the cube of colours.
    noise = np.random.default_rng(0).choice([0, 255], (24, 24, 3))
    content = jpeg(Image.fromarray(noise.astype(np.uint8)), quality=50)
    yield File("jpeg noise", content, noise.astype(float), False, 255)
    grey = colour.convert("L")
    shown = np.repeat(np.asarray(grey, float)[..., None], 3, axis=2)
    for name in ("baseline", "progressive", "restarts"):
        content = jpeg(grey, **known[name])
        yield File(f"jpeg grey {name}", content, shown, True, 8)
    yield from _inks(colour)


def _inks(colour):
    """Of four inks: Adobe's way, as all programs write them."""
    pixels = np.asarray(colour, float)
    content = jpeg(colour.convert("CMYK"))
    yield File("jpeg cmyk", content, pixels, False, 8)
    place = content.index(b"Adobe") + 11
    ycck = content[:place] + b"\2" + content[place + 1:]
    # What the numbers mean in the other code is whatever it is.
    yield File("jpeg ycck", ycck, pixels, False, 255)
    bare = content[:place - 15] + content[place + 1:]
    yield File("jpeg cmyk without Adobe", bare, pixels, False, 255, True)


def turned_jpegs():
    """All orientations in both orders of bytes, and what is no orientation."""
    plain = jpeg(Image.fromarray(smooth()))
    for turn, order in itertools.product(TURNS, "<>"):
        block = b"Exif\0\0" + exif(turn, order, thumbnail=plain)
        yield _turned_jpeg(f"exif {turn} {order}", turn, plain, block)
    for options in ({"subsampling": 2}, {"progressive": True}):
        content = jpeg(Image.fromarray(smooth()), **options)
        block = b"Exif\0\0" + exif(6)
        yield _turned_jpeg(f"exif 6 {options}", 6, content, block)
    address = b"http://ns.adobe.com/xap/1.0/\0"
    yield _turned_jpeg("xmp 6", 6, plain, address + xmp(6))
    yield _turned_jpeg("xmp 3", 3, plain, address + xmp(3, in_tag=True))
    upright = b"Exif\0\0" + exif(None)
    yield _turned_jpeg("xmp 8, exif none", 8, plain, upright, address + xmp(8))
    turned = b"Exif\0\0" + exif(5)
    yield _turned_jpeg("xmp 8, exif 5", 5, plain, address + xmp(8), turned)
    other = _turned_jpeg("exif behind fillers", 7, plain, b"Exif\0\0" + exif(7))
    content = other.content[:2] + b"\xff\xff\xff" + other.content[2:]
    yield other._replace(content=content)
    late = plain.index(b"\xff\xda")
    content = plain[:late] + segment(0xE1, turned) + plain[late:]
    yield other._replace(
        name="jpeg exif before the scan", content=content,
        pixels=TURNS[5](smooth().astype(float)),
    )
    for name, block in broken_exif().items():
        yield _turned_jpeg(f"broken {name}", 1, plain, b"Exif\0\0" + block)


def _turned_jpeg(name, turn, content, *blocks):
    content = with_segments(content, *(segment(0xE1, b) for b in blocks))
    pixels = TURNS[turn](smooth().astype(float))
    return File(f"jpeg {name}", content, pixels, False, 8)
