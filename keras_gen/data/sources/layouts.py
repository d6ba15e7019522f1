"""Which file serves which column: decided on names alone, so that folders and
archives behave alike."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from keras_gen.data.sources.arrangement import (
    SIDES,
    SPLITS,
    Entry,
    arranged,
    top_folder,
    tops,
)
from keras_gen.data.sources.cuts import choose
from keras_gen.errors import InputError


@dataclasses.dataclass(frozen=True)
class Group:
    """Columns that are read together.

    Attributes:
        columns: their names.
        rows: a sequence of, for each item, for each column, (file name,
            part), where part is None for the whole picture, else "left" or
            "right"; in place of the name a tuple of names for what takes
            several files.
        labels: for each item, or None.
        others: {split: its entries} of the other splits.
        held: the splits that are cut from what would else be trained on.
    """

    columns: tuple
    rows: Sequence
    labels: list | None = None
    others: dict = dataclasses.field(default_factory=dict)
    held: frozenset = frozenset()

    def without(self, places):
        """The Group but for the rows at `places`, a set, to be read: without
        the others."""
        if not places:
            return dataclasses.replace(self, others={})
        kept = [i for i in range(len(self.rows)) if i not in places]
        rows = [self.rows[i] for i in kept]
        if isinstance(self.rows, WholeFiles):
            rows = WholeFiles([name for ((name, _),) in rows])
        labels = self.labels and [self.labels[i] for i in kept]
        return dataclasses.replace(self, rows=rows, labels=labels, others={})


class WholeFiles(Sequence):
    """The rows of a column of whole files, made as they are asked for: kept,
    a million would take three times what their names take."""

    def __init__(self, names):
        self.names = names

    def __len__(self):
        return len(self.names)

    def __getitem__(self, place):
        return ((self.names[place], None),)


class Layout(NamedTuple):
    """Which file serves which column.

    Attributes:
        groups: list of Group.
        classes: their names.
        files: how many those of the split are.
        unused: the entries that no split uses.
        notes: what was decided on the names of folders, a line each.
    """

    groups: list
    classes: tuple
    files: int
    unused: list
    notes: list


def find(names, kind, split, arguments, source):
    """The Layout of a set of picture files.

    Args:
        names: sorted paths with forward slashes.
        kind: a keras_gen.data.kind.Kind, which says which file is what.
        split, arguments: as of keras_gen.data.load.
        source: what to call the whole in an InputError, which is raised where
            the files are not laid out as `kind` needs.
    """
    entries, notes = arranged(kind.entries(names), source, kind.class_folders)
    groups, classes = kind.layout(entries, split, source, arguments)
    used = {cell for group in groups for row in group.rows for cell, _ in row}
    files = sum(1 if isinstance(cell, str) else len(cell) for cell in used)
    for group in groups:
        for others in group.others.values():
            used.update(entry.name for entry in others)
    unused = [entry for entry in entries if entry.name not in used]
    return Layout(groups, classes, files, unused, notes)


def sides_in(entries):
    """The set of trainA, trainB ... that there are."""
    return tops(entries) & set(SIDES)


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
    found = tops(entries)
    if not {"trainA", "trainB"} <= found:
        shown = sorted(f"{top}/" for top in found if top)[:5]
        raise InputError(
            f"kind {kind!r} looks for trainA/ and trainB/ in {source}, found "
            f"{' '.join(shown) or 'only loose pictures'}; put the two looks "
            "into two such folders"
        )


def as_sides(entries, folders):
    """Entries of two such folders, in capitals or not, alone or in train/ and
    test/, as if they lay in trainA/ and trainB/ ...; the others as they are.
    """
    sides = {
        name: side for folder, side in zip(folders, "AB")
        for name in (folder, folder.capitalize(), folder.upper())
    }
    found = []
    for entry in entries:
        first, *rest = entry.below.split("/")
        split = first if first in SPLITS and len(rest) > 1 else None
        if split:
            first, *rest = rest
        side = sides.get(first) if rest else None
        found.append(entry if side is None else Entry(
            entry.name, f"{split or 'train'}{side}/{'/'.join(rest)}"
        ))
    return found


def sided(entries):
    """Entries in trainA/, trainB/ ..., where all lie in A/ and B/ also as if
    they did."""
    found = entries if sides_in(entries) else as_sides(entries, ["A", "B"])
    whole = {top_folder(entry) for entry in found} <= set(SIDES)
    return found if whole and {"trainA", "trainB"} <= sides_in(found) else (
        entries
    )


def by_name(
    entries, split, sides, columns, kind, source, share, folders=None
):
    """Files of equal names in trainA/ and trainB/.

    Args:
        sides: "A" and "B", in the order of the columns.
        columns: their names.
        share: as of `choose`.
        folders: what the two are called, for an InputError.

    Returns:
        A Group of two columns.
    """
    if not folders:
        need_sides(entries, kind, source)
    shown = dict(zip("AB", folders or (f"{split}A", f"{split}B")))
    chosen = {
        side: choose(entries, split, side, source, share) for side in "AB"
    }
    files = {
        side: one_a_name(chosen[side], split, kind, source) for side in "AB"
    }
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
    rows = [
        ((files[first][stem], None), (files[second][stem], None))
        for stem in files["A"]
    ]
    others = {
        name: entries + chosen["B"].others[name]
        for name, entries in chosen["A"].others.items()
    }
    return Group(columns, rows, others=others, held=chosen["A"].held)


def one_a_name(chosen, split, kind, source):
    """{name without its ending: file} of the Chosen of a split; InputError
    where two have one, also among those that are cut from one folder."""
    files, together = {}, {"train", *chosen.held}
    beside = [
        entry for name, entries in chosen.others.items() for entry in entries
        if {name, split} <= together
    ]
    for entry in chosen.entries + beside:
        other = files.setdefault(entry.stem, entry.name)
        if other != entry.name:
            raise InputError(
                f"{other} and {entry.name} of {source} have one name but for "
                f"their endings, and kind {kind!r} goes by it: keep one of "
                "them, or rename it"
            )
    return {entry.stem: files[entry.stem] for entry in chosen.entries}


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
    rows = [((entry.name, first), (entry.name, second))
            for entry in chosen.entries]
    return Group(
        ("input", "target"), rows, others=chosen.others, held=chosen.held
    )


def whole(column, chosen, labels=None):
    """Group of one column of whole files."""
    rows = WholeFiles([entry.name for entry in chosen.entries])
    return Group(
        (column,), rows, labels, others=chosen.others, held=chosen.held
    )
