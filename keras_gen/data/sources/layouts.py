"""Which file serves which column: decided on names alone, so that folders and
archives behave alike."""

import dataclasses
import hashlib

from keras_gen.errors import InputError

SIDES = ("trainA", "trainB", "testA", "testB", "valA", "valB")
SPLITS = ("train", "test", "val")


@dataclasses.dataclass(frozen=True)
class Group:
    """Columns that are read together.

    Attributes:
        columns: their names.
        rows: for each item, for each column, (file name, part), where part is
            None for the whole picture, else "left" or "right"; in place of
            the name a tuple of names for what takes several files.
        labels: for each item, or None.
    """

    columns: tuple
    rows: list
    labels: list | None = None


@dataclasses.dataclass(frozen=True)
class Entry:
    """A file: its `name`, and its path `below` the folder of its split; or
    several files that are one item, and their folder."""

    name: str | tuple
    below: str

    @property
    def stem(self):
        """`below` without the ending: what pairs and hold-out go by."""
        return self.below[:self.below.rindex(".")]


def find(names, kind, split, arguments, source):
    """The layout of a set of picture files.

    Args:
        names: sorted paths with forward slashes.
        kind: a keras_gen.data.kind.Kind, which says which file is what.
        split, arguments: as of keras_gen.data.load.
        source: what to call the whole in an InputError, which is raised where
            the files are not laid out as `kind` needs.

    Returns:
        (list of Group, names of the classes)
    """
    entries = kind.entries(names)
    while (top := common_top(entries)) is not None:
        entries = below(entries, top)
    return kind.layout(entries, split, source, arguments)


def common_top(entries):
    """The one folder all entries lie in (as many archives have), if it has
    no meaning of its own."""
    tops = {top_folder(entry) for entry in entries}
    top = tops.pop()
    return None if tops or top in (None, *SIDES, *SPLITS) else top


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


def sides_in(entries):
    """The set of trainA, trainB ... that there are."""
    return {top_folder(entry) for entry in entries} & set(SIDES)


def refuse_sides(entries, kind, source):
    """InputError where there are trainA/, trainB/ ..."""
    sides = sides_in(entries)
    if sides:
        raise InputError(
            f"kind {kind!r} looks for pictures, class/ folders or train/ and "
            f"test/ in {source}, found {' '.join(sorted(sides))}; use kind "
            "'pairs' or 'unpaired', or point to one of these folders"
        )


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


def as_sides(entries, folders):
    """Entries of two such folders, alone or in train/ and test/, as if they
    lay in trainA/ and trainB/ ...; the others are left out."""
    found = []
    for top in (*SPLITS, ""):
        inner = below(entries, top) if top else entries
        for folder, side in zip(folders, "AB"):
            found += [
                Entry(entry.name, f"{top or 'train'}{side}/{entry.below}")
                for entry in below(inner, folder)
            ]
    return found


def by_name(entries, split, sides, kind, source, folders=None):
    """Files of equal names in trainA/ and trainB/.

    Args:
        sides: "A" and "B", in the order of the columns.
        folders: what the two are called, for an InputError.

    Returns:
        The rows of a Group of two columns.
    """
    if not folders:
        need_sides(entries, kind, source)
    refuse_twins(entries, source)
    shown = dict(zip("AB", folders or (f"{split}A", f"{split}B")))
    files = {}
    for side in "AB":
        chosen = choose(entries, split, side, source)
        files[side] = {entry.stem: entry.name for entry in chosen}
    problems = [
        f"missing in {shown[this]}/: {listed(files[other], files[this])}"
        for this, other in ("BA", "AB") if files[other].keys() - files[this]
    ]
    if problems:
        raise InputError(
            f"kind {kind!r} looks for equal names in {shown['A']}/ and "
            f"{shown['B']}/ of {source}; {'; '.join(problems)}; add or remove "
            "these, or use kind 'unpaired'"
        )
    first, second = sides
    return [
        ((files[first][stem], None), (files[second][stem], None))
        for stem in files["A"]
    ]


def refuse_twins(entries, source):
    """InputError where two files differ by their endings alone: which of
    them is meant, nothing says."""
    known = {}
    for entry in entries:
        other = known.setdefault(entry.stem, entry.name)
        if other != entry.name:
            raise InputError(
                f"{other} and {entry.name} of {source} have one name: leave "
                "one of them out, or rename it"
            )


def listed(names, known):
    """The first few of `names` that are not in `known`."""
    missing = sorted(names.keys() - known)
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return ", ".join(missing[:3]) + more


def side_by_side(chosen, direction):
    """Group of `input` and `target` from pictures twice as wide as high."""
    first, second = (
        ("left", "right") if direction == "AtoB" else ("right", "left")
    )
    rows = [((entry.name, first), (entry.name, second)) for entry in chosen]
    return Group(("input", "target"), rows)
