"""A latent for pictures of any size, from the training step's noise."""

from typing import Any

import keras
from keras import ops

from keras_gen.accepted import at_least
from keras_gen.backend import noise


@keras.saving.register_keras_serializable(package="keras_gen")
class NoiseMap(keras.layers.Layer):
    """Channels of noise beside those of a map: in training an item's latent,
    uniform in [-1, 1], the same at all of its places; else 0, its mean.

    It is drawn as the masks of `Dropout` are, and likewise only in training,
    or where a translator keeps its noise when it translates.

    Input: (n, height, width, channels), any range. Output: (n, height, width,
    channels + numbers).

    Args:
        numbers: of the latent, at least 1.

    Raises:
        InputError: if there are none.
    """

    def __init__(self, numbers: int, **kwargs):
        super().__init__(**kwargs)
        at_least(1, numbers=numbers)
        self.numbers = numbers
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        shape = self.drawn_shape
        rows = ops.shape(inputs)[0]
        if not training:
            return self.beside(inputs, ops.full((rows, *shape), 0.5))
        return self.beside(inputs, noise.current().uniform(rows, shape))

    @property
    def drawn_shape(self) -> tuple[int, int, int]:
        """Of the uniform numbers in (0, 1) that each item draws."""
        return (1, 1, self.numbers)

    def beside(self, inputs: Any, uniform: Any) -> Any:
        """What the layer makes where these numbers, (n, 1, 1, numbers), are
        drawn."""
        latent = ops.cast(2.0 * uniform - 1.0, inputs.dtype)
        everywhere = latent + ops.zeros_like(inputs[..., :1])
        return ops.concatenate([inputs, everywhere], axis=-1)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (*input_shape[:-1], input_shape[-1] + self.numbers)

    def get_config(self) -> dict:
        return {**super().get_config(), "numbers": self.numbers}
