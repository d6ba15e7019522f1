"""How the pictures of a column become levels: one way for training, tests
and the pictures that a model is given on the command line."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from keras_gen.arrays import colours
from keras_gen.data import native, pictures, ranges
from keras_gen.errors import InputError

# Red, green and blue in brightness (ITU-R 601), as Pillow has them.
_LIGHT = np.array([19595, 38470, 7471], np.float32) / 65536
# Share of a picture of labels that may be of other colours: more than JPEG
# makes where two meet.
MOST_FAR = 0.5


class Reading(NamedTuple):
    """Of one column.

    "Opened" pictures are PIL images of mode L or RGB, or float32 arrays
    (height, width, channels) of levels 0 ... `top`.

    Attributes:
        channels: 1, 3, or as many as the files have.
        range: the values that are black and white; None for what each file's
            type says.
        bits: 8 or 16, of the levels.
        untyped: the range of numbers whose type says none; None to tell it
            from each picture.
        labels: of pictures of labels, the colour of each (a table of
            `arrays.colours`): a pixel takes the nearest one, and pictures are
            scaled without mixing any. None of other pictures.
    """

    channels: int = 3
    range: tuple | None = None
    bits: int = 8
    untyped: tuple | None = None
    labels: tuple | None = None

    @property
    def plain(self) -> bool:
        """Whether Pillow's 8 bits are all that is wanted."""
        return self.channels in (1, 3) and self[1:4] == (None, 8, None)

    @property
    def top(self) -> int:
        """The level that is white."""
        return 2**self.bits - 1

    def opened(self, content: bytes):
        """A picture file, upright.

        Args:
            content: the file's bytes.

        Raises:
            ValueError: it has other channels, or values that cannot be read;
                or whatever Pillow raises.
        """
        if self.plain and not native.only(content):
            return pictures.decode(content, self.channels)
        return self.of_array(*native.read(content))

    def of_image(self, image: Image.Image):
        """A PIL image of any mode, opened."""
        if self.plain:
            return pictures.convert(image, self.channels)
        return self.of_array(*native.of_image(image))

    def of_array(self, array: np.ndarray, alpha: bool = False) -> np.ndarray:
        """An array (height, width, channels) of any numbers, opened.

        Args:
            array: of `native.read`.
            alpha: whether the last channel may be alpha.
        """
        if array.shape[-1] == self.channels:
            return self._levels(array)
        if not alpha:
            return self._as_many(self._levels(array))
        opacity = ranges.levels(
            array[..., -1:], ranges.OF_TYPE[array.dtype.name], 1
        )
        colours = self._levels(array[..., :-1])
        return self._as_many(colours * opacity + self.top * (1 - opacity))

    def _levels(self, array):
        span = self.range or ranges.OF_TYPE.get(array.dtype.name)
        span = span or self.untyped
        if span is None:
            low, high = array.min().item(), array.max().item()
            span = ranges.assumed(low, high, array.dtype.kind != "f")
            if span is None:
                raise ValueError(
                    f"{array.dtype} values {low:g} ... {high:g}, and nothing "
                    "says which are black and white; set range"
                )
            ranges.tell(
                f"pictures of {array.dtype}: {ranges.text(span)} is taken as "
                "black to white"
            )
        return ranges.levels(array, span, self.top)

    def _as_many(self, array):
        """Grey for RGB and the other way round."""
        there = array.shape[-1]
        if there == self.channels:
            return array
        if (there, self.channels) == (1, 3):
            return np.repeat(array, 3, -1)
        if (there, self.channels) == (3, 1):
            return (array @ _LIGHT)[..., None]
        raise ValueError(
            f"{_channels(there)}, where channels says {self.channels}"
        )

    def half(self, opened, part: str):
        """The "left" or "right" half of a pair side by side."""
        if not isinstance(opened, np.ndarray):
            return pictures.half(opened, part)
        middle = opened.shape[1] // 2
        return opened[:, :middle] if part == "left" else opened[:, -middle:]

    def fit(self, opened, size) -> np.ndarray:
        """(height, width, channels), uint8 or uint16: see `pictures.fit`.

        Raises:
            InputError: most of it has none of the colours of `labels`.
        """
        if self.labels:
            return pictures.fit(self._of_labels(opened), size, smooth=False)
        if not isinstance(opened, np.ndarray):
            return pictures.fit(opened, size)
        height, width = pictures.sides(size)
        down, across = opened.shape[:2]
        box = pictures.middle(across, down, height, width)
        return self._resized(opened, (height, width), box)

    def scaled(self, opened, short: int | None) -> np.ndarray:
        """uint8 or uint16 (height, width, channels) whose short side has
        `short` pixels, with antialiasing; None for its own."""
        if self.labels:
            opened = self._of_labels(opened, strict=False)
        if not isinstance(opened, np.ndarray):
            return pictures.as_array(
                pictures.scaled(opened, short, smooth=not self.labels)
                if short else opened
            )
        down, across = sides = opened.shape[:2]
        if short:
            sides = tuple(
                max(1, round(side * short / min(sides))) for side in sides
            )
        return self._resized(opened, sides, (0, 0, across, down))

    def fit_arrays(self, given, count: int, size) -> np.ndarray:
        """Pictures of any shape as one array.

        Args:
            given: iterable of `count` arrays (h, w) or (h, w, channels).
            count: how many.
            size: of the result in pixels, n or (height, width).

        Returns:
            uint8 or uint16 (count, height, width, channels). Too large for
            memory, it lies in an unnamed scratch file.
        """
        result = pictures.allocate(
            (count, *pictures.sides(size), self.channels), f"uint{self.bits}"
        )

        def one(numbered):
            place, picture = numbered
            if self.plain and picture.dtype == np.uint16:
                picture = pictures.to_8_bits(picture)
            if self.plain and picture.dtype == np.uint8:
                opened = pictures.convert(
                    pictures.as_image(picture), self.channels
                )
            else:
                opened = self.of_array(*native.of_array(picture))
            result[place] = self.fit(opened, size)

        pictures.in_chunks(one, enumerate(given))
        return result

    def _of_labels(self, opened, strict=True):
        """A PIL image that has the colours of `labels` alone."""
        picture = np.rint(pictures.as_array(opened)).astype(np.uint8)
        ids, far = colours.nearest(picture, self.labels)
        if strict and far > MOST_FAR:
            values, counts = np.unique(
                picture.reshape(-1, self.channels), axis=0, return_counts=True
            )
            raise InputError(
                f"{far:.0%} of a picture of labels has none of their colours, "
                f"but such as {values[counts.argmax()].tolist()}; give labels, "
                "the colours of these pictures"
            )
        return pictures.as_image(colours.painted(ids, self.labels))

    def _resized(self, array, sides, box):
        if array.shape[:2] != sides:
            array = np.stack([
                np.asarray(Image.fromarray(channel).resize(
                    sides[::-1], Image.Resampling.LANCZOS, box=box
                )) for channel in np.ascontiguousarray(
                    np.moveaxis(array, -1, 0)
                )
            ], -1)
        levels = np.clip(np.round(array), 0, self.top)
        return levels.astype(f"uint{self.bits}")


def _channels(count):
    return "one channel" if count == 1 else f"{count} channels"
