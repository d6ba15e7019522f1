"""What is built in: drawn by our own code, the truth known."""

import dataclasses
import functools
from collections.abc import Callable

from keras_gen.data.arguments import CHANNELS
from keras_gen.data.dataset import Dataset
from keras_gen.errors import InputError

# Items of each split, where a source says nothing else.
COUNTS = {"train": 8192, "validation": 2048, "test": 2048}


def purpose(number, split):
    """The second word of a key of `keyed.words`, of one split alone.

    Args:
        number: that of the training, even and below 128.
        split: as of `load`.
    """
    return number + {"train": 0, "validation": 128, "test": 1}[split]


@dataclasses.dataclass(frozen=True)
class BuiltIn:
    """A source that is built in.

    Attributes:
        name: as of `load`.
        columns: (kind's name, split, arguments, seed) -> {column: array, or
            what is indexed like one}; at least those of the kind.
        kinds: {name of a kind: the names of its classes}.
        truths: {name of a kind: what is known of its items, of
            `keras_gen.data.truth`}.
        partners: (split, arguments, seed, n) -> the first n items of the
            first column of "unpaired", at most all, and what each of them
            should become in the other; None where that is not known.
    """

    name: str
    columns: Callable
    kinds: dict
    truths: dict = dataclasses.field(default_factory=dict)
    partners: Callable | None = None

    def load(self, source, kind, split, arguments, seed):
        """The Dataset; see keras_gen.data.load."""
        self.check(kind)
        refuse_deep(arguments)
        found = self.columns(kind.name, split, arguments, seed)
        found = kind.arranged(found, arguments)
        partners = None
        if self.partners and kind.unpaired:
            partners = functools.partial(
                self.partners, split, arguments, seed
            )
        return Dataset(
            {name: found[name] for name in kind.columns}, kind.unpaired,
            tuple(self.kinds[kind.name]), types=kind.types,
            truth=self.truths.get(kind.name), partners=partners,
        )

    def properties(self, source, kind, arguments):
        """See keras_gen.data.properties."""
        self.check(kind)
        return None, tuple(self.kinds[kind.name])

    def short_sides(self, source, kind, arguments):
        """See keras_gen.data.short_sides: they are drawn in any size."""
        return None

    def check(self, kind):
        """InputError for a kind that it does not have."""
        if kind.name not in self.kinds:
            raise InputError(
                f"the built-in {self.name!r} has no kind {kind.name!r}; use "
                f"one of {', '.join(map(repr, self.kinds))}, or give "
                f"{kind.instead}"
            )


def refuse_deep(arguments):
    """InputError for what only files and arrays have."""
    CHANNELS.checked("channels", arguments.get("channels", 3), arguments)
    for name, usual in ("range", None), ("bits", 8):
        if arguments.get(name, usual) != usual:
            raise InputError(
                f"{name} is {arguments[name]!r}; what is built in has 8 bits, "
                f"from 0 to 255: leave {name} out"
            )


def side(name, arguments):
    """Pixels or voxels of a side, with what is cropped; InputError unless all
    sides are equal."""
    size = arguments["size"]
    if len(set(size)) > 1:
        raise InputError(
            f"size is {list(size)}; the built-in {name} are as wide as high: "
            "give one number"
        )
    return size[0] + arguments.get("crop", 0)
