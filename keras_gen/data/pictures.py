"""One picture: from file or array to uint8 (height, width, channels)."""

import contextlib
import io
import itertools
import os
import tempfile
from concurrent import futures

import numpy as np
from PIL import Image

from keras_gen.data import orientation, png

# Above this many bytes pictures are not held in memory.
MEMORY_LIMIT = 2 * 1024**3


def sides(size):
    """(height, width) of a size: n for n x n, or height and width."""
    return (size, size) if isinstance(size, (int, np.integer)) else (
        tuple(size)
    )


def decode(content, channels):
    """The picture in an image file, upright, as a PIL image of mode L or RGB.

    Args:
        content: bytes of a file in any format and mode Pillow reads.
        channels: 1 (grey) or 3 (RGB).

    All of its pixels are decoded, also where fewer are wanted: the JPEG
    decoder's own reduction is 17 levels off, and more, where edges are sharp.
    Transparent parts become white, 16 bits are scaled (not clipped) to 8. A
    broken file raises whatever Pillow raises.
    """
    with opened(content) as (image, turn):
        if png.is_deep(content):
            image = as_image(on_white(png.samples(content, image)))
        return orientation.upright(convert(image, channels), turn)


@contextlib.contextmanager
def opened(content):
    """The file's PIL image, loaded, and its orientation, 1 ... 8."""
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        png.scale_transparency(content, image)
        yield image, orientation.of(image)


def convert(image, channels):
    """Any PIL image as mode L or RGB; ValueError for floating point."""
    mode = "L" if channels == 1 else "RGB"
    if image.mode == mode and "transparency" not in image.info:
        return image
    if image.mode == "F":
        raise ValueError(
            "floating-point pixels; save it with 8 or 16 bits, or say which "
            "values are black and white: range"
        )
    if image.mode.startswith("I"):
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise ValueError(
                f"values {values.min()} ... {values.max()}, which 16 bits do "
                "not have; say which are black and white: range"
            )
        image = Image.fromarray(to_8_bits(values))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert(mode)


def on_white(values):
    """uint16 (h, w, 1 to 4), the last of an even number alpha, as uint8 (h,
    w, 1 or 3)."""
    if values.shape[-1] % 2:
        return to_8_bits(values)
    alpha = values[..., -1:] / np.float32(65535)
    return to_8_bits(values[..., :-1] * alpha + 65535 * (1 - alpha))


def to_8_bits(values):
    """16-bit values 0 ... 65535 as uint8, rounded."""
    scaled = np.clip(values.astype(np.float64), 0, 65535) / 257
    return (scaled + 0.5).astype(np.uint8)


def fit(image, size, smooth=True):
    """A PIL image as uint8 (height, width, channels): scaled until it just
    covers the size, of which the middle is cut out.

    Args:
        image: of mode L or RGB.
        size: pixels, n for n x n, or (height, width).
        smooth: antialias. Without, each pixel is the nearest one's: for
            numbers that mean something, of which no mean can be taken.
    """
    height, width = sides(size)
    if image.size != (width, height):
        image = image.resize(
            (width, height),
            Image.Resampling.LANCZOS if smooth else Image.Resampling.NEAREST,
            box=middle(*image.size, height, width),
        )
    return as_array(image)


def middle(across, down, height, width):
    """The largest box of the proportions height : width in the middle of a
    picture across x down: (left, top, right, bottom)."""
    box_width, box_height = across, down
    if across * height > down * width:
        box_width = down * width / height
    else:
        box_height = across * height / width
    left, top = (across - box_width) / 2, (down - box_height) / 2
    return left, top, left + box_width, top + box_height


def scaled(image, size, smooth=True):
    """A PIL image whose short side has `size` pixels, with antialiasing, as
    the pictures of a training are scaled; the shape stays. Not `smooth`, each
    pixel is the one where its middle was, in whole numbers: in a served graph
    it is the same."""
    short = min(image.size)
    if short == size:
        return image
    sides = [max(1, round(side * size / short)) for side in image.size]
    if smooth:
        return image.resize(sides, Image.Resampling.LANCZOS)
    columns, rows = (
        (2 * np.arange(new) + 1) * old // (2 * new)
        for new, old in zip(sides, image.size)
    )
    return Image.fromarray(np.asarray(image)[rows][:, columns])


def half(image, part):
    """The "left" or "right" half of a PIL image with a pair side by side."""
    width, height = image.size
    middle = width // 2
    # A real cut, so that the scaling of one half does not see the other.
    if part == "left":
        return image.crop((0, 0, middle, height))
    return image.crop((width - middle, 0, width, height))


def as_image(picture):
    """uint8 (h, w, c) or (h, w) as a PIL image."""
    if picture.ndim == 3 and picture.shape[-1] == 1:
        picture = picture[..., 0]
    return Image.fromarray(picture)


def as_array(image):
    """A PIL image of mode L or RGB as uint8 (h, w, c)."""
    array = np.asarray(image)
    return array if array.ndim == 3 else array[..., None]


def allocate(shape, dtype="uint8"):
    """An array of `shape`; beyond MEMORY_LIMIT in a scratch file."""
    dtype = np.dtype(dtype)
    size = np.prod(shape, dtype=np.int64) * dtype.itemsize
    if size <= MEMORY_LIMIT:
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile() as scratch:
        return np.memmap(scratch, dtype, "w+", shape=tuple(shape))


def in_chunks(function, items, chunk=1024):
    """Results of `function` for each item, computed in threads (Pillow
    releases the interpreter while it works), reading `items` bit by bit."""
    results, items = [], iter(items)
    with futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        while part := list(itertools.islice(items, chunk)):
            results += pool.map(function, part)
    return results
