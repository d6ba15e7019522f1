"""Pictures: a column `image`."""

import numpy as np

from keras_gen.data import native, ranges, stacks
from keras_gen.data.arguments import BITS, MANY_CHANNELS, OF_PICTURES
from keras_gen.data.kind import Column, Kind
from keras_gen.data.reading import Reading
from keras_gen.data.sources import cuts, layouts


class Picture(Column):
    """Pictures, grey, in colour or of more channels.

    Args:
        reading: how they become levels; the usual way by default.
    """

    value = "picture"
    coloured = True

    def __init__(self, reading=None):
        self.reading = reading or Reading()
        if self.reading.bits == 16:
            self.value, self.kept = "picture16", "uint16"

    def given(self, arguments):
        return type(self)(Reading(
            arguments["channels"], arguments["range"],
            arguments.get("bits", 8), labels=arguments.get("labels"),
        ))

    def shape(self, arguments):
        height, width = (
            side + arguments["crop"] for side in arguments["size"]
        )
        return height, width, self.reading.channels

    def header(self, store, names, shape):
        found = super().header(store, names, shape)
        if self.reading.channels not in found.gives:
            raise ValueError(
                f"{found.gives[-1]} channels, where channels says "
                f"{self.reading.channels}"
            )
        return found

    def form(self, shape):
        more = () if self.reading.plain else self.reading[:4]
        labels = (self.reading.labels,) if self.reading.labels else ()
        return *super().form(shape), *more, *labels

    def looked_into(self, contents):
        array, alpha = native.read(contents[0])
        return [(array, alpha and array.shape[2] != self.reading.channels)]

    def settled(self, found, what, setting, keeps):
        assumed = ranges.settle(
            found, what, self.reading.range, setting, keeps
        )
        return type(self)(self.reading._replace(untyped=assumed))

    def opened(self, contents, shape):
        (content,) = contents
        return self.reading.opened(content)

    def item(self, opened, part, shape):
        # A half of a picture has half its width, and all its height.
        image = self.reading.half(opened, part) if part else opened
        return self.reading.fit(image, shape[:2])

    def check(self, array, key, path):
        stacks.check(array, key, path, self.reading.channels)

    def channels(self, array):
        """Of a checked array, without alpha; see `stacks`."""
        return stacks.channels(array)

    def pictures_in(self, array):
        """As `looked_into`, of a checked array."""
        whole = stacks.with_channels(array)
        alpha = native.may_be_rgba(whole)
        return [(whole, alpha and whole.shape[-1] != self.reading.channels)]

    def fitted(self, array, shape):
        whole = stacks.with_channels(array)
        as_it_is = self.reading.plain and not self.reading.labels
        if (as_it_is and array.dtype == np.uint8
                and whole.shape[1:] == shape):
            return np.ascontiguousarray(whole)
        return self.reading.fit_arrays(whole, len(whole), shape[:2])


class Images(Kind):
    """See the head of this file."""

    columns = {"image": Picture()}
    arguments = OF_PICTURES | {"channels": MANY_CHANNELS, "bits": BITS}
    keys: tuple[tuple[str, ...], ...] = (("x",), ("image",))
    features = {"image": "image"}
    asks = 20

    def layout(self, entries, split, source, arguments):
        layouts.refuse_sides(entries, self.name, source)
        chosen = cuts.choose(
            entries, split, "", source, arguments["validation"]
        )
        return [layouts.whole("image", chosen)], ()


KIND = Images()
