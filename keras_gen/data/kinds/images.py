"""Pictures: a column `image`."""

import numpy as np

from keras_gen.data import pictures
from keras_gen.data.kind import Column, Kind
from keras_gen.data.sources import layouts
from keras_gen.errors import InputError


class Picture(Column):
    """Pictures of 8 or 16 bits, grey or in colour."""

    value = "picture"
    coloured = True

    def shape(self, arguments):
        height, width = (
            side + arguments["crop"] for side in arguments["size"]
        )
        return height, width, arguments["channels"]

    def opened(self, contents, shape):
        (content,) = contents
        return pictures.decode(content, shape[2], shape[:2])

    def item(self, opened, part, shape):
        # A half of a picture has half its width, and all its height.
        image = pictures.half(opened, part) if part else opened
        return pictures.fit(image, shape[:2])

    def check(self, array, key, path):
        if array.dtype not in (np.uint8, np.uint16):
            raise InputError(
                f"array {key} of {path} is {array.dtype}; convert it to "
                "uint8, 0 black ... 255 full: from [0, 1] by (255 * x)."
                "round(), from [-1, 1] by (127.5 * (x + 1)).round()"
            )
        good = array.ndim == 3 or array.ndim == 4 and (
            array.shape[3] in (1, 3, 4)
        )
        if not good or not array.size:
            raise InputError(
                f"array {key} of {path} has shape {array.shape}; give "
                "(number, height, width) or (number, height, width, 1, 3 or "
                "4)"
            )

    def fitted(self, array, shape):
        whole = array if array.ndim == 4 else array[..., None]
        if array.dtype == np.uint8 and whole.shape[1:] == shape:
            return np.ascontiguousarray(whole)
        return pictures.fit_arrays(array, len(array), shape[:2], shape[2])

    def grey(self, array):
        return array.ndim == 3 or array.shape[3] == 1


class Images(Kind):
    """See the head of this file."""

    columns = {"image": Picture()}
    keys: tuple[tuple[str, ...], ...] = (("x",), ("image",))
    features = {"image": "image"}
    asks = 20

    def layout(self, entries, split, source, arguments):
        layouts.refuse_sides(entries, self.name, source)
        chosen = layouts.choose(entries, split, "", source)
        return [layouts.whole("image", chosen)], ()


KIND = Images()
