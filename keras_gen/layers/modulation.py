"""Normalisation whose gains and offsets follow from a condition.

One layer under several names: of labels and the whole batch it is conditional
batch normalisation (de Vries et al., 1707.00683; in GANs Miyato and Koyama,
1802.05637), of labels and single items conditional instance normalisation
(Dumoulin et al., 1610.07629), of vectors and the batch that of BigGAN (Brock
et al., 1809.11096), of vectors and items AdaIN (Huang and Belongie,
1703.06868; Karras et al., 1812.04948), of maps SPADE (Park et al.,
1903.07291), where gain and offset are other ones at each place.
"""

from typing import Any

import keras
from keras import ops

from keras_gen.accepted import at_least
from keras_gen.errors import InputError
from keras_gen.layers.batch_normalization import BatchNormalization
from keras_gen.layers.convolutions import Conv2D
from keras_gen.layers.normalization import GroupNormalization

NAMES = ("batch", "instance")


@keras.saving.register_keras_serializable(package="keras_gen")
class ConditionalNormalization(keras.layers.Layer):
    """(1 + gamma(c)) x + beta(c), where x has mean 0 and standard deviation
    1 in every channel, and c is the condition of each item.

    Gamma and beta are rows of a table for labels, a linear map of vectors,
    and of maps a 3 x 3 convolution, a rectifier and another one. They are 0
    at first, so that gains start at 1; of maps near 0, or the first
    convolution would not move in the first step. Beyond a map's border its
    edge goes on: of a map that is the same everywhere so are they, as of a
    label.

    Called with (inputs, condition). Inputs: (n, ..., channels), any range.
    Condition: labels, int (n,), vectors, float (n, d), or maps, float (n,
    height, width, d), as high and wide as the inputs. Output: the inputs'
    shape.

    Args:
        normalization: "batch": over all items whatever their conditions, in
            inference by moving statistics (`BatchNormalization`);
            "instance": each item by itself.
        classes: number of labels 0 ... classes - 1; 0 where conditions are
            vectors or maps.
        hidden: features between the two convolutions of maps; 0 where
            conditions are none.

    Raises:
        InputError: for another normalization, numbers that there are not,
            both of them, or a condition of another shape.
    """

    def __init__(
        self, normalization: str = "batch", classes: int = 0, hidden: int = 0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if normalization not in NAMES:
            raise InputError(
                f"unknown normalization {normalization!r}: use one of "
                f"{', '.join(NAMES)}"
            )
        at_least(0, classes=classes, hidden=hidden)
        if classes and hidden:
            raise InputError(
                "a condition is a label or a map: give classes or hidden, "
                "not both"
            )
        self.normalization = normalization
        self.classes = classes
        self.hidden = hidden
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
        rank, wanted = (
            (1, "labels (n,)") if self.classes
            else (4, "maps (n, height, width, d)") if self.hidden
            else (2, "vectors (n, d)")
        )
        if len(condition_shape) != rank:
            raise InputError(
                f"{self.name} takes {wanted} as its condition, got the shape "
                f"{tuple(condition_shape)}"
            )
        if self.classes:
            self.affine = keras.layers.Embedding(
                self.classes, numbers, "zeros", **self._own()
            )
        elif self.hidden:
            self.read = Conv2D(
                self.hidden, 3, activation="relu", **self._own()
            )
            self.read.build(condition_shape)
            condition_shape = (*condition_shape[:-1], self.hidden)
            self.affine = Conv2D(
                numbers, 3, **self._own(),
                kernel_initializer=keras.initializers.RandomNormal(0.0, 0.02),
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
        if self.hidden:
            read = self.read(_with_edge(condition))
            affine = self.affine(_with_edge(read))
            gamma, beta = ops.split(affine, 2, axis=-1)
            return x * (1 + gamma) + beta
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
            "classes": self.classes, "hidden": self.hidden,
        }


def _with_edge(maps):
    """Maps with their edge once more around them."""
    return ops.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="symmetric")
