"""Normalisation whose gains and offsets follow from a condition.

One layer under several names: of labels and the whole batch it is conditional
batch normalisation (de Vries et al., 1707.00683; in GANs Miyato and Koyama,
1802.05637), of labels and single items conditional instance normalisation
(Dumoulin et al., 1610.07629), of vectors and the batch that of BigGAN (Brock
et al., 1809.11096), of vectors and items AdaIN (Huang and Belongie,
1703.06868; Karras et al., 1812.04948).
"""

from typing import Any

import keras
from keras import ops

from keras_gen.errors import InputError
from keras_gen.layers.batch_normalization import BatchNormalization
from keras_gen.layers.normalization import GroupNormalization

NAMES = ("batch", "instance")


@keras.saving.register_keras_serializable(package="keras_gen")
class ConditionalNormalization(keras.layers.Layer):
    """(1 + gamma(c)) x + beta(c), where x has mean 0 and standard deviation
    1 in every channel, and c is the condition of each item.

    Gamma and beta are rows of a table for labels, a linear map of vectors;
    both are 0 at first, so that gains start at 1.

    Called with (inputs, condition). Inputs: (n, ..., channels), any range.
    Condition: labels, int (n,), or vectors, float (n, d). Output: the inputs'
    shape.

    Args:
        normalization: "batch": over all items whatever their conditions, in
            inference by moving statistics (`BatchNormalization`);
            "instance": each item by itself.
        classes: number of labels 0 ... classes - 1; 0 where conditions are
            vectors.

    Raises:
        InputError: for another normalization, or a condition of another
            shape.
    """

    def __init__(
        self, normalization: str = "batch", classes: int = 0, **kwargs
    ):
        super().__init__(**kwargs)
        if normalization not in NAMES:
            raise InputError(
                f"unknown normalization {normalization!r}: use one of "
                f"{', '.join(NAMES)}"
            )
        self.normalization = normalization
        self.classes = classes
        plain = {"center": False, "scale": False, **self._own()}
        if normalization == "batch":
            self.normalize = BatchNormalization(**plain)
        else:
            self.normalize = GroupNormalization(-1, epsilon=1e-5, **plain)

    @property
    def mixes_rows(self) -> bool:
        """Whether what an item becomes depends on the others; see
        `keras_gen.objectives.base.tensors.mixes_rows`."""
        return self.normalization == "batch"

    def build(
        self, inputs_shape: tuple[int | None, ...],
        condition_shape: tuple[int | None, ...],
    ) -> None:
        numbers = 2 * inputs_shape[-1]
        if len(condition_shape) != (1 if self.classes else 2):
            wanted = "labels (n,)" if self.classes else "vectors (n, d)"
            raise InputError(
                f"{self.name} takes {wanted} as its condition, got the shape "
                f"{tuple(condition_shape)}"
            )
        if self.classes:
            self.affine = keras.layers.Embedding(
                self.classes, numbers, "zeros", **self._own()
            )
        else:
            self.affine = keras.layers.Dense(
                numbers, kernel_initializer="zeros", **self._own()
            )
        self.normalize.build(inputs_shape)
        self.affine.build(condition_shape)

    def _own(self):
        """What the layers inside have of this one."""
        return {"dtype": self.dtype_policy, "trainable": self.trainable}

    def call(
        self, inputs: Any, condition: Any, training: bool = False
    ) -> Any:
        x = self.normalize(inputs, training=training)
        gamma, beta = ops.split(self.affine(condition), 2, axis=-1)
        # The same at all places of an item.
        shape = (-1, *(1 for _ in inputs.shape[2:]), inputs.shape[-1])
        return x * (1 + ops.reshape(gamma, shape)) + ops.reshape(beta, shape)

    def compute_output_shape(
        self, inputs_shape: tuple[int | None, ...],
        condition_shape: tuple[int | None, ...],
    ) -> tuple[int | None, ...]:
        return inputs_shape

    def get_config(self) -> dict:
        return {
            **super().get_config(), "normalization": self.normalization,
            "classes": self.classes,
        }
