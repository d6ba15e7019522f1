"""What is built in is drawn on first use, and kept."""

import numpy as np

from keras_gen.data import pictures

# Items drawn at once: few enough for the processor's cache.
_CHUNK = 32


class Drawn:
    """A column of items drawn on first use and kept while that takes less
    than pictures.MEMORY_LIMIT bytes.

    Args:
        draw: gives an array (n, *shape) for an int array (n,).
        count: number of items.
        shape: of an item.
        dtype: of the items.
    """

    def __init__(self, draw, count, shape, dtype=np.uint8):
        self.draw = draw
        self.count = count
        self.shape = shape
        self.dtype = np.dtype(dtype)
        self.known = np.zeros(count, bool)
        self.kept = None
        size = count * np.prod(shape, dtype=np.int64) * self.dtype.itemsize
        if size <= pictures.MEMORY_LIMIT:
            # Takes memory only as pages are written.
            self.kept = np.empty((count, *shape), dtype)

    def __len__(self):
        return self.count

    def __getitem__(self, indices):
        """(n, *shape) for an int array (n,)."""
        if self.kept is None:
            return self.drawn(indices)
        # Two threads may draw the same item: the same bytes, so no lock.
        missing = np.unique(indices[~self.known[indices]])
        if len(missing):
            self.kept[missing] = self.drawn(missing)
            self.known[missing] = True
        return self.kept[indices]

    def drawn(self, indices):
        """Draws chunk by chunk."""
        result = np.empty((len(indices), *self.shape), self.dtype)
        for start in range(0, len(indices), _CHUNK):
            part = slice(start, start + _CHUNK)
            result[part] = self.draw(indices[part])
        return result
