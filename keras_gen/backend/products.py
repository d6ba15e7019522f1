"""Transposed convolutions of few pixels as one matrix product, on TensorFlow.

TensorFlow's own operation lays the kernel out anew in each call, which takes
longer than the convolution itself where a kernel of megabytes meets a few
pixels: 1.7 ms for one map of 4 x 4, 512 to 256 channels, which take 0.5 here.
"""

import math

import keras

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf


# Channels of the result up to which the product is faster for any pixels.
_NARROW = 4
# Rows beyond which few make a batch: where the product is faster for so many
# it is no slower for more.
_MANY = 16


def suits(layer):
    """Whether `transposed` computes this layer's convolution: kernels of
    whole strides, whose border "same" cuts alike from both sides.

    Args:
        layer: a transposed convolution with two or three axes.
    """
    return (
        layer.padding == "same"
        and layer.output_padding is None
        and layer.data_format == "channels_last"
        and set(layer.dilation_rate) == {1}
        and all(
            k % s == 0 and (k - s) % 2 == 0
            for k, s in zip(layer.kernel_size, layer.strides)
        )
        and not tf.config.list_logical_devices("GPU")
    )


def few(x, kernel):
    """Whether `transposed` is faster than TensorFlow's operation: where the
    blocks that it makes take no more numbers than the kernel that the other
    would lay out anew, or the result has very few channels.

    Args:
        x, kernel: as of `transposed`.

    Returns:
        bool, or a scalar bool tensor where it depends on the rows or on sides
        that are not known.
    """
    after, before = kernel.shape[-2:]
    if after <= _NARROW:
        return True
    if len(kernel.shape) > 4:
        return False
    rows, *sides = x.shape[:-1]
    if math.prod(n for n in (rows, *sides) if n is not None) > before:
        return False
    if None not in sides and (rows or _MANY) * math.prod(sides) <= before:
        return True
    return tf.reduce_prod(tf.shape(x)[:-1]) <= before


def transposed(x, kernel, strides):
    """The transposed convolution with padding "same".

    Each pixel makes a block of the kernel's size, and the blocks are added
    up where they overlap: parts of them of the strides' size, as many as the
    kernel has, shifted against each other.

    Args:
        x: (n, *size, a).
        kernel: (*taps, b, a), of the same dtype; see `suits`.
        strides: one for each axis of `size`.

    Returns:
        (n, *(size * strides), b).
    """
    *taps, after, _ = kernel.shape
    times = [k // s for k, s in zip(taps, strides)]
    size, features = _size(x), math.prod(strides) * after
    blocks = _in_order if after <= _NARROW else _as_they_lie
    parts = [
        tf.pad(tf.reshape(part, [-1, *size, features]), [
            [0, 0], *([p, t - 1 - p] for p, t in zip(place, times)), [0, 0],
        ])
        for place, part in zip(
            _places(times), blocks(x, kernel, times, strides)
        )
    ]
    whole = _spread(tf.add_n(parts), strides, after)
    borders = [(k - s) // 2 for k, s in zip(taps, strides)]
    return whole[(slice(None), *(slice(b, -b or None) for b in borders))]


def _as_they_lie(x, kernel, times, strides):
    """The parts of all pixels' blocks, by the kernel as it is."""
    after, before = kernel.shape[-2:]
    # In a batch of one: for two plain matrices the library lays the second
    # one out anew.
    blocks = tf.matmul(
        tf.reshape(x, [1, -1, before]), tf.reshape(kernel, [1, -1, before]),
        transpose_b=True,
    )
    split = [n for pair in zip(times, strides) for n in pair]
    blocks = tf.reshape(blocks, [-1, *split[:-1], split[-1] * after])
    return [
        blocks[(slice(None), *(i for p in place for i in (p, slice(None))))]
        for place in _places(times)
    ]


def _in_order(x, kernel, times, strides):
    """The same where the kernel is small: it is put into the order of the
    parts, which then need not be cut out of rows of a few numbers."""
    after, before = kernel.shape[-2:]
    split = [n for pair in zip(times, strides) for n in pair]
    parts, within = range(0, len(split), 2), range(1, len(split), 2)
    kernel = tf.transpose(
        tf.reshape(kernel, [*split, after, before]),
        [*parts, *within, len(split), len(split) + 1],
    )
    blocks = tf.matmul(
        tf.reshape(x, [-1, before]), tf.reshape(kernel, [-1, before]),
        transpose_b=True,
    )
    features = math.prod(strides) * after
    blocks = tf.reshape(blocks, [-1, math.prod(times), features])
    return tf.unstack(blocks, axis=1)


def _places(times):
    """All indices of an array of this shape."""
    places = [()]
    for n in times:
        places = [(*place, i) for place in places for i in range(n)]
    return places


def _size(x):
    """The sides of maps, ints where they are known."""
    known, found = x.shape[1:-1], tf.shape(x)
    return [
        found[axis] if n is None else n for axis, n in enumerate(known, 1)
    ]


def _spread(x, strides, channels):
    """(n, *size, prod(strides) * channels) -> (n, *(size * strides),
    channels)."""
    if len(strides) == 2 and strides[0] == strides[1] > 1:
        return tf.nn.depth_to_space(x, strides[0])
    size, rank = _size(x), len(strides)
    x = tf.reshape(x, [-1, *size, *strides, channels])
    pairs = [axis for i in range(rank) for axis in (1 + i, 1 + rank + i)]
    x = tf.transpose(x, [0, *pairs, 1 + 2 * rank])
    return tf.reshape(
        x, [-1, *(n * s for n, s in zip(size, strides)), channels]
    )
