"""What users give to a model, checked before anything is computed.

Arrays are checked whole, on the host. Of a stream of batches (tf.data,
PyDataset, DataLoader, generator) the first are looked at, until the scale of
floats is known, and each is checked when its turn comes; uint8 pictures of
the right shape pass as they are. See `keras_gen.arrays` for what is read how.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import arrays
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.objectives.base import streams
from keras_gen.objectives.base.wanted import (
    Wanted,
    accepted,
    named,
    put_back,
    without_extra,
)
from keras_gen.values.levels import Levels


def checked(
    model: keras.Model, x: Any, y: Any = None, shuffle: bool = False
) -> tuple:
    """`(x, y)` as Keras takes them, checked and converted: what the model
    trains on.

    Args:
        model: an `Objective`.
        x, y: as of `fit`.
        shuffle: whether Keras may change the order of a PyDataset.

    Raises:
        InputError: what cannot be read, in one line.
    """
    if streams.is_ready(x):
        return x, y
    wanted = model.trained_on()
    if streams.is_stream(x):
        if y is not None:
            raise InputError(
                f"y stands beside {type(x).__name__}, which brings its own: "
                "leave y out"
            )
        return streams.Stream(model, wanted, x, shuffle), None
    y = without_extra(model, wanted, x, y)
    found = accepted(model, named(model, wanted, x, y), wanted, model.given)
    return put_back(wanted, x, y, found)


def checked_inputs(model: keras.Model, x: Any) -> Any:
    """x as Keras takes it, checked and converted: what the model takes as a
    function. Of batches (x, y) only x counts.

    Raises:
        InputError: what cannot be read, in one line.
    """
    wanted = model.call_inputs()
    if not wanted or streams.is_ready(x):
        return x
    if streams.is_stream(x):
        return streams.Stream(model, wanted, x, inputs_only=True)
    found = accepted(model, named(model, wanted, x, None), wanted, model.given)
    return put_back(wanted, x, None, found)[0]


class Gated:
    """What an `Objective` takes, and the model as a function."""

    def trained_on(self) -> dict[str, Wanted]:
        """The columns of its data."""
        shapes, counts = self.item_shapes(), self.counts
        return {
            column: Wanted(value, shapes.get(column), counts.get(column))
            for column, value in self.types.items()
        }

    def call_inputs(self) -> dict[str, Wanted]:
        """What it takes as a function, by name: one alone or a dict. Empty
        where that is not known, and not checked."""
        return {}

    def accepted(self, x: Any, column: str, network: keras.Model) -> np.ndarray:
        """Pictures for a network, uint8 or float32 in [-1, 1]; see
        `keras_gen.arrays`."""
        wanted = Wanted(self.types[column], tuple(network.input_shape[1:]))
        return wanted.accept(x, column, self.given)

    def __call__(self, inputs: Any, *args, **kwargs) -> Any:
        """The model as a function; with training=False, as by default, with
        the averaged networks where there are any.

        Args:
            inputs: what `predict` takes, also as tensors, through which
                gradients pass.
            training: whether layers work as in training.
        """
        inputs = self._read(inputs)
        return self._function(inputs, *args, **kwargs)

    def predict_step(self, data: Any) -> Any:
        """Of a batch that was checked already."""
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        wanted = self.call_inputs()
        if wanted:
            found = named(self, wanted, x, None)
            x = _alone(x, _prepared(found, wanted))
        return self._function(x, training=False)

    def _function(self, inputs, *args, **kwargs):
        training = kwargs.get("training", args[0] if args else False)
        model = self if training else self.generating()
        return super(Gated, model).__call__(inputs, *args, **kwargs)

    def _read(self, inputs):
        """Inputs of a call as tensors in [-1, 1]. Where there are no numbers
        yet, in a graph, floats are taken to be there already."""
        wanted = self.call_inputs()
        if not wanted or any(
            isinstance(x, keras.KerasTensor) for x in keras.tree.flatten(inputs)
        ):
            return inputs
        found = named(self, wanted, inputs, None)
        if any(gradients.symbolic(x) for x in found.values()):
            return _alone(inputs, _prepared(found, wanted))
        ready = accepted(self, found, wanted, self.given)
        for column, x in found.items():
            ready[column] = _tensor(
                x, ready[column], column, wanted[column], self.given
            )
        return _alone(inputs, ready)


def _tensor(given, found, column, wanted, known):
    """What was accepted, as a tensor: made of the tensor that was given, if
    it was of floats, so that gradients pass."""
    if not ops.is_tensor(given) or found.dtype != "float32":
        return wanted.value.prepare(found)
    x = arrays.shaped(given, wanted.item, column, wanted.value.expected)
    x = ops.cast(x, "float32")
    if not isinstance(wanted.value, Levels):
        return x
    scale = known.scales[column]
    return arrays.signed(
        ops.clip(x, 0, 255) if scale == arrays.LEVELS else x, scale
    )


def _prepared(found, wanted):
    return {c: wanted[c].value.prepare(x) for c, x in found.items()}


def _alone(inputs, ready):
    """A dict where one was given, or several are needed."""
    if isinstance(inputs, dict) or len(ready) > 1:
        return ready
    return next(iter(ready.values()))
