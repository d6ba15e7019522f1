"""Padding of pictures by their mirror image."""

from typing import Any

import keras
from keras import ops

from keras_gen.errors import InputError


@keras.saving.register_keras_serializable(package="keras_gen")
class ReflectionPadding2D(keras.layers.Layer):
    """Pads height and width by reflection, without repeating the edge.

    Zero padding shows as a frame in translated pictures (Johnson et al.,
    1603.08155, and CycleGAN, 1703.10593, reflect instead).

    Input: (n, height, width, channels), height and width above `padding`.
    Output: (n, height + 2 padding, width + 2 padding, channels), same range.

    Args:
        padding: pixels added on each of the four sides, at least 1.

    Raises:
        InputError: if `padding` is below 1.
    """

    def __init__(self, padding: int, **kwargs):
        super().__init__(**kwargs)
        if padding < 1:
            raise InputError(
                f"a reflection padding must be at least 1, not {padding}"
            )
        self.padding = int(padding)
        self.built = True

    def call(self, inputs: Any) -> Any:
        side = (self.padding, self.padding)
        return ops.pad(inputs, ((0, 0), side, side, (0, 0)), mode="reflect")

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        n, height, width, channels = input_shape
        both = 2 * self.padding
        return (
            n,
            None if height is None else height + both,
            None if width is None else width + both,
            channels,
        )

    def get_config(self) -> dict:
        return {**super().get_config(), "padding": self.padding}
