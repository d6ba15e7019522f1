"""What a kind of data must say; the kinds are the files of `kinds/`."""

from typing import Any

import numpy as np

from keras_gen import values
from keras_gen.data.arguments import OF_PICTURES, PerColumn
from keras_gen.data.kind_values import OfValues
from keras_gen.errors import InputError, alike


class Column:
    """One column of a kind: how it is read.

    Attributes:
        value: name of the `keras_gen.values.Value` that its items are.
        coloured: whether its files and arrays tell grey from colour.
        kept: name of the dtype by which items are kept in a cache.
        reading: how pictures become levels, None of other columns.
    """

    value: str
    coloured = False
    kept = "uint8"
    reading: Any = None

    @property
    def type(self):
        """The `keras_gen.values.Value`."""
        return values.named(self.value)

    def given(self, arguments):
        """The column for the arguments of `load`, checked."""
        return self

    def shape(self, arguments):
        """Of an item as it is kept, with room for crops; None where the
        source says it. `arguments`: those of `load`, checked."""
        return None

    # -- from files ----------------------------------------------------------

    def header(self, store, names, shape):
        """The headers.Header of an item's first file (`names` in `store`);
        raises whatever says why it cannot hold an item of this shape."""
        from keras_gen.data.sources import headers

        return headers.read(store, names[0])

    def form(self, shape):
        """What an item depends on beside its files."""
        return self.value, shape

    def opened(self, contents, shape):
        """What the bytes of an item's files hold; raises whatever Pillow
        raises."""
        raise NotImplementedError

    def item(self, opened, part, shape):
        """The item as uint8 of `shape`; `part` is "left" or "right" where it
        is half of what was opened, else None."""
        raise NotImplementedError

    def looked_into(self, contents):
        """The pictures in the bytes of an item's files, as
        `ranges.measure` takes them; none where values have no range."""
        return ()

    def settled(self, found, what, setting, keeps):
        """The column for what was found in a source; see `ranges.settle`."""
        return self

    # -- from arrays ---------------------------------------------------------

    def check(self, array, key, path):
        """InputError unless an .npz's array `key` can be such a column."""
        raise NotImplementedError

    def names(self, arrays, given, key, path):
        """The names of what the column's numbers mean.

        Args:
            arrays: that of the split asked for, and the other split's.
            given: the strings in the array of names, None without.
            key, path: for an InputError.
        """
        return ()

    def fitted(self, array, shape):
        """A checked array as the column: items of `shape` and of the type's
        dtype."""
        return np.ascontiguousarray(array, self.type.dtype)

    def channels(self, array):
        """Of the pictures of a checked array; None where there are none."""
        return None

    def pictures_in(self, array):
        """As `looked_into`, of a checked array."""
        return ()

    # -- from TensorFlow Datasets --------------------------------------------

    def of_feature(self, value):
        """One example's feature as a number or numbers."""
        return value

    def feature_names(self, feature):
        """As `names`, of a feature's description."""
        return ()


class Kind(OfValues):
    """One way to read a source.

    The name is that of the file. To add a kind, write a file into `kinds/`
    with a subclass, and an instance of it named KIND.

    Attributes:
        columns: {name: Column}.
        arguments: {name: one of `keras_gen.data.arguments`}: what `load`
            takes for it beside source, kind, split and seed.
        unpaired: whether row i of one column has nothing to do with row i of
            another.
        single: whether it is one item, the same for training and test.
        keys: names of an .npz's arrays, one for each column: the first set
            that is there counts. Empty where there is no such .npz.
        names_key: the .npz's array of names.
        in_csv: whether it is one column of numbers, as a .csv has them.
        features: for each column the feature of TensorFlow Datasets; None
            where they have no such data.
        sides: endings of the splits of TensorFlow Datasets, by column.
        instead: what to give where a source cannot have this kind.
        class_folders: whether the folders of its files are classes.
        asks: how much it asks of a source. `keras-gen data` tries the kinds
            that ask most first; those that say 0 come last.
    """

    columns: dict[str, Column] = {}
    arguments: dict[str, Any] = OF_PICTURES
    unpaired = False
    single = False
    keys: tuple[tuple[str, ...], ...] = ()
    names_key = "classes"
    in_csv = False
    features: dict[str, str] | None = None
    sides: dict[str, str] = {}
    instead = "another kind"
    class_folders = False
    asks = 0

    @property
    def name(self):
        """The name of its file."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def types(self):
        """{column: keras_gen.values.Value}"""
        return {name: column.type for name, column in self.columns.items()}

    @property
    def spatial(self):
        """Whether its items can be flipped."""
        return any(type_.spatial for type_ in self.types.values())

    def check(self, given, beside=()):
        """The arguments of `load` with those left out.

        Args:
            given: {name: value}.
            beside: more names, for an InputError's list.

        Raises:
            InputError: one that the kind does not take, or a value that it
                cannot have.
        """
        for name in given:
            if name not in self.arguments:
                takes = [*self.arguments, *beside]
                near = alike(name, takes, 1)
                rest = [each for each in takes if each not in near]
                raise InputError(
                    f"kind {self.name!r} does not take {name}; it takes "
                    f"{', '.join(near + rest) or 'nothing but a source'}"
                )
        checked = {}
        for name, argument in self.arguments.items():
            checked[name] = argument.default
            value = given.get(name, argument.default)
            if name in given or value is not None:
                checked[name] = argument.checked(name, value, checked)
        return checked

    def given(self, arguments):
        """The columns for the arguments of `load`, checked."""
        return {
            name: column.given({
                key: value[place] if isinstance(value, PerColumn) else value
                for key, value in arguments.items()
            }) for place, (name, column) in enumerate(self.columns.items())
        }

    def load(self, reader, source, split, arguments, seed):
        """The Dataset that a module of `sources/` reads as this kind."""
        return reader.load(source, self, split, arguments, seed)

    def properties(self, reader, source, arguments):
        """See keras_gen.data.properties."""
        return reader.properties(source, self, arguments)

    def values_in(self, reader, source, arguments):
        """{name: ranges.Found} of the columns whose values have a range."""
        return reader.values_in(source, self, arguments)

    def short_sides(self, reader, source, arguments):
        """See keras_gen.data.short_sides; in any order."""
        return reader.short_sides(source, self, arguments)

    # -- from files ----------------------------------------------------------

    def entries(self, names):
        """The `layouts.Entry` of a set of files."""
        from keras_gen.data.sources.arrangement import Entry

        return [Entry(name, name) for name in names]

    def layout(self, entries, split, source, arguments):
        """Which file serves which column.

        Args:
            entries: of all files, below the one folder they all lie in, as
                `arrangement.arranged` orders them.
            split, arguments: of `load`.
            source: what to call the whole in an InputError.

        Returns:
            (list of layouts.Group, names of the classes)
        """
        raise InputError(
            f"kind {self.name!r} cannot be had from picture files ({source}); "
            f"give {self.instead}"
        )

    # -- from arrays and what is built in ------------------------------------

    def wanted(self, arguments):
        """`keys` in the order of the columns, for these arguments."""
        return self.keys

    def arranged(self, columns, arguments):
        """The columns of a built-in source, for these arguments."""
        return columns
