"""Columns of pictures from a folder or a .zip.

Opening one reads names and headers. A picture is decoded when it is first
asked for, and kept in a cache on disk.
"""

import pathlib

import numpy as np

from keras_gen.data.dataset import Dataset
from keras_gen.data.sources import headers, layouts
from keras_gen.data.sources.decoded import Column, Rows, described, files_of
from keras_gen.data.sources.stores import Folder, Zip
from keras_gen.errors import InputError

SUFFIXES = frozenset(
    ".jpg .jpeg .png .bmp .gif .webp .tif .tiff .ppm .pgm".split()
)

# Files whose sizes are asked for before a training.
_LOOKED_AT = 2000


def takes(path):
    """Whether a path is for this module: a folder, a .zip or a picture."""
    return path.is_dir() or path.is_file() and (
        path.suffix.lower() == ".zip" or is_picture(path.name)
    )


def open_store(path):
    """(Folder or Zip, sorted names of its pictures); InputError without."""
    store = Folder(path) if path.is_dir() else Zip(path)
    names = store.names()
    usable = sorted(name for name in names if is_picture(name))
    if not usable:
        others = sorted({pathlib.Path(name).suffix for name in names})
        raise InputError(
            f"no picture in {path}: looked for files ending in "
            f"{' '.join(sorted(SUFFIXES))}, also in sub-folders, and found "
            f"{len(names)} others ({' '.join(others[:5]) or 'none'})"
        )
    return store, usable


def opened(path, kind):
    """As `open_store`, also of one picture file, for kinds of one item."""
    if not path.is_file() or path.suffix.lower() == ".zip":
        return open_store(path)
    if not kind.single:
        raise InputError(
            f"{path} is one picture; give a folder of them for kind "
            f"{kind.name!r}, or use kind 'single'"
        )
    return Folder(path.parent), [path.name]


def load(path, kind, split, arguments, seed):
    """The Dataset in a folder or .zip; see keras_gen.data.load."""
    store, names = opened(path, kind)
    groups, classes = layouts.find(names, kind, split, arguments, path)
    columns, sizes, skipped, notes = {}, set(), [], []
    for group in groups:
        given = kind.given(arguments)
        readers = [given[name] for name in group.columns]
        shapes = [reader.shape(arguments) for reader in readers]
        good, found, bad = check_group(store, group, readers, shapes)
        skipped += bad
        sizes |= found
        if not good.rows:
            raise InputError(
                f"none of the {len(group.rows)} pictures found for {split} "
                f"in {path} can be read; the first: {bad[0]}"
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
        columns, kind.unpaired, tuple(classes), tuple(skipped),
        originals=span(sizes), notes=tuple(notes), types=kind.types,
    )


def properties(path, kind, arguments):
    """See keras_gen.data.properties."""
    store, names = opened(path, kind)
    groups, classes = layouts.find(names, kind, "train", arguments, path)
    uses = [
        (kind.columns[column].coloured, files_of(cell)) for group in groups
        for row in group.rows for column, (cell, _) in zip(group.columns, row)
    ]
    if not all(coloured for coloured, _ in uses):  # masks are no pictures
        names = [name for coloured, row in uses if coloured for name in row]
    # Stops at the first picture in colour.
    grey = all(is_grey(store, name) for name in names)
    return 1 if grey else 3, tuple(classes)


def short_sides(path, kind, arguments):
    """See keras_gen.data.short_sides."""
    store, names = opened(path, kind)
    groups, _ = layouts.find(names, kind, "train", arguments, path)
    cells = [
        (files_of(cell)[0], part) for group in groups for row in group.rows
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


def is_picture(name):
    """Whether a path ends like a picture and no part of it is hidden."""
    ending = name[name.rfind("."):].lower()
    return (
        ending in SUFFIXES and not name.startswith((".", "__MACOSX/"))
        and "/." not in name and "/__MACOSX/" not in name
    )


def check_group(store, group, columns, shapes):
    """(Group of the rows with good headers, set of (width, height) of their
    files, a line for each other row).

    InputError for a pair side by side that is not twice as wide as high.
    """
    good, sizes, skipped = [], set(), []
    for place, row in enumerate(group.rows):
        try:
            known = {}
            for (cell, _), column, shape in zip(row, columns, shapes):
                if (cell, column.value) not in known:
                    known[cell, column.value] = column.header(
                        store, files_of(cell), shape
                    )
        except Exception as error:  # Pillow's readers raise all kinds
            skipped.append(described(row, error))
            continue
        for (name, part), column in zip(row, columns):
            if part:
                check_pair(known[name, column.value], name)
        good.append(place)
        sizes.update((head.width, head.height) for head in known.values())
    labels = group.labels and [group.labels[place] for place in good]
    rows = [group.rows[place] for place in good]
    return layouts.Group(group.columns, rows, labels), sizes, skipped


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
