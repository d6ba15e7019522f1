"""Pictures and what of them counts: `image`, and `mask`, 255 for what is kept
and 0 for what is not.

In files they lie in images/ and masks/ under equal names.
"""

import numpy as np

from keras_gen.data.arguments import OF_PICTURES, RANGE, Each
from keras_gen.data.kind import Kind
from keras_gen.data.kinds.images import Picture
from keras_gen.data.sources import layouts
from keras_gen.errors import InputError

_FOLDERS = ("images", "masks")


class Mask(Picture):
    """Pictures of which the brighter half of all greys is kept."""

    value = "mask"
    coloured = False

    def given(self, arguments):
        return super().given(arguments | {"channels": 1})

    def item(self, opened, part, shape):
        return _black_and_white(super().item(opened, part, shape))

    def fitted(self, array, shape):
        return _black_and_white(super().fitted(array, shape))


def _black_and_white(mask):
    """0 and 255 only, in place of edges that scaling has made grey."""
    return (mask >= 128) * np.uint8(255)


class Masks(Kind):
    """See the head of this file."""

    columns = {"image": Picture(), "mask": Mask()}
    arguments = OF_PICTURES | {"range": Each(RANGE, ("image", "mask"))}
    keys = (("x", "mask"), ("image", "mask"))
    instead = "an .npz with x_train and mask_train"
    asks = 55

    def layout(self, entries, split, source, arguments):
        sided = layouts.as_sides(entries, _FOLDERS)
        if not layouts.sides_in(sided) >= {"trainA", "trainB"}:
            raise InputError(
                f"kind 'masks' looks for images/ and masks/ in {source}, or "
                "in train/ and test/ there; put the pictures and the masks "
                "into two such folders, under equal names"
            )
        return [layouts.by_name(
            sided, split, "AB", ("image", "mask"), self.name, source,
            arguments["validation"], _FOLDERS,
        )], ()


KIND = Masks()
