"""What all types of values share."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from keras_gen import arrays
from keras_gen.errors import InputError
from keras_gen.export import signature


class Value:
    """A type of value.

    Instances have no state: two of one class are equal. "Items" are arrays
    with the batch first, as `restore` gives them.

    Attributes:
        name: by which `keras_gen.values.named` finds it.
        column: the usual name of its column in data.
        plural: what several are called in messages.
        dtype: name of the NumPy dtype that data sets serve.
        axes: of an item, without the batch: a word for one of any length, or
            the length that it must have.
        missing: the number that stands for "not known"; None where every
            item must be there.
        height_axis: of an item, counted from its end, the width being the
            next one; None where flips and crops make no sense.
        moving: whether `frames` shows more than `sheet`.
        shown: items of a preview.
        blank: the number of which an item shows nothing.
        in_a_picture: whether `picture_in_graph` shows a whole item.
        ending: of the file that keeps an item; None where there is none.
        saves_together: whether one file keeps all items.
    """

    __slots__ = ()

    # Empty in a class that is only to build on.
    name: str = ""
    column: str
    plural: str
    dtype: str
    axes: tuple[str | int, ...] = ()
    missing: int | None = None
    height_axis: int | None = None
    moving = False
    shown = 64
    blank: float = 255
    in_a_picture = False
    ending: str | None = None
    saves_together = False

    def __eq__(self, other):
        return type(self) is type(other)

    def __hash__(self):
        return hash(self.name)

    def __repr__(self):
        return f"<value {self.name}>"

    @property
    def rank(self) -> int:
        """How many axes an item has, without the batch."""
        return len(self.axes)

    @property
    def spatial(self) -> bool:
        """Whether flips and crops of height and width apply."""
        return self.height_axis is not None

    def sides(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """(height, width) in the shape of items.

        Raises:
            InputError: the type is not spatial.
        """
        rows = self._rows_axis()
        return shape[rows], shape[rows + 1]

    # -- data ----------------------------------------------------------------

    def check(self, shape: tuple, what: str) -> None:
        """Checks the shape of an item.

        Args:
            shape: without the batch; None where it is free.
            what: the item's name in the message, such as "the data's image".

        Raises:
            InputError: it is no shape of this type.
        """
        shape = tuple(shape)
        if len(shape) == self.rank and all(
            length is None or length == axis
            or isinstance(axis, str) and length >= 1
            for length, axis in zip(shape, self.axes)
        ):
            return
        raise InputError(
            f"{what} must be {self.plural} of shape ({_listed(self.axes)}), "
            f"not ({_listed(shape)})"
        )

    def accept(
        self, x: Any, what: str, shape: tuple | None = None,
        count: int | None = None, known: arrays.Known | None = None,
    ) -> np.ndarray:
        """Items that a user gives, as data sets serve them or networks take
        them; see `keras_gen.arrays` for what is read how.

        Args:
            x: whatever holds numbers, with the batch first.
            what: its name in messages.
            shape: of an item, None where any length will do; by default any
                of this type.
            count: of whole numbers, how many there are; None: not known.
            known: what the same model was given before.

        Returns:
            NumPy array: of `dtype`, or float32 in [-1, 1].

        Raises:
            InputError: no such items, in one line.
        """
        free = tuple(n if isinstance(n, int) else None for n in self.axes)
        array = arrays.numpy(x, what)
        shape = free if shape is None else shape
        array = arrays.shaped(array, shape, what, self.expected)
        return self._accepted(array, what, count, known)

    def _accepted(self, array, what, count, known):
        """`accept` of an array whose shape is right."""
        raise NotImplementedError

    @property
    def expected(self) -> str:
        """What `accept` takes, in words for a message."""
        return self.plural

    def prepare(self, x: Any) -> Any:
        """Anything convertible -> a tensor of the backend to train on."""
        raise NotImplementedError

    def cut(
        self, items: np.ndarray, top: int, left: int, height: int, width: int
    ) -> np.ndarray:
        """A window of an item, or the same one of a batch of them.

        Raises:
            InputError: the type is not spatial.
        """
        index = self._spatial_index(
            slice(top, top + height), slice(left, left + width)
        )
        return items[index]

    def mirrored(self, items: np.ndarray) -> np.ndarray:
        """An item, or a batch of them, mirrored left to right.

        Raises:
            InputError: the type is not spatial.
        """
        return items[self._spatial_index(slice(None), slice(None, None, -1))]

    def _spatial_index(self, rows, columns):
        after = -self._rows_axis() - 2
        return (..., rows, columns) + (slice(None),) * after

    def _rows_axis(self) -> int:
        if self.height_axis is None:
            raise InputError(
                f"{self.plural} have no height and width: they can be "
                "neither cut nor flipped"
            )
        return self.height_axis

    # -- what a model makes --------------------------------------------------

    def restore(self, array: ArrayLike) -> np.ndarray:
        """A model's numbers, NumPy, -> the items that `generate` returns."""
        raise NotImplementedError

    def restore_in_graph(self, tensor: Any) -> Any:
        """As `restore`, of a tensor in a TensorFlow graph."""
        raise NotImplementedError

    def input(self, shape: tuple, multiple: int = 1) -> signature.Input:
        """What a served function takes of this type.

        Args:
            shape: with the batch first, None where any number will do.
            multiple: of which height and width must be multiples.

        Returns:
            keras_gen.export.signature.Input.
        """
        raise NotImplementedError

    def picture_in_graph(self, items: Any) -> Any:
        """Items, as `restore_in_graph` gives them, as one picture each:
        uint8 (n, height, width, channels), in a TensorFlow graph.

        Raises:
            InputError: no picture shows a whole item.
        """
        raise InputError(f"{self.plural} are not whole in a picture")

    def sheet(
        self, items: np.ndarray, columns: int | None = None
    ) -> tuple[np.ndarray, int]:
        """Still pictures of items.

        Args:
            items: as `restore` gives them.
            columns: items in a row; chosen by default.

        Returns:
            (pictures, columns): uint8 (m, height, width, channels) and how
            many of them stand in a row, as `plot.grid` takes them.

        Raises:
            InputError: the type cannot be drawn.
        """
        raise InputError(f"{self.plural} cannot be drawn as pictures")

    def frames(
        self, items: np.ndarray, columns: int | None = None
    ) -> list[Image.Image]:
        """As `sheet`, for types that move: a list of PIL images, each with
        all items, to be shown one after another."""
        raise InputError(f"{self.plural} do not move")

    def ending_of(self, item: np.ndarray) -> str | None:
        """The ending of the file that keeps this item."""
        return self.ending

    def save(self, item: np.ndarray, path: str | Path) -> None:
        """Writes an item, or all where the type `saves_together`, to a file
        of this `ending`, aside and renamed.

        Raises:
            InputError: it cannot be written.
        """
        raise InputError(f"{self.plural} are not kept in files")

    def watched(self, items: np.ndarray) -> np.ndarray:
        """Items as `metrics.diversity.pairwise_distance` takes them: uint8
        (n, height, width, channels) or float (n, d).

        Raises:
            InputError: distances between them say nothing.
        """
        raise InputError(f"{self.plural} have no distance to watch")


def _listed(axes):
    return ", ".join("any" if axis is None else str(axis) for axis in axes)
