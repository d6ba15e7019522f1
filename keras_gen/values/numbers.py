"""What labels and the like share: whole numbers."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gen import arrays
from keras_gen.export import signature
from keras_gen.values.base import Value


class Numbers(Value):
    """Whole numbers: labels, words, classes of pixels."""

    __slots__ = ()

    dtype = "int32"
    # The smallest that is right when a model is asked.
    low = 0

    def _accepted(self, array, what, count, known):
        return arrays.whole(array, what, count)

    @property
    def expected(self) -> str:
        return f"{self.plural}, whole numbers"

    def prepare(self, x: Any) -> Any:
        """Whole numbers as int32."""
        from keras import ops

        return ops.cast(ops.convert_to_tensor(x), "int32")

    def restore(self, array: ArrayLike) -> np.ndarray:
        """Whole numbers as int32."""
        return np.asarray(array).astype("int32")

    def restore_in_graph(self, tensor: Any) -> Any:
        """Whole numbers as int32, as a TensorFlow graph."""
        import tensorflow as tf

        return tf.cast(tensor, tf.int32)

    def input(self, shape: tuple, multiple: int = 1) -> signature.Input:
        return signature.Input(
            shape, "int32", self.low, multiple=multiple
        )
