"""What pictures and the like share: levels between black and white."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gen import arrays
from keras_gen.export import signature
from keras_gen.values.base import Value


class Levels(Value):
    """Numbers 0 ... 255 in data, [-1, 1] in networks.

    Attributes:
        tops: {dtype that data sets serve: its highest level}.
    """

    __slots__ = ()

    dtype = "uint8"
    tops = {"uint8": 255}

    @property
    def top(self) -> int:
        """The highest level of what a model makes."""
        return self.tops[self.dtype]

    def _accepted(self, array, what, count, known):
        return arrays.levels(array, what, known)

    @property
    def expected(self) -> str:
        return (
            f"uint8 {self.plural}, other numbers of 0 ... 255, or floats in "
            "[-1, 1],"
        )

    def prepare(self, x: Any) -> Any:
        """Whole numbers 0 ... 255 -> float32 in [-1, 1]; floats, which are
        taken to be there already, as float32."""
        import keras
        from keras import ops

        x = ops.convert_to_tensor(x)
        dtype = keras.backend.standardize_dtype(x.dtype)
        if "int" in dtype:
            return ops.cast(x, "float32") / (self._top_of(dtype) / 2) - 1.0
        return ops.cast(x, "float32")

    def floats(self, array: np.ndarray) -> np.ndarray:
        """What `accept` gives as float32 in [-1, 1]."""
        if array.dtype.kind == "u":
            half = self._top_of(array.dtype.name) / 2
            array = array.astype("float32") / half - 1
        return array

    def _top_of(self, dtype):
        """The highest level of a dtype of whole numbers."""
        return self.tops.get(dtype, self.top)

    def restore(self, array: ArrayLike) -> np.ndarray:
        """Floats in [-1, 1] -> levels 0 ... `top`."""
        array = np.asarray(array, "float32")
        levels = np.round((array + 1) * (self.top / 2))
        return np.clip(levels, 0, self.top).astype(self.dtype)

    def restore_in_graph(self, tensor: Any) -> Any:
        """Floats in [-1, 1] -> levels 0 ... `top`, as a TensorFlow graph."""
        import tensorflow as tf

        levels = tf.round((tensor + 1.0) * (self.top / 2))
        return tf.cast(tf.clip_by_value(levels, 0, self.top), self.dtype)

    def input(self, shape: tuple, multiple: int = 1) -> signature.Input:
        return signature.picture(shape, multiple)

    def watched(self, items: np.ndarray) -> np.ndarray:
        """uint8 (n, ..., width, channels) -> (n, height, width, channels):
        what stands before the width becomes the height."""
        items = np.asarray(items)
        return items.reshape(len(items), -1, *items.shape[-2:])
