"""Columns of pictures from a folder or a .zip.

Opening one reads names and headers. A picture is decoded when it is first
asked for, and kept in a cache on disk.
"""

import collections

import numpy as np

from keras_gen.data.account import FOR, Account, listed
from keras_gen.data.dataset import Dataset
from keras_gen.data.sources import contents, headers, layouts
from keras_gen.data.sources.arrangement import top_folder
from keras_gen.data.sources.decoded import (
    Column,
    Rows,
    described,
    files_of,
    shown,
)
from keras_gen.data.sources.looked_into import looked_into, sampled
from keras_gen.data.sources.stores import Folder, Zip
from keras_gen.errors import InputError

# Files whose sizes are asked for before a training.
_LOOKED_AT = 2000


def takes(path):
    """Whether a path is for this module: a folder, a .zip or a picture."""
    return path.is_dir() or path.is_file() and (
        path.suffix.lower() == ".zip"
        or path.suffix.lower() != ".npy" and contents.is_picture(path.name)
    )


def open_store(path):
    """(Folder or Zip, sorted names of its pictures, list of (how many, what
    and why) of what else is there); InputError without a picture."""
    store = Folder(path) if path.is_dir() else Zip(path)
    names = store.names()
    refuse_backslashes(names, path)
    usable, unread = contents.sorted_out(names)
    figures = {
        name for name in contents.beside_folders(usable)
        if headers.is_figure(store, name)
    }
    usable = [name for name in usable if name not in figures]
    unread += store.odd + of_figures(sorted(figures))
    if not usable:
        found = "; ".join(why for _, why in unread) or "nothing"
        raise InputError(
            f"no picture in {path}: looked for files ending in "
            f"{' '.join(sorted(contents.suffixes()))}, also in sub-folders, "
            f"and found {len(names)} others ({found})"
        )
    return store, usable, unread


def refuse_backslashes(names, path):
    """InputError for files whose names hold the folders that they should lie
    in: an archive has its own put right."""
    odd = [name for name in names if "\\" in name]
    if odd:
        raise InputError(
            f"{len(odd):,} names in {path} have backslashes, such as "
            f"{odd[0]}: an archive was unpacked without making its folders; "
            "unpack it with another tool, or give the .zip itself"
        )


def of_figures(names):
    """What is told of figures that keras_gen drew itself, as `open_store`."""
    if not names:
        return []
    return [(len(names), f"a figure of keras_gen: {listed(names)}")]


def opened(path, kind):
    """As `open_store`, also of one picture file, for kinds of one item."""
    if not path.is_file() or path.suffix.lower() == ".zip":
        return open_store(path)
    if not kind.single:
        raise InputError(
            f"{path} is one picture; give a folder of them for kind "
            f"{kind.name!r}, or use kind 'single'"
        )
    return Folder(path.parent), [path.name], []


def load(path, kind, split, arguments, seed):
    """The Dataset in a folder or .zip; see keras_gen.data.load."""
    store, names, unread = opened(path, kind)
    layout = layouts.find(names, kind, split, arguments, path)
    columns, sizes, skipped, notes, figures = {}, set(), [], [], []
    given = kind.given(arguments)
    found = looked_into(store, sampled(
        layout.groups, names, kind, split, arguments, path
    ), given)
    given = kind.settled(given, found, path, arguments)
    for group in layout.groups:
        readers = [given[name] for name in group.columns]
        shapes = [reader.shape(arguments) for reader in readers]
        good, found, bad, drawn = check_group(store, group, readers, shapes)
        skipped += bad
        figures += drawn
        sizes |= found
        if not good.rows:
            raise InputError(
                f"none of the {len(group.rows)} pictures found for {split} "
                f"in {path} can be read; the first: {(bad + drawn)[0]}"
            )
        rows = Rows(store, good, readers, shapes)
        notes.append(rows.cache.note)
        skipped += [
            f"{name}: broken, the next picture takes its place"
            for name in rows.broken()
        ]
        columns |= {
            name: Column(rows, number)
            for number, name in enumerate(good.columns)
        }
        if good.labels is not None:
            columns["label"] = np.array(good.labels, np.int32)
    return Dataset(
        columns, kind.unpaired, tuple(layout.classes), tuple(skipped),
        originals=span(sizes), notes=tuple(notes),
        types={name: column.type for name, column in given.items()},
        account=None if kind.single else accounted(
            layout, split, unread, figures
        ),
    )


