"""Dropout whose mask follows the training step's noise."""

from typing import Any

import keras
from keras import ops

from keras_gen.backend import noise
from keras_gen.errors import InputError


@keras.saving.register_keras_serializable(package="keras_gen")
class Dropout(keras.layers.Layer):
    """Inverted dropout: in training, zeroes elements and scales up the rest.

    `keras.layers.Dropout` keeps a seed in a variable, which gives all
    replicas the same mask and is lost by a stop and resume. This mask comes
    from `noise.current()`, a pure function of seed, step and row.

    Input: any shape and range. Output: the same shape; the expectation over
    masks is the input. Outside of training the output is the input.

    Args:
        rate: share of elements that are zeroed, in [0, 1).

    Raises:
        InputError: if `rate` is not in [0, 1).

    Paper: Srivastava et al., "Dropout", JMLR 15 (2014).
    """

    def __init__(self, rate: float, **kwargs):
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise InputError(
                f"a dropout rate must be in [0, 1), not {rate}"
            )
        self.rate = float(rate)
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training or self.rate == 0:
            return inputs
        shape = ops.shape(inputs)
        kept = noise.current().at_least(shape[0], shape[1:], self.rate)
        return inputs * ops.cast(kept, inputs.dtype) * (1 / (1 - self.rate))

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict:
        return {**super().get_config(), "rate": self.rate}
