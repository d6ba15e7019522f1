"""What an export serves: an objective's signatures with inputs that are
checked in the graph, and pictures as uint8 and as PNG files.

A served model is called by programs that know nothing of Keras. What they
send wrongly must come back as one clear line (INVALID_ARGUMENT in TensorFlow
Serving), never as a strange picture, and never take the server down.
"""

from collections.abc import Callable, Sequence

import keras

from keras_gen.abilities import TakesLabels, Translates
from keras_gen.export import deep_files, picture_files
from keras_gen.export.signature import Input, require
from keras_gen.layers.label_colours import colours_of
from keras_gen.networks import sizes


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
        "image_bytes". What has other than 1 or 3 channels is in no picture
        file. Where classes have names, "label_of" has their numbers:
        string (n,) "class_name" in, int32 (n,) "label" out.
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
            if objective.made.in_a_picture and _shows(objective):
                served["sample_png"] = _png(objective.made, restored), inputs
        else:
            served[name] = checked, inputs
    if objective.can(TakesLabels) and objective.class_names:
        served["label_of"] = label_of(objective.class_names)
    translators = objective.translators if objective.can(Translates) else {}
    for number, to in enumerate(translators):
        if not _in_pictures(getattr(objective, translators[to])):
            continue
        function = _translate_png(objective, to), {
            "image_bytes": Input((None,), "string")
        }
        if number == 0:
            served["translate_png"] = function
        if len(translators) > 1:
            served[f"translate_png_to_{to}"] = function
    return served


def _in_pictures(network):
    """Whether picture files hold what a translator takes and makes."""
    channels = network.input_shape[-1], network.output_shape[-1]
    return set(channels) <= {1, 3}


def _shows(objective):
    """Whether a picture file holds what a generator or decoder makes."""
    network = objective.networks.get(
        "generator", objective.networks.get("decoder")
    )
    return network is None or network.output_shape[-1] in (1, 3)


def label_of(names: Sequence[str]) -> tuple:
    """(function, inputs) that turns names of classes into their numbers, in
    capital or small letters where that is clear."""
    import tensorflow as tf

    shown = ", ".join(names[:50]) + ", ..." * (len(names) > 50)

    def call(class_name):
        small = tf.strings.lower(class_name, "utf-8")[:, None]
        exact = class_name[:, None] == tf.constant(list(names))
        alike = small == tf.strings.lower(tf.constant(list(names)), "utf-8")
        one = tf.reduce_sum(tf.cast(alike, tf.int32), 1, keepdims=True) == 1
        found = exact | (
            alike & one & ~tf.reduce_any(exact, 1, keepdims=True)
        )
        found = require(
            tf.reduce_all(tf.reduce_any(found, 1)),
            f"there is no such class: they are {shown}", found,
        )
        return {"label": tf.argmax(
            tf.cast(found, tf.int32), 1, output_type=tf.int32
        )}

    return call, {
        "class_name": Input((None,), "string", words=tuple(names))
    }


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
    # Two labels mixed would be a third one.
    smooth = colours_of(network) is None
    # What is made, too, must not be larger.
    most = picture_files.MAX_PIXELS // scale**2
    decoded = picture_files.decoder(channels, most)
    span = objective.picture_ranges.get(objective.source(to))
    top = objective.made.top
    deep = span is not None or top != 255

    def levels(contents):
        if not deep:
            picture = decoded(contents)
            if not side:
                return picture
            return picture_files.scaled(picture, side, smooth)
        picture = deep_files.decoded(contents, channels, most, span, top)
        return deep_files.scaled(picture, side, top) if side else picture

    def one(contents):
        picture = levels(contents) / (top / 2) - 1.0
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
