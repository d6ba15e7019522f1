"""Pictures of labels as one-hot channels."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import arrays
from keras_gen.arrays import colours as known
from keras_gen.errors import InputError


@keras.saving.register_keras_serializable(package="keras_gen")
class LabelColours(keras.layers.Layer):
    """A channel for each label: 1 where the picture has its colour, or a
    colour that is nearer to it than to any other label's, else 0.

    A convolution of colours as they are takes labels whose colours are alike
    for nearly the same; of channels it weighs each by itself, as pix2pixHD
    does (Wang et al. 2018, https://arxiv.org/abs/1711.11585).

    Input: (n, height, width, channels) in [-1, 1], levels 0 ... 255 that were
    scaled. Output: (n, height, width, labels), 0 or 1. No gradient goes
    through it.

    Args:
        colours: of label 0, 1, ...: [[red, green, blue], ...], or [[grey],
            ...], whole numbers 0 ... 255.

    Raises:
        InputError: other colours, or pictures of other channels.
    """

    def __init__(self, colours: Sequence[Sequence[int]], **kwargs):
        # Eight bits of a level are more than bfloat16 keeps.
        super().__init__(autocast=False, **kwargs)
        self.colours = known.colours(colours, "labels")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        channels = len(self.colours[0])
        if input_shape[-1] != channels:
            raise InputError(
                f"labels has colours of {channels} numbers, such as "
                f"{list(self.colours[0])}, for pictures of {input_shape[-1]} "
                "channels: give as many"
            )

    def call(self, inputs: Any) -> Any:
        table = np.array(self.colours, "float32")
        levels = ops.round((ops.cast(inputs, "float32") + 1.0) * 127.5)
        # |x - c|^2 is least where 2 x.c - |c|^2 is greatest. All are whole
        # numbers below 2^24: two that are as near are so on every machine.
        nearness = ops.dot(levels, 2.0 * table.T) - np.square(table).sum(1)
        # As such, for Keras looks for the sign of 0 in floats, which takes
        # longer than the rest and which LiteRT cannot do.
        nearest = ops.argmax(ops.cast(nearness, "int32"), axis=-1)
        return ops.one_hot(nearest, len(table), dtype=self.compute_dtype)

    def compute_output_shape(
        self, input_shape: tuple[int | None, ...]
    ) -> tuple[int | None, ...]:
        return (*input_shape[:-1], len(self.colours))

    def get_config(self) -> dict:
        config = super().get_config()
        # Written and read as lists.
        return {**config, "colours": [list(c) for c in self.colours]}


def colours_of(network: keras.Model) -> tuple[tuple[int, ...], ...] | None:
    """The colours of the labels that a network takes pictures of; None of
    others."""
    for layer in network.layers:
        if isinstance(layer, LabelColours):
            return layer.colours
    return None


def pictures_of(network: keras.Model, given: Any, what: str) -> Any:
    """What a network is given, where it may be labels themselves.

    Args:
        network: with a layer `LabelColours`, or any other.
        given: what a user gives: whole numbers (n, height, width), or
            pictures.
        what: its name in messages.

    Returns:
        uint8 (n, height, width, channels) of labels; anything else as it is.

    Raises:
        InputError: labels that there are not.
    """
    table = colours_of(network)
    if table is None:
        return given
    array = arrays.numpy(given, what)
    if array.ndim != 3:
        return array
    ids = arrays.whole(array, f"labels given as {what}", len(table))
    return known.painted(ids, table)
