"""What an export serves: an objective's signatures with inputs that are
checked in the graph, and pictures as uint8 and as PNG files.

A served model is called by programs that know nothing of Keras. What they
send wrongly must come back as one clear line (INVALID_ARGUMENT in TensorFlow
Serving), never as a strange picture, and never take the server down.
"""

from collections.abc import Callable
from typing import Any

import keras

from keras_gen.abilities import Translates
from keras_gen.export.signature import Input
from keras_gen.networks import sizes

# 100 MB of uint8 when it is decoded, of which a file need not have 1 %.
MAX_PIXELS = 2**25
# A strip would be scaled to a short side of many pixels, and a huge long one.
MAX_ASPECT = 8


def signatures(objective: keras.Model) -> dict[str, tuple]:
    """All that an export of `objective` serves.

    Args:
        objective: an `Objective` whose networks compute in float32.

    Returns:
        `{name: (function, inputs)}` as `Objective.signatures`, where
        "sample" returns what `generate` does, for instance uint8 pictures.
        Beside it there is "sample_png" where a picture shows what is made,
        and for translators "translate_png" (the first direction) and
        "translate_png_to_<direction>" (each of several): string (n,) of
        picture files in, the same of PNG files out, both named
        "image_bytes".
    """
    served: dict[str, tuple] = {}
    known: dict[Callable, Callable] = {}
    for name, (function, inputs) in objective.signatures().items():
        inputs = _measured(objective, inputs)
        # The same function under two names is traced once.
        checked = known.setdefault(function, _checked(function, inputs))
        if name == "sample":
            restored = _restored(objective.made, checked)
            served[name] = restored, inputs
            if objective.made.in_a_picture:
                served["sample_png"] = _png(objective.made, restored), inputs
        else:
            served[name] = checked, inputs
    translators = objective.translators if objective.can(Translates) else {}
    for number, to in enumerate(translators):
        function = _translate_png(objective, to), {
            "image_bytes": Input((None,), "string")
        }
        if number == 0:
            served["translate_png"] = function
        if len(translators) > 1:
            served[f"translate_png_to_{to}"] = function
    return served


def _measured(objective, inputs):
    """Inputs with the least truncation that the model was measured to bear:
    a signature computes with any."""
    limit = getattr(objective, "truncation_limit", None)
    if not limit or "truncation" not in inputs:
        return inputs
    least = inputs["truncation"]._replace(
        low=limit["least"], why=f": the model {limit['says']}"
    )
    return {**inputs, "truncation": least}


def _checked(function, inputs):
    """The function behind assertions about its inputs."""
    import tensorflow as tf

    def call(*arguments):
        checked = []
        for (name, x), values in zip(inputs.items(), arguments):
            # Written so that what is not a number is refused too.
            if x.low is not None:
                right = tf.reduce_all(values >= x.low)
                values = require(right, _range(name, x), values)
            if x.high is not None:
                right = tf.reduce_all(values <= x.high)
                values = require(right, _range(name, x), values)
            if x.multiple > 1:
                sides = tf.shape(values)[1:3]
                values = require(
                    tf.reduce_all(sides % x.multiple == 0),
                    f"the height and width of {name} must be multiples of "
                    f"{x.multiple}", values,
                )
            checked.append(values)
        return function(*checked)

    return call


def require(condition: Any, text: str, value: Any) -> Any:
    """`value` behind an assertion: what is computed from it comes after, so
    that the error is this text and no later one."""
    import tensorflow as tf

    with tf.control_dependencies([tf.debugging.Assert(condition, [text])]):
        return tf.identity(value)


def _range(name, x):
    if x.high is None:
        return f"{name} must be at least {x.low:g}{x.why}"
    return f"{name} must be from {x.low:g} to {x.high:g}{x.why}"


def _restored(made, function):
    return lambda *arguments: {
        name: made.restore_in_graph(value)
        for name, value in function(*arguments).items()
    }


def _png(made, restored):
    import tensorflow as tf

    def call(*arguments):
        (items,) = restored(*arguments).values()
        encoded = tf.map_fn(
            tf.io.encode_png, made.picture_in_graph(items),
            fn_output_signature=tf.string,
        )
        return {"image_bytes": encoded}

    return call


