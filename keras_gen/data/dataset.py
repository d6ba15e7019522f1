"""What every data source becomes."""

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Pictures by column.

    Attributes:
        columns: `image`, or `image` and `label`, or `input` and `target`, or
            `a` and `b`. A column has a length and, indexed by an int array of
            length n, gives uint8 (n, size, size, channels) in [0, 255], or
            for labels int32 (n,), for attributes int32 (n, attributes).
        unpaired: whether row i of one column has nothing to do with row i of
            the other; lengths may then differ.
        classes: names of the labels 0, 1, ... or of the attributes; empty
            where there are none.
        skipped: one line for each file left out, with the reason.
        crop: by how many pixels the columns' pictures are larger than the
            data set's, for batches to cut from at random.
        originals: sizes of the pictures' files, in words, where known.
        notes: lines on where the pictures are kept.
    """

    columns: dict
    unpaired: bool = False
    classes: tuple = ()
    skipped: tuple = ()
    crop: int = 0
    originals: str = ""
    notes: tuple = ()

    def __len__(self):
        """Items in an epoch: the length of the longest column."""
        return max(len(column) for column in self.columns.values())

    def take(self, indices):
        """The items at `indices`, an int sequence of length n: a dict of
        uint8 (n, size, size, channels), cut from the middle where there is a
        `crop`, and int32 (n,). Indices wrap around in the shorter of two
        unpaired columns; IndexError outside len()."""
        indices = np.asarray(indices, int).reshape(-1)
        if indices.size and not 0 <= indices.min() <= indices.max() < len(
            self
        ):
            raise IndexError(f"indices outside 0 ... {len(self) - 1}")
        return {
            name: self._middle(column[indices % len(column)])
            for name, column in self.columns.items()
        }

    def _middle(self, values):
        if values.ndim != 4 or not self.crop:
            return values
        first, last = self.crop // 2, -(self.crop - self.crop // 2)
        return values[:, first:last, first:last]

    def batches(self, batch_size, steps, start=0, seed=0, flip=False):
        """See Batches."""
        # Keras, and so TensorFlow, is imported only where it is needed.
        from keras_gen.data.batches import Batches

        return Batches(self, batch_size, steps, start, seed, flip)

    def summary(self):
        """One line: how many, of which size, classes, how many skipped."""
        counts = {name: len(column) for name, column in self.columns.items()}
        if self.unpaired:
            parts = [" + ".join(
                f"{count:,} {name}" for name, count in counts.items()
            ) + " pictures, unpaired"]
        else:
            what = "pairs" if "target" in counts else "pictures"
            parts = [f"{len(self):,} {what}"]
        first = next(iter(self.take([0]).values()))
        size = "x".join(str(side) for side in first.shape[1:])
        parts.append(size + (self.originals and f" from {self.originals}"))
        if self.classes:
            attributes = self.columns["label"].ndim == 2
            what = "attributes" if attributes else "classes"
            parts.append(f"{len(self.classes)} {what}")
        if self.skipped:
            files = "file" if len(self.skipped) == 1 else "files"
            parts.append(f"{len(self.skipped):,} {files} skipped")
        return ", ".join(parts)
