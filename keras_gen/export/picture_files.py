"""Picture files that a served graph is sent: decoded and scaled as they are
for a training and on the command line, to the same pixels.

What would come out otherwise is refused. `keras_gen.data.pictures` does it in
Python, for more kinds of files.
"""

import functools
from collections.abc import Callable
from typing import Any

from keras_gen.export import file_headers
from keras_gen.export.signature import require

# 100 MB of uint8 when it is decoded, of which a file need not have 1 %.
MAX_PIXELS = 2**25
# A strip would be scaled to a short side of many pixels, and a huge long one.
MAX_ASPECT = 8
LUMA = (0.299, 0.587, 0.114)
_UNSOUND = (
    "what is transparent in this PNG cannot be read here: save it anew"
)


@functools.cache
def decoder(channels: int, most: int = MAX_PIXELS) -> Callable:
    """`decoded` as a `tf.function`, traced once for all signatures of all
    exports."""
    import tensorflow as tf

    def on_processor(contents):
        # Strings are there; a loop must not go to a GPU and back each time.
        with tf.device("/CPU:0"):
            return decoded(contents, channels, most)

    return tf.function(
        on_processor, autograph=False,
        input_signature=[tf.TensorSpec((), tf.string)],
    )


def decoded(contents: Any, channels: int, most: int) -> Any:
    """A PNG or JPEG file as a graph: string () -> float32 (h, w, channels),
    whole numbers 0 ... 255, upright, transparent places white. The size is
    read from the header and checked, at most `most` pixels, before any pixel
    is decoded."""
    import tensorflow as tf

    jpeg = tf.strings.substr(contents, 0, 3) == b"\xff\xd8\xff"
    png = tf.strings.substr(contents, 0, 8) == b"\x89PNG\r\n\x1a\n"
    png = png & (tf.strings.length(contents) > 32)
    contents = require(jpeg | png, "expected a PNG or JPEG file", contents)
    height, width = tf.cond(
        jpeg,
        lambda: _sides(tf.io.extract_jpeg_shape(contents)),
        lambda: png_sides(contents),
    )
    contents = small_enough(contents, height, width, most)
    rgb, turn = tf.cond(jpeg, lambda: _jpeg(contents), lambda: _png(contents))
    picture = rgb if channels == 3 else tf.round(
        tf.reduce_sum(rgb * LUMA, axis=-1, keepdims=True)
    )
    return tf.ensure_shape(upright(picture, turn), (None, None, channels))


def small_enough(contents: Any, height: Any, width: Any, most: int) -> Any:
    """`contents` behind assertions about the picture's sides."""
    import tensorflow as tf

    contents = require(
        height * width <= most,
        f"the picture has more than {most >> 20} megapixels: send a smaller "
        "one", contents,
    )
    long, short = tf.maximum(height, width), tf.minimum(height, width)
    return require(
        long <= MAX_ASPECT * short,
        f"the picture is more than {MAX_ASPECT} times as long as wide: cut "
        "it", contents,
    )


def _sides(shape):
    import tensorflow as tf

    sides = tf.cast(shape, tf.int64)
    return sides[0], sides[1]


def png_sides(contents):
    """The first two numbers of a PNG's header: width, then height."""
    import tensorflow as tf

    header = tf.strings.substr(contents, 16, 8)
    numbers = tf.cast(
        tf.io.decode_raw(header, tf.int32, little_endian=False), tf.int64
    )
    return numbers[1], numbers[0]


def _jpeg(contents):
    """(float32 (h, w, 3) as it lies in the file, orientation)"""
    import tensorflow as tf

    header = file_headers.jpeg(contents)
    contents = require(
        header.whole & header.readable,
        "this kind of JPEG cannot be read here: send an RGB JPEG or a PNG",
        contents,
    )
    # In colour also for grey: of strong colours that the file's luma has no
    # room for, grey is made of what is shown.
    rgb = tf.io.decode_jpeg(
        contents, channels=3, dct_method="INTEGER_ACCURATE"
    )
    return tf.cast(rgb, tf.float32), header.turn


def _png(contents):
    """As `_jpeg`."""
    import tensorflow as tf

    header = file_headers.png(contents)
    contents = require(
        header.whole, "this PNG has too many chunks: save it anew", contents
    )
    contents = require(header.sound, _UNSOUND, contents)
    contents = require(
        header.told,
        "how to turn this PNG stands in a text that cannot be read here: send "
        "it upright, or as a JPEG", contents,
    )

    def read(channels):
        def deep():
            return tf.cast(tf.io.decode_png(
                contents, channels=channels, dtype=tf.uint16
            ), tf.float32) / 257.0

        return tf.cond(header.bits == 16, deep, lambda: tf.cast(
            tf.io.decode_png(contents, channels=channels), tf.float32
        ))

    # Where there is nothing transparent, the decoder would call 1, 3 or 15
    # opaque that have 1, 2 or 4 bits.
    rgb = tf.cond(
        header.opaque, lambda: read(3),
        lambda: _on_white(read(4), header.bits),
    )
    return tf.round(rgb), header.turn


def _on_white(rgba, bits):
    import tensorflow as tf

    alpha = rgba[..., 3:]
    few = tf.cast(2**tf.minimum(bits, 8) - 1, tf.float32)
    # As there: what is transparent has a wrong checksum, and was passed over.
    alpha = require(
        (bits >= 8) | tf.reduce_any(alpha != few), _UNSOUND, alpha
    )
    opacity = alpha / 255.0
    return rgba[..., :3] * opacity + 255.0 * (1.0 - opacity)


def upright(picture: Any, turn: Any) -> Any:
    """A picture (h, w, c) of an orientation 1 ... 8, turned."""
    import tensorflow as tf

    lies = turn >= 5
    picture = tf.transpose(picture, tf.where(lies, [1, 0, 2], [0, 1, 2]))
    down = (turn == 3) | (turn == 4) | (turn == 7) | (turn == 8)
    across = (turn == 2) | (turn == 3) | (turn == 6) | (turn == 7)
    return tf.reverse(picture, tf.boolean_mask([0, 1], [down, across]))


def scaled(picture: Any, size: int, smooth: bool = True) -> Any:
    """The short side scaled to `size`, as the pictures of a training are:
    across, then down, each time to whole numbers 0 ... 255; or, not `smooth`,
    as pictures of labels, each pixel as it was at its middle."""
    import tensorflow as tf

    shape = tf.cast(tf.shape(picture)[:2], tf.float64)
    sides = tf.cast(
        tf.round(shape * size / tf.reduce_min(shape)), tf.int32
    )
    if not smooth:
        for axis in (0, 1):
            old, new = tf.shape(picture)[axis], sides[axis]
            places = (2 * tf.range(new) + 1) * old // (2 * new)
            picture = tf.gather(picture, places, axis=axis)
        return picture
    for wanted in ([tf.shape(picture)[0], sides[1]], sides):
        picture = tf.image.resize(
            picture, wanted, "lanczos3", antialias=True
        )
        picture = tf.clip_by_value(tf.round(picture), 0.0, 255.0)
    return picture


def pixels(file: Any) -> Any:
    """A PNG file of an export, outside of a graph: string () -> uint8 or
    uint16 (h, w, c), all bits that it has."""
    import tensorflow as tf

    deep = file.numpy()[24] == 16
    return tf.io.decode_png(file, dtype="uint16" if deep else "uint8")
