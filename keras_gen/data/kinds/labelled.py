"""Pictures with one class each: `image`, and `label`.

In files each class has its folder. Pictures of which the class is not known
have the label -1: they lie beside the folders of the classes, and are read
when `unlabelled` asks for them; in arrays they are there as -1.
"""

import numpy as np

from keras_gen.data.arguments import FLAG, OF_PICTURES
from keras_gen.data.kind import Column
from keras_gen.data.kinds.images import Images, Picture
from keras_gen.data.sources import layouts
from keras_gen.errors import InputError


class Label(Column):
    """Whole numbers 0, 1, ...; -1 where the class is not known."""

    value = "label"

    def check(self, array, key, path):
        flat = array.ndim == 1 or array.ndim == 2 and array.shape[1] == 1
        if (not np.issubdtype(array.dtype, np.integer) or not flat
                or not array.size or array.min() < -1):
            raise InputError(
                f"labels {key} of {path} are {array.dtype} {array.shape}; "
                "give whole numbers 0, 1, ... in one array (number,), -1 "
                "where the class is not known"
            )

    def names(self, arrays, given, key, path):
        count = 1 + max(int(array.max()) for array in arrays)
        if not count:
            raise InputError(
                f"labels {key} of {path} are all -1; give whole numbers 0, "
                "1, ... where the class is known, or use kind 'images'"
            )
        if given is not None and len(given) < count:
            raise InputError(
                f"array classes of {path} has {len(given)} names; give the "
                f"names of all {count} classes, np.array(['cat', ...])"
            )
        return tuple(map(str, range(count))) if given is None else given

    def fitted(self, array, shape):
        return array.astype(np.int32).reshape(-1)

    def feature_names(self, feature):
        return tuple(feature.names)


class Labelled(Images):
    """See the head of this file."""

    columns = {"image": Picture(), "label": Label()}
    arguments = OF_PICTURES | {"unlabelled": FLAG}
    keys = (("x", "y"), ("image", "label"))
    features = {"image": "image", "label": "label"}
    asks = 40

    def layout(self, entries, split, source, arguments):
        layouts.refuse_sides(entries, self.name, source)
        # Both splits decide on the classes, so that labels agree.
        given = [
            entry for top in layouts.SPLITS
            for entry in layouts.below(entries, top)
        ] or entries
        folders = {layouts.top_folder(entry) for entry in given}
        loose = [entry for entry in given if layouts.top_folder(entry) is None]
        if loose and (not arguments["unlabelled"] or folders == {None}):
            raise InputError(
                f"kind 'labelled' looks for one folder for each class in "
                f"{source}, or in train/ and test/ there; found {len(loose)} "
                f"pictures outside of any, such as {loose[0].name}; move "
                "them, or use unlabelled=true where only some classes are "
                "known, or kind 'images'"
            )
        classes = sorted(folders - {None})
        chosen = layouts.choose(entries, split, "", source)
        labels = [
            -1 if layouts.top_folder(entry) is None
            else classes.index(layouts.top_folder(entry)) for entry in chosen
        ]
        rows = [((entry.name, None),) for entry in chosen]
        return [layouts.Group(("image",), rows, labels)], tuple(classes)


KIND = Labelled()
