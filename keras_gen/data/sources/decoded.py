"""Items decoded from files on first use, and kept in a cache on disk."""

import numpy as np

from keras_gen import terminal
from keras_gen.data.cache import BROKEN, DECODED, Cache, key
from keras_gen.data.sources import headers
from keras_gen.errors import InputError

# Of the decoder: another one, another cache.
_VERSION = 2


class Rows:
    """The items of a group, decoded on first use.

    A row that turns out to be broken has its place taken by the next one
    that is whole (of the same class): which pictures a training sees follows
    from the files alone, whenever they are found to be broken.

    Args:
        store: Folder or Zip.
        group: layouts.Group.
        columns: for each of its columns the keras_gen.data.kind.Column.
        shapes: for each the shape of an item.
    """

    def __init__(self, store, group, columns, shapes):
        self.store, self.group = store, group
        self.labels = None
        if group.labels is not None:
            self.labels = np.array(group.labels, np.int32)
        self.columns, self.shapes = columns, shapes
        ends = np.cumsum([0] + [
            np.prod(shape) * np.dtype(column.kept).itemsize
            for column, shape in zip(columns, shapes)
        ])
        self.parts = [slice(*ends[i:i + 2]) for i in range(len(shapes))]
        # One at a time: of a million files they take more than the names.
        stamps = (
            [store.stamp(name) for cell, _ in row for name in files_of(cell)]
            for row in group.rows
        )
        self.cache = Cache(
            key(_VERSION, store.path, *form(columns, shapes),
                iter(group.rows), stamps),
            (len(group.rows), ends[-1]),
        )

    def get(self, rows, number):
        """Items of column `number` as they are kept, (n, *shape), for an int
        array (n,)."""
        part, shape = self.parts[number], self.shapes[number]
        if self.cache.whole or (self.cache.status[rows] == DECODED).all():
            found = self.cache.pictures[:, part][rows]
        else:
            found = np.stack([self.whole(row)[part] for row in rows])
        return found.view(self.columns[number].kept).reshape(-1, *shape)

    def whole(self, row):
        """The items of a row or, where it is broken, of the next."""
        for other in self.alike(row):
            found = self.read(other)
            if found is not None:
                return found
        raise InputError(
            f"not one picture like {shown(self.group.rows[row])} in "
            f"{self.store.path} can be decoded; replace or remove them"
        )

    def alike(self, row):
        """The row, then the following ones of its class, around to it; not
        those that are known to be broken by then."""
        count, block = len(self.cache.status), 1
        first = row
        while first < row + count:
            places = np.arange(first, min(first + block, row + count)) % count
            fits = self.cache.status[places] != BROKEN
            if self.labels is not None:
                fits &= self.labels[places] == self.labels[row]
            yield from places[fits].tolist()
            # Where many in a row are broken, one by one would take as many
            # steps for each of them.
            first, block = first + block, 2 * block

    def read(self, row):
        """The items of a row, from the cache or from its files, one after
        the other in uint8 (bytes,); None for a broken one."""
        status = self.cache.status[row]
        if status == DECODED:
            return self.cache.pictures[row]
        if status == BROKEN:
            return None
        try:
            found = decode_row(
                self.store, self.group.rows[row], self.columns, self.shapes
            )
        except Exception as error:  # Pillow's readers raise all kinds
            found = None
            terminal.say(
                f"skipped     {described(self.group.rows[row], error)}; the "
                "next picture takes its place"
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
        """Items (n, *shape) of the column's type for an int array (n,)."""
        column = self.rows.columns[self.number]
        found = self.rows.get(indices, self.number)
        return found.astype(column.type.dtype, copy=False)


def described(row, error):
    """What is wrong with a row, in one line."""
    return f"{shown(row)}: {headers.reason(error)}"


def shown(row):
    """The file or files of a row, or the folder of what takes several."""
    return " + ".join(dict.fromkeys(
        cell if isinstance(cell, str) else cell[0].rpartition("/")[0] + "/"
        for cell, _ in row
    ))


def files_of(cell):
    """The names of a cell, as a tuple."""
    return (cell,) if isinstance(cell, str) else cell


def form(columns, shapes):
    """What bytes depend on beside the files. Pictures alone, all of one
    size, keep the names that their caches had before there were others."""
    forms = [
        column.form(shape) for column, shape in zip(columns, shapes)
    ]
    if set(forms) == {("picture", shapes[0])}:
        height, width, channels = shapes[0]
        return height if height == width else (height, width), channels
    return forms


def decode_row(store, row, columns, shapes):
    """The items of one row of a group, one after the other in uint8
    (bytes,)."""
    known, result = {}, []
    for (cell, part), column, shape in zip(row, columns, shapes):
        # Both halves of a picture are of one file.
        if (cell, column.value) not in known:
            contents = []
            for name in files_of(cell):
                with store.open(name) as file:
                    contents.append(file.read())
            known[cell, column.value] = column.opened(contents, shape)
        item = column.item(known[cell, column.value], part, shape)
        result.append(np.ascontiguousarray(item).reshape(-1).view(np.uint8))
    return np.concatenate(result)
