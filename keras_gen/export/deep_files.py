"""PNG files that a served graph is sent, for models whose pictures have 16
bits, or a range of values of their own: see `keras_gen.data.reading`, which
does it in Python, for more kinds of files."""

from typing import Any

from keras_gen.export import file_headers, picture_files
from keras_gen.export.signature import require


def decoded(
    contents: Any, channels: int, most: int, span: tuple | None, top: int
) -> Any:
    """A PNG file as a graph: string () -> float32 (h, w, channels), levels
    0 ... `top`, upright.

    Args:
        contents: the file.
        channels: 1 or 3.
        most: pixels that it may have.
        span: the values that are black and white; None for those of its bits.
        top: the level that is white.
    """
    import tensorflow as tf

    png = tf.strings.substr(contents, 0, 8) == b"\x89PNG\r\n\x1a\n"
    png = png & (tf.strings.length(contents) > 32)
    contents = require(png, "expected a PNG file", contents)
    contents = picture_files.small_enough(
        contents, *picture_files.png_sides(contents), most
    )
    header = file_headers.png(contents)
    contents = require(
        header.whole & header.told & header.opaque,
        "this PNG cannot be read here: send it upright and without "
        "transparency", contents,
    )
    values = tf.cast(
        tf.io.decode_png(contents, channels=3, dtype=tf.uint16), tf.float32
    )
    # Of fewer bits than 16 each value comes 257 times as large.
    values = tf.cond(
        header.bits == 16, lambda: values, lambda: values / 257.0
    )
    low, high = span or (0, 65535)
    high = high if span else tf.cond(
        header.bits == 16, lambda: 65535.0, lambda: 255.0
    )
    levels = tf.clip_by_value((values - low) * (top / (high - low)), 0, top)
    if channels == 1:
        levels = tf.reduce_sum(
            levels * picture_files.LUMA, axis=-1, keepdims=True
        )
    levels = picture_files.upright(tf.round(levels), header.turn)
    return tf.ensure_shape(levels, (None, None, channels))


def scaled(picture: Any, size: int, top: int) -> Any:
    """The short side scaled to `size`, as the pictures of a training are."""
    import tensorflow as tf

    shape = tf.cast(tf.shape(picture)[:2], tf.float64)
    sides = tf.round(shape * size / tf.reduce_min(shape))
    made = tf.image.resize(
        picture, tf.cast(sides, tf.int32), "lanczos3", antialias=True
    )
    return tf.clip_by_value(tf.round(made), 0, top)
