"""Folders as people have them, brought into one order: train/, test/, val/,
or trainA/, trainB/ ... come first, then folders of classes."""

import collections
from typing import NamedTuple

from keras_gen.data.sources import splits
from keras_gen.errors import InputError

SIDES = ("trainA", "trainB", "testA", "testB", "valA", "valB")
SPLITS = ("train", "test", "val")
# Folders in train/ that hold those of the classes.
_WRAPPERS = frozenset(
    "images image imgs img pictures photos data classes".split()
)


class Entry(NamedTuple):
    """A file: its `name`, and its path `below` the folder of its split; or
    several files that are one item, and their folder."""

    name: str | tuple
    below: str

    @property
    def stem(self):
        """`below` without the ending: what pairs and hold-out go by."""
        return self.below[:self.below.rindex(".")]


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


def tops(entries):
    """The set of the first folders, None for what lies in none."""
    return {top_folder(entry) for entry in entries}


def arranged(entries, source, class_folders):
    """Entries whose first folders are of SPLITS and SIDES, if there are such.

    Args:
        entries: of all files.
        source: what to call the whole in an InputError, which is raised where
            two folders mean the same split.
        class_folders: whether folders without such a name are classes.

    Returns:
        (entries, notes, a line each)
    """
    while (top := common_top(entries, class_folders)) is not None:
        entries = below(entries, top)
    found = splits.named(tops(entries) - {None})
    if class_folders and _is_class(entries, found):
        # All are there to train on; that one has no other meaning then.
        (name,) = found
        return [
            Entry(entry.name, f"train/{entry.below}") for entry in entries
        ], [f"{name}/ is taken for a class, as the folders beside it are"]
    if found:
        return _renamed(entries, found, source, class_folders), []
    return _from_inside(entries, source, class_folders)


def common_top(entries, class_folders):
    """The one folder all entries lie in (as many archives have), if it has
    no meaning of its own."""
    found = tops(entries)
    top = found.pop()
    if found or top is None or splits.split_of(top):
        return None
    alone = class_folders and all(
        entry.below.count("/") == 1 for entry in entries
    )
    return None if alone else top


def _is_class(entries, found):
    """Whether what could be a split is a class among others, a train beside
    car/ and bus/: it alone has such a name, and holds pictures as they do."""
    others = tops(entries) - {None, *found}
    return [*found.values()] == ["train"] and len(others) > 1 and not any(
        entry.below.count("/") > 1 for entry in entries
        if top_folder(entry) in found
    )


def _renamed(entries, found, source, class_folders):
    """Entries with folders called as `found`, a dict, says."""
    _refuse_twice(found, source)
    result = []
    for entry in entries:
        top, slash, rest = entry.below.partition("/")
        name = found.get(top, top) if slash else top
        result.append(
            entry if name == top else Entry(entry.name, f"{name}/{rest}")
        )
    if class_folders:
        for folder, split in found.items():
            result = _unwrapped(result, folder, split)
    return result


def _refuse_twice(found, source):
    """InputError where two folders are called alike but for their writing."""
    by_split = collections.defaultdict(list)
    for folder, split in sorted(found.items()):
        by_split[split].append(folder)
    for split, folders in by_split.items():
        if len(folders) > 1:
            raise InputError(
                f"{' and '.join(f'{folder}/' for folder in folders)} in "
                f"{source} both mean {split}/: put their pictures into one, "
                "or rename or move those that are not meant"
            )


def _unwrapped(entries, folder, split):
    """Without a folder around those of the classes: train/train/cats."""
    inner = [
        (entry.below.split("/", 2) + ["", ""])[1:3] for entry in entries
        if top_folder(entry) == split
    ]
    if {bool(rest) for _, rest in inner} != {True}:
        return entries
    names = {name for name, _ in inner}
    around = names.pop()
    if names or not all("/" in rest for _, rest in inner) or not (
        around.lower() in _WRAPPERS or around == folder
        or splits.split_of(around) == split
    ):
        return entries
    prefix = f"{split}/{around}/"
    return [
        Entry(entry.name, f"{split}/{entry.below[len(prefix):]}")
        if entry.below.startswith(prefix) else entry for entry in entries
    ]


def _from_inside(entries, source, class_folders):
    """Entries of folders of which each has train/ and test/ inside, as if
    these lay around them: cats/train/ as train/cats/."""
    inside = collections.defaultdict(set)
    for entry in entries:
        first, second = (entry.below.split("/", 2) + [None, None])[:2]
        if second is not None and entry.below.count("/") > 1:
            inside[first].add(second)
    found = {top: splits.named(folders) for top, folders in inside.items()}
    found = {top: each for top, each in found.items() if each}
    folders = tops(entries) - {None}
    if not found:
        return entries, []
    if set(found) != folders:
        top, each = min(found.items())
        return entries, [
            f"{top}/{min(each)}/ is no split here, since not every folder has "
            "such ones inside: its pictures are read as all others"
        ]
    if len(folders) == 1:  # what lies beside it is left over
        (top,) = folders
        return _renamed([
            Entry(entry.name, entry.below.removeprefix(f"{top}/"))
            for entry in entries
        ], found[top], source, class_folders), []
    for top, each in found.items():
        _refuse_twice(each, f"{source}/{top}")
    result = []
    for entry in entries:
        first, second, rest = (entry.below.split("/", 2) + ["", ""])[:3]
        split = found.get(first, {}).get(second) if rest else None
        result.append(
            Entry(entry.name, f"{split}/{first}/{rest}") if split else entry
        )
    return result, []
