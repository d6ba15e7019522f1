"""Which file serves which column: decided on names alone, so that folders and
archives behave alike."""

import dataclasses
import hashlib

from keras_gen.errors import InputError

_SIDES = ("trainA", "trainB", "testA", "testB", "valA", "valB")
_SPLITS = ("train", "test", "val")


@dataclasses.dataclass(frozen=True)
class Group:
    """Columns that are read together.

    Attributes:
        columns: their names.
        rows: for each item, for each column, (file name, part), where part is
            None for the whole picture, else "left" or "right".
        labels: for each item, or None.
    """

    columns: tuple
    rows: list
    labels: list | None = None


@dataclasses.dataclass(frozen=True)
class Entry:
    """A file: its `name`, and its path `below` the folder of its split."""

    name: str
    below: str

    @property
    def stem(self):
        """`below` without the ending: what pairs and hold-out go by."""
        return self.below[:self.below.rindex(".")]


def find(names, kind, split, direction, source):
    """The layout of a set of picture files.

    Args:
        names: sorted paths with forward slashes.
        kind, split, direction: as of keras_gen.data.load.
        source: what to call the whole in an InputError, which is raised where
            the files are not laid out as `kind` needs.

    Returns:
        (list of Group, list of class names)
    """
    if kind == "attributes":
        raise InputError(
            f"kind 'attributes' cannot be had from picture files ({source}); "
            "give an .npz with x_train and y_train, a row of 0 and 1 for each "
            "picture"
        )
    entries = [Entry(name, name) for name in names]
    while (top := common_top(entries)) is not None:
        entries = below(entries, top)
    sides = {top_folder(entry) for entry in entries} & set(_SIDES)
    if kind == "unpaired":
        return unpaired(entries, split, source), []
    if kind == "pairs" and sides:
        return pairs_by_name(entries, split, direction, source), []
    if sides:
        raise InputError(
            f"kind {kind!r} looks for pictures, class/ folders or train/ and "
            f"test/ in {source}, found {' '.join(sorted(sides))}; use kind "
            "'pairs' or 'unpaired', or point to one of these folders"
        )
    if kind == "labelled":
        return labelled(entries, split, source)
    chosen = choose(entries, split, "", source)
    if kind == "images":
        rows = [((entry.name, None),) for entry in chosen]
        return [Group(("image",), rows)], []
    return side_by_side(chosen, direction), []


def common_top(entries):
    """The one folder all entries lie in (as many archives have), if it has
    no meaning of its own."""
    tops = {top_folder(entry) for entry in entries}
    top = tops.pop()
    return None if tops or top in (None, *_SIDES, *_SPLITS) else top


def top_folder(entry):
    """The first folder of an entry's path, None where there is none."""
    top, slash, _ = entry.below.partition("/")
    return top if slash else None


def below(entries, folder):
    """The entries in `folder`, seen from there."""
    return [
        Entry(entry.name, entry.below.partition("/")[2])
        for entry in entries if top_folder(entry) == folder
    ]


def choose(entries, split, side, source):
    """The entries of a split: `side` is "" or, for trainA/ ..., "A" or "B".
    Without a folder for the test, every tenth or so is held out for it."""
    train = below(entries, "train" + side)
    test = below(entries, "test" + side) or below(entries, "val" + side)
    if not train and not test and not side:
        train = entries
    if test:
        chosen = train if split == "train" else test
    else:
        held = held_out([entry.stem for entry in train])
        chosen = [
            entry for entry in train
            if (entry.stem in held) == (split == "test")
        ]
    if not chosen:
        raise InputError(
            f"no {split} pictures in {source}: looked for {split}{side}/ and "
            f"found {len(train)} for train and {len(test)} for test; add a "
            f"folder {split}{side}/ with pictures"
        )
    return chosen


def held_out(names):
    """The set of names, about one in ten, that are kept for the test: chosen
    by a hash, so that adding files moves no other file."""
    hashes = {
        name: hashlib.blake2b(name.encode("utf-8", "replace")).digest()
        for name in names
    }
    held = {
        name for name, code in hashes.items()
        if int.from_bytes(code[:8], "big") % 10 == 0
    }
    if len(hashes) > 1 and len(held) in (0, len(hashes)):
        return {min(hashes, key=hashes.get)}
    return held if len(hashes) > 1 else set()


def labelled(entries, split, source):
    """([group of `image` with labels], class names)."""
    # Both splits decide on the classes, so that labels agree between them.
    given = [
        entry for top in _SPLITS for entry in below(entries, top)
    ] or entries
    loose = [entry for entry in given if top_folder(entry) is None]
    if loose:
        raise InputError(
            f"kind 'labelled' looks for one folder for each class in "
            f"{source}, or in train/ and test/ there; found {len(loose)} "
            f"pictures outside of any, such as {loose[0].name}; move them or "
            "use kind 'images'"
        )
    classes = sorted({top_folder(entry) for entry in given})
    chosen = choose(entries, split, "", source)
    rows = [((entry.name, None),) for entry in chosen]
    labels = [classes.index(top_folder(entry)) for entry in chosen]
    return [Group(("image",), rows, labels)], classes


def unpaired(entries, split, source):
    """[group of `a`, group of `b`]"""
    need_sides(entries, "unpaired", source)
    return [
        Group((column,), [
            ((entry.name, None),)
            for entry in choose(entries, split, column.upper(), source)
        ])
        for column in "ab"
    ]


def need_sides(entries, kind, source):
    """InputError unless there are trainA/ and trainB/, or a test pair."""
    found = {top_folder(entry) for entry in entries}
    if not {"trainA", "trainB"} <= found:
        shown = sorted(f"{top}/" for top in found if top)[:5]
        raise InputError(
            f"kind {kind!r} looks for trainA/ and trainB/ in {source}, found "
            f"{' '.join(shown) or 'only loose pictures'}; put the two looks "
            "into two such folders"
        )


def pairs_by_name(entries, split, direction, source):
    """[group of `input` and `target`] from trainA/ and trainB/."""
    need_sides(entries, "pairs", source)
    sides = {}
    for side in "AB":
        chosen = choose(entries, split, side, source)
        sides[side] = {entry.stem: entry.name for entry in chosen}
    problems = [
        f"missing in {split}{this}/: {listed(sides[other], sides[this])}"
        for this, other in ("BA", "AB") if sides[other].keys() - sides[this]
    ]
    if problems:
        raise InputError(
            f"kind 'pairs' looks for equal names in {split}A/ and {split}B/ "
            f"of {source}; {'; '.join(problems)}; add or remove these, or "
            "use kind 'unpaired'"
        )
    first, second = direction.split("to")
    rows = [
        ((sides[first][stem], None), (sides[second][stem], None))
        for stem in sides["A"]
    ]
    return [Group(("input", "target"), rows)]


def listed(names, known):
    """The first few of `names` that are not in `known`."""
    missing = sorted(names.keys() - known)
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return ", ".join(missing[:3]) + more


def side_by_side(chosen, direction):
    """[group of `input` and `target`] from pictures twice as wide as high."""
    first, second = (
        ("left", "right") if direction == "AtoB" else ("right", "left")
    )
    rows = [((entry.name, first), (entry.name, second)) for entry in chosen]
    return [Group(("input", "target"), rows)]
