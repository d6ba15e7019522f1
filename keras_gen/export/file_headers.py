"""What the headers of JPEG and PNG files say, read in a graph.

`keras_gen.data.orientation` reads the same by the same rules in Python. The
files are strangers': a place in one is never believed to lie within it, and
no loop is longer than `_MOST` parts.
"""

from typing import Any, NamedTuple

# Of a JPEG file's segments, and of a PNG's chunks: a second and a half.
_MOST = 2**14
# What is looked at of each part, its length and name included.
_SEEN = 48

_TAG, _SHORT = 0x0112, 3
_EXIF = b"Exif\0\0"
_ADOBE_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_XMP, _PROFILE = b"XML:com.adobe.xmp\0", b"Raw profile type exif\0"


class Jpeg(NamedTuple):
    """Of a JPEG file, scalar tensors.

    Attributes:
        readable: whether its pixels are of a kind that comes out right:
            baseline or progressive, of 8 bits, grey or in colours, or of
            inks as Adobe codes them.
        turn: orientation, 1 ... 8.
        whole: whether all parts were looked at.
    """

    readable: Any
    turn: Any
    whole: Any


class Png(NamedTuple):
    """Of a PNG file, scalar tensors.

    Attributes:
        bits: of a sample.
        opaque: whether it has neither alpha nor a transparent colour.
        sound: whether the decoder takes what the file says of transparency:
            it passes over what is misplaced or of another length.
        told: whether its orientation, if it has one, is known: not where it
            lies in a text that must be unpacked.
        turn, whole: as of `Jpeg`.
    """

    bits: Any
    opaque: Any
    sound: Any
    told: Any
    turn: Any
    whole: Any


def jpeg(contents: Any) -> Jpeg:
    """Of the bytes of a file, a string tensor ()."""
    import tensorflow as tf

    content = _Content(contents)
    nothing = tf.zeros([2], tf.int64)

    def step(place, readable, adobe, inks, exif, xmp):
        part, seen = content.part(place)
        kind, length = seen[1], tf.maximum(seen[2] * 256 + seen[3], 2)
        named = (seen[0] == 0xFF) & (kind != 0) & (kind != 0xFF)
        ends = named & ((kind == 0xDA) | (kind == 0xD9))
        alone = (kind == 0x01) | (kind >= 0xD0) & (kind <= 0xD8)
        sized = named & ~ends & ~alone
        frame = sized & (kind >= 0xC0) & (kind <= 0xCF) & (
            (kind != 0xC4) & (kind != 0xC8) & (kind != 0xCC)
        )
        good = (kind <= 0xC2) & (seen[4] == 8) & (
            (seen[9] == 1) | (seen[9] == 3) | (seen[9] == 4)
        )
        named_exif = sized & (kind == 0xE1) & content.has(part, 4, _EXIF)
        named_xmp = sized & (kind == 0xE1) & content.has(part, 4, _ADOBE_XMP)
        # What lies between segments is passed over byte by byte.
        following = tf.where(
            sized, place + 2 + length,
            tf.where(named & alone, place + 2, place + 1),
        )
        return (
            tf.where(ends, content.length, following),
            tf.where(frame, good, readable),
            adobe | sized & (kind == 0xEE) & content.has(part, 4, b"Adobe"),
            tf.where(frame, seen[9] == 4, inks),
            # The first, with the bytes that later ones go on with left out.
            tf.where(
                named_exif & (exif[1] == 0),
                [place + 10, tf.maximum(length - 8, 0)], exif,
            ),
            tf.where(
                named_xmp, [place + 33, tf.maximum(length - 31, 0)], xmp
            ),
        )

    no = tf.constant(False)
    place, readable, adobe, inks, exif, xmp = content.walk(
        step, (tf.constant(2, tf.int64), no, no, no, nothing, nothing)
    )
    return Jpeg(
        readable & (adobe | ~inks), _turn(content, exif, xmp),
        place >= content.length,
    )


def png(contents: Any) -> Png:
    """Of the bytes of a file, a string tensor () of more than 32."""
    import tensorflow as tf

    content = _Content(contents)
    bits, colour = content.header(24), content.header(25)
    zero, no = tf.zeros([], tf.int64), tf.constant(False)

    def step(place, pixels, palette, hole, sound, packed, exif, xmp):
        part, seen = content.part(place)
        length = tf.reduce_sum(seen[:4] * [1 << 24, 1 << 16, 1 << 8, 1])
        name = tf.strings.substr(part, 4, 4)
        transparent = name == b"tRNS"
        fits = _fits(length, colour, palette) & ~pixels & ~hole
        text = (name == b"tEXt") | (name == b"zTXt") | (name == b"iTXt")
        named_xmp = text & content.has(part, 8, _XMP)
        plain = (name == b"iTXt") & (seen[8 + len(_XMP)] == 0)
        there = [place + 8, length]
        return (
            tf.where(name == b"IEND", content.length, place + 12 + length),
            pixels | (name == b"IDAT"),
            tf.where(name == b"PLTE", length, palette),
            hole | transparent, sound & (fits | ~transparent),
            packed | named_xmp & ~plain
            | text & content.has(part, 8, _PROFILE),
            tf.where(name == b"eXIf", there, exif),
            tf.where(named_xmp & plain, there, xmp),
        )

    nothing = tf.stack([zero, zero])
    place, _, _, hole, sound, packed, exif, xmp = content.walk(
        step, (zero + 8, no, zero, no, ~no, no, nothing, nothing)
    )
    by_exif = _of_exif(content.block(exif))
    alpha = (colour == 4) | (colour == 6)
    return Png(
        bits, ~alpha & ~hole, alpha | sound, ~packed | (by_exif > 0),
        _turn(content, exif, xmp), place >= content.length,
    )