def _translate_png(objective, to):
    """Each picture by itself, since each may have a size of its own."""
    import tensorflow as tf

    name = objective.translators[to]
    network = getattr(objective, name)
    channels, multiple = network.input_shape[-1], sizes.multiple(network)
    scale, side = sizes.scale(network), objective.fitted_side(to)
    # What is made, too, must not be larger.
    most = MAX_PIXELS // scale**2

    def one(contents):
        picture = decoded(contents, channels, most)
        if side:
            picture = _scaled(picture, side)
        picture = picture / 127.5 - 1.0
        padded, crop = _padded(picture, multiple)
        # Keras takes a convolution of unknown channels for a grouped one,
        # and that to XLA.
        padded = tf.ensure_shape(padded, (None, None, channels))
        seeds = tf.zeros([1], tf.int64)
        made = objective.translated(name, padded[None], seeds)
        made = objective.made.restore_in_graph(made)
        return tf.io.encode_png(crop(made[0], scale))

    def call(image_bytes):
        return {"image_bytes": tf.map_fn(
            one, image_bytes, fn_output_signature=tf.string,
            # A picture may be large: one at a time.
            parallel_iterations=1,
        )}

    return call


def decoded(contents: Any, channels: int, most: int = MAX_PIXELS) -> Any:
    """A PNG or JPEG file as a graph: string () -> float32 (h, w, channels),
    0 ... 255, transparent places white. The size is read from the header and
    checked, at most `most` pixels, before any pixel is decoded."""
    import tensorflow as tf

    jpeg = tf.strings.substr(contents, 0, 3) == b"\xff\xd8\xff"
    png = tf.strings.substr(contents, 0, 8) == b"\x89PNG\r\n\x1a\n"
    png = png & (tf.strings.length(contents) > 24)
    contents = require(jpeg | png, "expected a PNG or JPEG file", contents)
    height, width = tf.cond(
        jpeg,
        lambda: _sides(tf.io.extract_jpeg_shape(contents)),
        lambda: _png_sides(contents),
    )
    contents = require(
        height * width <= most,
        f"the picture has more than {most >> 20} megapixels: send a smaller "
        "one", contents,
    )
    long, short = tf.maximum(height, width), tf.minimum(height, width)
    contents = require(
        long <= MAX_ASPECT * short,
        f"the picture is more than {MAX_ASPECT} times as long as wide: cut "
        "it", contents,
    )
    return tf.cond(
        jpeg,
        lambda: tf.cast(tf.io.decode_jpeg(
            contents, channels=channels, dct_method="INTEGER_ACCURATE"
        ), tf.float32),
        lambda: _over_white(tf.io.decode_png(contents, channels=4), channels),
    )


def _sides(shape):
    import tensorflow as tf

    sides = tf.cast(shape, tf.int64)
    return sides[0], sides[1]


def _png_sides(contents):
    """The first two numbers of a PNG's header: width, then height."""
    import tensorflow as tf

    header = tf.strings.substr(contents, 16, 8)
    numbers = tf.cast(
        tf.io.decode_raw(header, tf.int32, little_endian=False), tf.int64
    )
    return numbers[1], numbers[0]


def _over_white(rgba, channels):
    import tensorflow as tf

    rgba = tf.cast(rgba, tf.float32)
    opacity = rgba[..., 3:] / 255.0
    rgb = tf.round(rgba[..., :3] * opacity + 255.0 * (1.0 - opacity))
    if channels == 1:
        return tf.round(tf.image.rgb_to_grayscale(rgb))
    return rgb


def _scaled(picture, size):
    """The short side scaled to `size`, as the pictures of a training are."""
    import tensorflow as tf

    shape = tf.cast(tf.shape(picture)[:2], tf.float64)
    sides = tf.round(shape * size / tf.reduce_min(shape))
    scaled = tf.image.resize(
        picture, tf.cast(sides, tf.int32), "lanczos3", antialias=True
    )
    return tf.clip_by_value(tf.round(scaled), 0.0, 255.0)


def _padded(picture, multiple):
    """As `sizes.pad_to_multiple`, for one picture of unknown size: padded,
    and the function that cuts the middle out of a picture whose sides are
    `scale` times as long."""
    import tensorflow as tf

    sides = tf.shape(picture)[:2]
    total = -sides % multiple
    before = total // 2
    after = total - before
    picture = require(
        tf.reduce_all(after < sides),
        "the picture is too small to be padded to a multiple of "
        f"{multiple} pixels: send a larger one", picture,
    )
    padding = tf.stack([before, after], axis=1)
    padded = tf.pad(picture, tf.pad(padding, [[0, 1], [0, 0]]), "REFLECT")

    def crop(result, scale):
        first, end = scale * before, scale * (before + sides)
        return result[first[0]:end[0], first[1]:end[1]]

    return padded, crop
