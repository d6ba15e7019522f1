"""Maps of what each pixel shows, and the picture: `input`, whole numbers
(height, width), and `target`.

In files they lie in trainA/ and trainB/ under equal names; the pixels of a
map are the numbers themselves, grey or in a palette. `direction` says which
of the two are the maps: A by "AtoB". `classes` says how many numbers there
are; without, an .npz or what is built in tells.
"""

import numpy as np
from PIL import Image

from keras_gen.data import orientation, pictures, png
from keras_gen.data.arguments import DIRECTION, OF_PICTURES, Whole
from keras_gen.data.kind import Column, Kind
from keras_gen.data.kinds.images import Picture
from keras_gen.data.kinds.labelled import refuse_gaps
from keras_gen.data.sources import layouts
from keras_gen.errors import InputError

# Modes of Pillow whose pixels can be numbers.
_MODES = ("1", "L", "P")


class LabelIds(Column):
    """Whole numbers 0 ... 255, of which no mean is ever taken."""

    value = "label_ids"

    def __init__(self, classes=None):
        self.classes = classes

    def given(self, arguments):
        return LabelIds(arguments["classes"])

    def form(self, shape):
        return *super().form(shape), self.classes

    def shape(self, arguments):
        return tuple(side + arguments["crop"] for side in arguments["size"])

    def opened(self, contents, shape):
        (content,) = contents
        with pictures.opened(content) as (image, turn):
            if image.mode not in _MODES:
                raise ValueError(
                    f"a label map of mode {image.mode}: its pixels are no "
                    "numbers; save it in grey or with a palette"
                )
            # Not `convert`: it would look the numbers up in the palette.
            ids = np.asarray(image).astype(np.uint8)
            ids //= png.spread(content, image)
        if ids.max() >= self.classes:
            raise ValueError(
                f"a label map with the number {ids.max()}, where classes "
                f"says {self.classes}"
            )
        return orientation.upright(Image.fromarray(ids), turn)

    def item(self, opened, part, shape):
        return pictures.fit(opened, shape, smooth=False)[..., 0]

    def check(self, array, key, path):
        if (not np.issubdtype(array.dtype, np.integer) or array.ndim != 3
                or not array.size or array.min() < 0 or array.max() > 255):
            raise InputError(
                f"label maps {key} of {path} are {array.dtype} "
                f"{array.shape}; give whole numbers 0 ... 255 (number, "
                "height, width)"
            )

    def names(self, arrays, given, key, path):
        there = np.zeros(256, bool)
        for array in arrays:
            for ids in array:  # no array of places as large as all maps
                there[ids] = True
        seen = np.flatnonzero(there)
        count = 1 + int(seen[-1])
        if given is None and not self.classes:
            refuse_gaps(seen, f"label maps {key} of {path}", "classes")
        found = given or tuple(map(str, range(self.classes or count)))
        if len(found) < count or len(found) != (self.classes or len(found)):
            raise InputError(
                f"label maps {key} of {path} have {count} classes, array "
                f"classes has {'none' if given is None else len(given)}, and "
                f"the argument says {self.classes}; give as many, or leave "
                "one out"
            )
        return found

    def fitted(self, array, shape):
        array = array.astype(np.uint8)
        if array.shape[1:] == shape:
            return array.astype(np.int32)
        return np.stack([
            self.item(Image.fromarray(one), None, shape) for one in array
        ]).astype(np.int32)


class LabelIdsKind(Kind):
    """See the head of this file."""

    columns = {"input": LabelIds(), "target": Picture()}
    arguments = OF_PICTURES | {
        "direction": DIRECTION, "classes": Whole(2, 256, None),
    }
    keys = (("input", "target"), ("a", "b"))
    instead = "an .npz with input_train and target_train"

    def layout(self, entries, split, source, arguments):
        if not arguments["classes"]:
            raise InputError(
                f"label maps in picture files ({source}) do not say how many "
                "classes there are; give classes, their number"
            )
        entries = layouts.sided(entries)
        layouts.need_sides(entries, self.name, source)
        group = layouts.by_name(
            entries, split, arguments["direction"].split("to"),
            ("input", "target"), self.name, source, arguments["validation"],
        )
        return [group], tuple(map(str, range(arguments["classes"])))

    def wanted(self, arguments):
        if arguments["direction"] == "AtoB":
            return self.keys
        return tuple(names[::-1] for names in self.keys)

    def arranged(self, columns, arguments):
        if arguments["direction"] != "AtoB":
            raise InputError(
                "direction is 'BtoA', and what is built in has its label maps "
                "as A; leave direction out"
            )
        if arguments["classes"]:
            raise InputError(
                f"classes is {arguments['classes']}, and what is built in "
                "knows its own; leave classes out"
            )
        return columns


KIND = LabelIdsKind()
