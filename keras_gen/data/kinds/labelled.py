"""Pictures with one class each: `image`, and `label`.

In files each class has its folder, and they count in the order of their
names, 2 before 10. Pictures of which the class is not known
have the label -1: they lie beside the folders of the classes, and are read
when `unlabelled` asks for them; in arrays they are there as -1.
"""

import unicodedata

import numpy as np

from keras_gen.data.arguments import FLAG, OF_PICTURES
from keras_gen.data.kind import Column
from keras_gen.data.kinds.images import Images, Picture
from keras_gen.data.sources import cuts, layouts, splits
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
                f"where the class is not known{_advice(array)}"
            )

    def names(self, arrays, given, key, path):
        found = np.unique(np.concatenate([
            np.unique(array) for array in arrays
        ]))
        found = found[found >= 0]
        if not found.size:
            raise InputError(
                f"labels {key} of {path} are all -1; give whole numbers 0, "
                "1, ... where the class is known, or use kind 'images'"
            )
        count = 1 + int(found[-1])
        if given is None:
            refuse_gaps(found, f"labels {key} of {path}", "classes")
            return tuple(map(str, range(count)))
        if len(given) < count:
            raise InputError(
                f"array classes of {path} has {len(given)} names, and a label "
                f"is {count - 1}; give the names of all {count:,} classes, "
                "np.array(['cat', ...]), the first for 0"
            )
        return given

    def fitted(self, array, shape):
        return array.astype(np.int32).reshape(-1)

    def feature_names(self, feature):
        return tuple(feature.names)


def _advice(array):
    """How to make labels of what is none, "" where that is not clear."""
    if array.ndim == 2 and array.shape[1] > 1:
        return ": from one-hot rows by y.argmax(1)"
    if array.dtype.kind in "USO":
        return ": from names by classes, y = np.unique(y, return_inverse=True)"
    if array.dtype.kind in "fb":
        return ": by y.astype(int)"
    return ""


def refuse_gaps(found, what, names):
    """InputError where numbers are left out, which would be classes without
    a picture.

    Args:
        found: the numbers that there are, sorted, of 0 or more.
        what: the array, for the message.
        names: its array of names, the same.
    """
    if found[-1] == len(found) - 1:
        return
    missing, known = int(found[-1]) + 1 - len(found), set(found.tolist())
    # As many as there are found, and three more, have three that are not.
    shown = [
        str(i) for i in range(min(int(found[-1]), len(found) + 3))
        if i not in known
    ][:3] + ["..."] * (missing > 3)
    how = "classes, y = np.unique(y, return_inverse=True) renumbers them"
    if missing == found[0]:
        how = f"subtract {found[0]} from each"
    raise InputError(
        f"{what} go from {found[0]} to {found[-1]:,}, and {missing:,} of the "
        f"numbers from 0 on are missing ({', '.join(shown)}): "
        f"{how}; or, where they have no pictures yet, give all names in an "
        f"array {names}"
    )


class Labelled(Images):
    """See the head of this file."""

    columns = {"image": Picture(), "label": Label()}
    arguments = OF_PICTURES | {"unlabelled": FLAG}
    keys = (("x", "y"), ("image", "label"))
    features = {"image": "image", "label": "label"}
    class_folders = True
    asks = 40

    def layout(self, entries, split, source, arguments):
        layouts.refuse_sides(entries, self.name, source)
        # All splits decide on the classes, so that labels agree.
        given = [
            entry for part in cuts.parts(entries).values() for entry in part
        ]
        folders = layouts.tops(given)
        loose = [
            entry for entry in given if layouts.top_folder(entry) is None
        ] if None in folders else []
        if loose and (not arguments["unlabelled"] or folders == {None}):
            raise InputError(
                f"kind 'labelled' looks for one folder for each class in "
                f"{source}, or in train/ and test/ there; found {len(loose)} "
                f"pictures outside of any, such as {loose[0].name}; move "
                "them, or use unlabelled=true where only some classes are "
                "known, or kind 'images'"
            )
        folders = sorted(folders - {None}, key=splits.natural)
        classes = tuple(map(splits.printable, folders))
        refuse_alike(classes, source)
        numbers = {name: number for number, name in enumerate(folders)}
        chosen = cuts.choose(
            entries, split, "", source, arguments["validation"]
        )
        labels = [
            numbers.get(layouts.top_folder(entry), -1)
            for entry in chosen.entries
        ]
        return [layouts.whole("image", chosen, labels)], classes


def refuse_alike(classes, source):
    """InputError for folders of classes that differ in how they are written
    only, as Cat in train/ and cat in test/."""
    known = {}
    for name in classes:
        plain = unicodedata.normalize("NFKC", name).casefold().strip()
        other = known.setdefault(plain, name)
        if other != name:
            raise InputError(
                f"the classes {other!r} and {name!r} of {source} differ only "
                "in how they are written: give both folders one name"
            )


KIND = Labelled()
