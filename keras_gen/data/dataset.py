"""What every data source becomes."""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_gen import seeds, values
from keras_gen.data import content, derived
from keras_gen.data.account import Account
from keras_gen.errors import InputError


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Items by column.

    Attributes:
        columns: `image`, or `image` and `label`, or `input` and `target`, or
            `a` and `b` ...: see `keras_gen.data.kinds`. A column has a length
            and, indexed by an int array of length n, gives an array (n, ...)
            of what its type says: uint8 (n, height, width, channels) in
            [0, 255] for pictures, int32 (n,) for labels.
        unpaired: whether row i of one column has nothing to do with row i of
            the other; lengths may then differ.
        classes: names of the labels 0, 1, ... or of the attributes, or words;
            empty where there are none.
        skipped: one line for each file left out, with the reason.
        crop: by how many pixels the columns' items are higher and wider than
            the data set's, for batches to cut from at random.
        originals: sizes of the pictures' files, in words, where known.
        account: a keras_gen.data.account.Account of what became of all that
            the source holds; None where there is nothing to tell.
        notes: lines on where the pictures are kept.
        types: {column: keras_gen.values.Value}, also of what is made. Those
            left out are told from the arrays.
        derived: {column: (transform of keras_gen.data.derived, the column it
            is made of)}: columns that are made, after flips and crops.
        truth: what is known of the items by how they were made, of
            `keras_gen.data.truth`; None for most data.
        partners: of unpaired columns, a function of n that gives at most n
            first items and what each should become; None for most data.
    """

    columns: dict
    unpaired: bool = False
    classes: tuple = ()
    skipped: tuple = ()
    crop: int = 0
    originals: str = ""
    notes: tuple = ()
    account: Account | None = None
    types: dict = dataclasses.field(default_factory=dict)
    derived: dict = dataclasses.field(default_factory=dict)
    truth: object = None
    partners: Callable | None = None

    def __post_init__(self):
        known = {
            name: self.types.get(name) or told(column)
            for name, column in self.columns.items()
        }
        known |= {name: values.named("picture") for name in self.derived}
        object.__setattr__(self, "types", known)

    def __len__(self) -> int:
        """Items in an epoch: the length of the longest column."""
        return max(len(column) for column in self.columns.values())

    def take(self, indices: ArrayLike) -> dict[str, np.ndarray]:
        """The items at `indices`, an int sequence of length n: a dict of
        arrays (n, ...) as `types` say, cut from the middle where there is a
        `crop`. Indices wrap around in the shorter of two unpaired columns;
        IndexError outside len()."""
        rows = np.asarray(indices, int).reshape(-1)
        if rows.size and not 0 <= rows.min() <= rows.max() < len(self):
            raise IndexError(f"indices outside 0 ... {len(self) - 1}")
        return self.complete({
            name: self._middle(name, column[rows % len(column)])
            for name, column in self.columns.items()
        })

    def drawn(
        self, n: int, seed: int = 0, skip: int = 0
    ) -> dict[str, np.ndarray]:
        """Items that a seed draws, as `take` gives them.

        The order of the rows of arrays does not count: they are drawn by
        their content. Files lie in the order of their names. Unpaired
        columns are each drawn for themselves.

        Args:
            n: how many, of each column at most all.
            seed: any whole number.
            skip: how many that `drawn` with this seed gives before them are
                left out.
        """
        groups = [[name] for name in self.columns]
        items = {}
        for names in groups if self.unpaired else [list(self.columns)]:
            columns = [self.columns[name] for name in names]
            order = seeds.generator(seed).permutation(len(columns[0]))
            # In the order of the files: neighbours on the disk.
            rows = np.sort(order[skip:skip + n])
            if all(isinstance(column, np.ndarray) for column in columns):
                rows = content.order(columns)[rows]
            for name, column in zip(names, columns):
                items[name] = self._middle(name, column[rows])
        return self.complete(items)

    def _middle(self, name, items):
        type_ = self.types[name]
        if not type_.spatial or not self.crop:
            return items
        height, width = type_.sides(items.shape)
        first = self.crop // 2
        return type_.cut(
            items, first, first, height - self.crop, width - self.crop
        )

    def check_classes(self, names: Sequence[str]) -> None:
        """Raises an InputError where a model's class has the name of another
        one here: folders that were added, or renamed, since it was trained.

        Args:
            names: of the model's classes, or none.
        """
        known = {name: number for number, name in enumerate(self.classes)}
        for number, name in enumerate(names):
            here = known.get(name, number)
            if here != number:
                raise InputError(
                    f"the class {name!r} is number {number} of the model's "
                    f"and number {here} of the data's, which are "
                    f"{len(self.classes)}: give the folders of the classes "
                    "the names that they had in the training, and no others"
                )

    def complete(self, items):
        """Columns as they are, flipped and cut, with those made of them."""
        made = {
            name: derived.apply(transform, items[origin])
            for name, (transform, origin) in self.derived.items()
        }
        return made | items

    def batches(
        self, batch_size: int, steps: int, start: int = 0, seed: int = 0,
        flip: bool = False, seen: int = 0, since: int = 0,
    ):
        """See Batches."""
        # Keras, and so TensorFlow, is imported only where it is needed.
        from keras_gen.data.batches import Batches

        return Batches(
            self, batch_size, steps, start, seed, flip, seen, since
        )

    def summary(self) -> str:
        """One line: how many, of which size, classes, how many skipped."""
        counts = {name: len(column) for name, column in self.columns.items()}
        first, *_ = self.columns
        plural = self.types[first].plural
        if self.unpaired:
            parts = [" + ".join(
                f"{count:,} {name}" for name, count in counts.items()
            ) + f" {plural}, unpaired"]
        else:
            what = "pairs" if "target" in self.types else plural
            parts = [f"{len(self):,} {what}"]
        parts.append(self._sizes() + (
            self.originals and f" from {self.originals}"
        ))
        if self.classes:
            parts.append(self._classes())
        if self.skipped:
            files = "file" if len(self.skipped) == 1 else "files"
            parts.append(f"{len(self.skipped):,} {files} skipped")
        return ", ".join(parts)

    def _sizes(self):
        """The shapes of items, one where all are alike."""
        first, *others = self.take([0]).items()
        shown = [first[1].shape] + [
            items.shape for name, items in others
            if self.types[name].spatial and not self.unpaired
        ]
        between = " to " if "target" in self.types else " + "
        return between.join(dict.fromkeys(
            "x".join(map(str, shape[1:])) for shape in shown
        ))

    def _classes(self):
        """How many `classes` there are: attributes or words, else classes."""
        named = {
            "attributes": ("attribute", "attributes"),
            "tokens": ("word", "words"),
        }
        found = [named[type_.name] for type_ in self.types.values()
                 if type_.name in named] or [("class", "classes")]
        count = len(self.classes)
        return f"{count:,} {found[0][count != 1]}"


def told(column):
    """The Value that the items of a column can be: of as many axes and, if
    there is one, of the same sort of numbers."""
    one = np.asarray(column[np.zeros(min(1, len(column)), int)])
    alike = [
        value for value in values.ALL.values() if value.rank == one.ndim - 1
    ]
    if not alike:
        raise InputError(
            f"a column of items {one.shape[1:]} is of no type of "
            f"{', '.join(values.ALL)}; give one of these shapes"
        )
    exact = [value for value in alike if value.dtype == one.dtype.name]
    same = [
        value for value in alike
        if np.dtype(value.dtype).kind == one.dtype.kind
    ]
    return (exact or same or alike)[0]