def _fits(length, colour, palette):
    """Whether a PNG's chunk of transparency has a length that it may have:
    one byte for each of the palette's colours or fewer, or one grey or colour
    of 16 bits."""
    import tensorflow as tf

    return tf.where(
        colour == 3, (length >= 1) & (3 * length <= palette),
        length == tf.where(colour == 0, tf.constant(2, tf.int64), 6),
    )


class _Content:
    """The bytes of a file, with zeros behind them: what is looked for may be
    looked for beyond its end."""

    def __init__(self, contents):
        import tensorflow as tf

        self.length = tf.cast(tf.strings.length(contents), tf.int64)
        self.padded = tf.strings.join([contents, bytes(_SEEN)])

    def part(self, place):
        """The first bytes of a part, as a string and as numbers."""
        import tensorflow as tf

        part = tf.strings.substr(self.padded, place, _SEEN)
        return part, _numbers(part, _SEEN)

    def has(self, part, place, name):
        """Whether a name stands at a place in a string."""
        import tensorflow as tf

        return tf.strings.substr(part, place, len(name)) == name

    def header(self, place):
        """One byte of the first 32, as a number."""
        return self.part(0)[1][place]

    def walk(self, step, start):
        """The values after all steps; the first of them is the place."""
        import tensorflow as tf

        return tf.while_loop(
            lambda place, *_: place < self.length, step, start,
            maximum_iterations=_MOST, parallel_iterations=1,
        )

    def block(self, found):
        """The bytes at [place, length], as many of them as there are."""
        import tensorflow as tf

        place = tf.minimum(found[0], self.length)
        count = tf.minimum(found[1], self.length - place)
        return tf.strings.substr(self.padded, place, count)


def _turn(content, exif, xmp):
    """The orientation by the places of both."""
    import tensorflow as tf

    by_exif = _of_exif(content.block(exif))
    by_xmp = _of_xmp(content.block(xmp))
    return tf.where(by_exif > 0, by_exif, tf.maximum(by_xmp, 1))


def _numbers(text, count=None):
    """The bytes of a string as int64."""
    import tensorflow as tf

    numbers = tf.cast(tf.io.decode_raw(text, tf.uint8), tf.int64)
    return tf.ensure_shape(numbers, [count])


def _of_exif(block):
    """As `keras_gen.data.orientation.of_exif`, 0 for None."""
    import tensorflow as tf

    start = tf.where(tf.strings.substr(block, 0, 6) == _EXIF, 6, 0)
    block = tf.strings.substr(block, start, tf.strings.length(block))
    length = tf.cast(tf.strings.length(block), tf.int64)
    numbers = _numbers(tf.strings.join([block, bytes(16)]))
    order = tf.strings.substr(block, 0, 4)
    little = order == b"II*\0"

    def number(digits, count):
        weights = tf.constant([256**i for i in range(count)], tf.int64)
        weights = tf.where(little, weights, weights[::-1])
        return tf.reduce_sum(digits * weights, axis=-1)

    place = number(numbers[4:8], 4)
    there = (little | (order == b"MM\0*")) & (place + 2 <= length)
    place = tf.where(there, place, 0)
    count = number(numbers[place:place + 2], 2)
    count = tf.minimum(count, (length - place - 2) // 12)
    count = tf.where(there, count, 0)
    entries = numbers[place + 2:place + 2 + 12 * count]
    entries = tf.reshape(entries, [count, 12])
    right = (
        (number(entries[:, :2], 2) == _TAG)
        & (number(entries[:, 2:4], 2) == _SHORT)
        & (number(entries[:, 4:8], 4) == 1)
    )
    return _first(number(entries[:, 8:10], 2), right)


def _of_xmp(text):
    """As `keras_gen.data.orientation.of_xmp`, 0 for None."""
    import tensorflow as tf

    behind = tf.strings.split(text, "tiff:Orientation")[1:]
    behind = tf.concat([tf.strings.join([behind, b"\0\0\0"]), ["   "]], 0)
    quoted = tf.strings.substr(behind, 0, 2) == b'="'
    tagged = tf.strings.substr(behind, 0, 1) == b">"
    digit = tf.where(
        quoted, tf.strings.substr(behind, 2, 1),
        tf.strings.substr(behind, 1, 1),
    )
    turn = tf.cast(tf.io.decode_raw(digit, tf.uint8)[:, 0], tf.int64)
    return _first(turn - ord("0"), quoted | tagged)


def _first(turns, right):
    """The first of 1 ... 8 that is right, else 0."""
    import tensorflow as tf

    right &= (turns >= 1) & (turns <= 8)
    found = tf.boolean_mask(turns, right)[:1]
    return tf.reduce_sum(found)