def accounted(layout, split, unread, figures):
    """The Account of a layout: `figures` were found among the files of the
    split."""
    counts = collections.Counter({split: layout.files - len(figures)})
    for group in layout.groups:
        for other, entries in group.others.items():
            counts[other] += sum(len(files_of(e.name)) for e in entries)
    unread = unread + of_figures(figures) + unused(layout.unused)
    held = frozenset().union(*(group.held for group in layout.groups))
    notes = list(layout.notes)
    if layout.classes and layout.groups[0].labels is not None:
        there = set(layout.groups[0].labels)
        lacking = [
            name for number, name in enumerate(layout.classes)
            if number not in there
        ]
        if lacking:
            notes.append(f"no picture {FOR[split]} of {listed(lacking)}")
    return Account("files", counts, held, tuple(unread), tuple(notes))


def unused(entries):
    """What is told of files that no split uses, as `open_store`."""
    found = {}
    for entry in entries:
        found.setdefault(top_folder(entry), []).append(entry)
    told = []
    for top, inside in found.items():
        names = [name for entry in inside for name in files_of(entry.name)]
        where = "beside the folders of the splits"
        if top:
            where = f"{top}/, {where}"
        told.append((len(names), f"{where}: {listed(names)}"))
    told.sort(reverse=True)
    rest = told[3:]
    if rest:
        told[3:] = [(
            sum(count for count, _ in rest),
            f"{len(rest):,} more folders beside those of the splits",
        )]
    return told


def properties(path, kind, arguments):
    """See keras_gen.data.properties."""
    store, names, _ = opened(path, kind)
    layout = layouts.find(names, kind, "train", arguments, path)
    uses = [
        (kind.columns[column].coloured, files_of(cell))
        for group in layout.groups
        for row in group.rows for column, (cell, _) in zip(group.columns, row)
    ]
    if not all(coloured for coloured, _ in uses):  # masks are no pictures
        names = [name for coloured, row in uses if coloured for name in row]
    found = looked_into(store, layout.groups, kind.given(arguments))
    counts = {
        name: each.channels for name, each in found.items()
        if kind.columns[name].coloured and each.channels
    }
    channels = kind.channels_of(counts) if counts else 3
    if channels in (1, 3):
        # Stops at the first picture in colour.
        channels = 1 if all(is_grey(store, name) for name in names) else 3
    return channels, tuple(layout.classes)


def values_in(path, kind, arguments):
    """{name: ranges.Found} of the training pictures."""
    store, names, _ = opened(path, kind)
    layout = layouts.find(names, kind, "train", arguments, path)
    return looked_into(store, layout.groups, kind.given(arguments))


def short_sides(path, kind, arguments):
    """See keras_gen.data.short_sides."""
    store, names, _ = opened(path, kind)
    layout = layouts.find(names, kind, "train", arguments, path)
    cells = [
        (files_of(cell)[0], part) for group in layout.groups
        for row in group.rows
        for column, (cell, part) in zip(group.columns, row)
        if kind.columns[column].coloured
    ]
    found = []
    for name, part in cells[::len(cells) // _LOOKED_AT + 1]:
        try:
            head = headers.read(store, name)
        except Exception:  # Pillow's readers raise all kinds
            continue
        found.append(min(head.width // (2 if part else 1), head.height))
    return found or None


def is_grey(store, name):
    """Whether a file holds grey values only, or nothing readable."""
    try:
        return headers.read(store, name).grey
    except Exception:  # Pillow's readers raise all kinds
        return True


def check_group(store, group, columns, shapes):
    """(Group of the rows with good headers, set of (width, height) of their
    files, a line for each other row, names of those that are figures of
    keras_gen).

    InputError for a pair side by side that is not twice as wide as high.
    """
    bad, sizes, skipped, figures = set(), set(), [], []
    for place, row in enumerate(group.rows):
        try:
            known = {}
            for (cell, _), column, shape in zip(row, columns, shapes):
                if (cell, column.value) not in known:
                    known[cell, column.value] = column.header(
                        store, files_of(cell), shape
                    )
        except headers.Figure:
            bad.add(place)
            figures.append(shown(row))
            continue
        except Exception as error:  # Pillow's readers raise all kinds
            bad.add(place)
            skipped.append(described(row, error))
            continue
        for (name, part), column in zip(row, columns):
            if part:
                check_pair(known[name, column.value], name)
        sizes.update((head.width, head.height) for head in known.values())
    return group.without(bad), sizes, skipped, figures


def check_pair(head, name):
    """InputError unless a picture is about twice as wide as high."""
    if abs(head.width - 2 * head.height) > 0.1 * head.height:
        raise InputError(
            f"{name} is {head.width}x{head.height}: a pair side by side is "
            "twice as wide as high; put both pictures side by side in each "
            "file, or the two looks in trainA/ and trainB/ under equal names"
        )


def span(sizes):
    """The smallest and the largest of a set of (width, height), in words."""
    ordered = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    ends = dict.fromkeys((ordered[0], ordered[-1]))
    return " ... ".join(f"{width}x{height}" for width, height in ends)
