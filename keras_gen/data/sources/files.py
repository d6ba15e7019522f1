"""Columns of pictures from a folder or a .zip.

Opening one reads names and headers. A picture is decoded when it is first
asked for, and kept in a cache on disk.
"""

import pathlib
import sys

import numpy as np

from keras_gen.data import pictures
from keras_gen.data.cache import BROKEN, DECODED, Cache, key
from keras_gen.data.dataset import Dataset
from keras_gen.data.sources import headers, layouts
from keras_gen.data.sources.stores import Folder, Zip
from keras_gen.errors import InputError

SUFFIXES = frozenset(
    ".jpg .jpeg .png .bmp .gif .webp .tif .tiff .ppm .pgm".split()
)
# Of the decoder: another one, another cache.
_VERSION = 1


class Rows:
    """The pictures of a group, decoded on first use.

    A row that turns out to be broken has its place taken by the next one
    that is whole (of the same class): which pictures a training sees follows
    from the files alone, whenever they are found to be broken.

    Args:
        store: Folder or Zip.
        group: layouts.Group.
        size, channels: of the pictures.
    """

    def __init__(self, store, group, size, channels):
        self.store, self.group = store, group
        self.size, self.channels = size, channels
        stamps = [
            [store.stamp(name) for name, _ in row] for row in group.rows
        ]
        self.cache = Cache(
            key(_VERSION, store.path, size, channels, group.rows, stamps),
            (len(group.rows), len(group.columns), size, size, channels),
        )

    def get(self, rows, number):
        """Pictures of column `number`, uint8 (n, size, size, channels), for
        an int array (n,)."""
        if self.cache.whole or (self.cache.status[rows] == DECODED).all():
            return self.cache.pictures[:, number][rows]
        return np.stack([self.whole(row)[number] for row in rows])

    def whole(self, row):
        """The pictures of a row or, where it is broken, of the next."""
        for other in self.alike(row):
            found = self.read(other)
            if found is not None:
                return found
        raise InputError(
            f"not one picture like {self.group.rows[row][0][0]} in "
            f"{self.store.path} can be decoded; replace or remove them"
        )

    def alike(self, row):
        """The row, then the following ones of its class, around to it."""
        count, labels = len(self.group.rows), self.group.labels
        for step in range(count):
            other = (row + step) % count
            if labels is None or labels[other] == labels[row]:
                yield other

    def read(self, row):
        """The pictures of a row, from the cache or from its files, uint8
        (columns, size, size, channels); None for a broken one."""
        status = self.cache.status[row]
        if status == DECODED:
            return self.cache.pictures[row]
        if status == BROKEN:
            return None
        try:
            found = decode_row(
                self.store, self.group.rows[row], self.size, self.channels
            )
        except Exception as error:  # Pillow's readers raise all kinds
            found = None
            print(
                f"skipped     {described(self.group.rows[row], error)}; the "
                "next picture takes its place", file=sys.stderr,
            )
        self.cache.write(row, found)
        return found

    def broken(self):
        """The names of the rows that are known to be broken."""
        return [
            shown(self.group.rows[row])
            for row in np.flatnonzero(self.cache.status == BROKEN)
        ]


class Column:
    """One column of Rows."""

    def __init__(self, rows, number):
        self.rows = rows
        self.number = number

    def __len__(self):
        return len(self.rows.group.rows)

    def __getitem__(self, indices):
        """uint8 (n, size, size, channels) for an int array (n,)."""
        return self.rows.get(indices, self.number)


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


def load_files(path, kind, split, size, channels, direction):
    """The Dataset in a folder or .zip; see keras_gen.data.load."""
    store, names = open_store(path)
    groups, classes = layouts.find(names, kind, split, direction, path)
    columns, sizes, skipped, notes = {}, set(), [], []
    for group in groups:
        good, found, bad = check_group(store, group)
        skipped += bad
        sizes |= found
        if not good.rows:
            raise InputError(
                f"none of the {len(group.rows)} pictures found for {split} "
                f"in {path} can be read; the first: {bad[0]}"
            )
        rows = Rows(store, good, size, channels)
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
        columns, kind == "unpaired", tuple(classes), tuple(skipped),
        originals=span(sizes), notes=tuple(notes),
    )


def file_properties(path, kind):
    """See keras_gen.data.properties."""
    store, names = open_store(path)
    _, classes = layouts.find(names, kind, "train", "AtoB", path)
    # Stops at the first picture in colour.
    grey = all(is_grey(store, name) for name in names)
    return 1 if grey else 3, tuple(classes)


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


def check_group(store, group):
    """(Group of the rows with good headers, set of (width, height) of their
    files, a line for each other row).

    InputError for a pair side by side that is not twice as wide as high.
    """
    good, sizes, skipped = [], set(), []
    for place, row in enumerate(group.rows):
        try:
            known = {name: headers.read(store, name) for name, _ in row}
        except Exception as error:  # Pillow's readers raise all kinds
            skipped.append(described(row, error))
            continue
        for name, part in row:
            if part:
                check_pair(known[name], name)
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


def described(row, error):
    """What is wrong with a row, in one line."""
    return f"{shown(row)}: {headers.reason(error)}"


def shown(row):
    """The file or files of a row."""
    return " + ".join(dict.fromkeys(name for name, _ in row))


def decode_row(store, row, size, channels):
    """The pictures of one row of a group, uint8 (columns, size, size,
    channels)."""
    opened, result = {}, []
    for name, part in row:
        if name not in opened:
            with store.open(name) as file:
                content = file.read()
            # A half of a picture has half its width, and all its height.
            opened[name] = pictures.decode(content, channels, size)
        image = opened[name]
        if part:
            image = pictures.half(image, part)
        result.append(pictures.fit(image, size))
    return np.stack(result)
