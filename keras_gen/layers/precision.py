"""Networks that compute in another number format than they were built for,
and whether this machine is faster so."""

import functools
import sys
import time

import keras
import numpy as np
from keras import ops

from keras_gen import seeds
from keras_gen.backend import gradients
from keras_gen.layers.convolutions import Conv2DTranspose
from keras_gen.layers.walk import every_layer, own_variables

# Keras' policies; variables are float32 in each.
_POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16"}
PRECISIONS = tuple(_POLICIES)
# A trial on a busy machine may miss by less than that.
_SLOW, _ROUNDS = 0.5, 5


def computes_in(network: keras.Layer, precision: str) -> bool:
    """Whether the layers with weights compute in a precision; those that
    are `exact` do so in float32 whatever is asked."""
    return all(
        layer.compute_dtype == precision or getattr(layer, "exact", False)
        for layer in every_layer(network) if own_variables(layer)
    )


@seeds.undisturbed()
def computing_in(network: keras.Model, precision: str) -> keras.Model:
    """A network of the same layers on the same variables that computes in a
    precision; itself if it does already.

    As of networks that are built in it, outputs are float32: layers that give
    one and have no weights compute in that.

    Args:
        network: functional.
        precision: of `PRECISIONS`.
    """
    if computes_in(network, precision):
        return network

    def layer_in_precision(layer):
        ends = layer.name in network.output_names
        exact = ends and not layer.weights
        policy = "float32" if exact else _POLICIES[precision]
        return type(layer).from_config(layer.get_config() | {"dtype": policy})

    copy = keras.models.clone_model(
        network, clone_function=layer_in_precision
    )
    for own, other in zip(every_layer(network), every_layer(copy)):
        _share(own, other)
    return copy


def _share(own, other):
    """A layer's variables become those of another, of the same class and
    built."""
    for name, value in vars(other).items():
        if isinstance(value, keras.Variable):
            vars(other)[name] = vars(own)[name]
    for kept in ("_trainable_variables", "_non_trainable_variables"):
        getattr(other, kept)[:] = getattr(own, kept)


def warn_if_slow() -> None:
    """Tells on stderr, in one line, where bfloat16 is slower than float32."""
    times = speed()
    if times < _SLOW:
        print(
            f"bfloat16 is {times:.2g} x as fast as float32 here: it is for "
            "processors with AVX512_BF16 or AMX, and for GPUs",
            file=sys.stderr,
        )


@functools.cache
@seeds.undisturbed(0)
def speed() -> float:
    """How many times as fast as in float32 a transposed convolution runs in
    bfloat16 here, without its gradient: measured once in a process, in some
    0.3 s. A processor without instructions for it, or a TensorFlow without
    oneDNN, is several times slower in it."""
    maps = ops.convert_to_tensor(
        seeds.generator(0).normal(size=(4, 16, 16, 64)).astype("float32")
    )
    calls, fastest = {}, dict.fromkeys(_POLICIES, np.inf)
    for precision, policy in _POLICIES.items():
        layer = Conv2DTranspose(64, 4, 2, "same", dtype=policy)
        layer.build(maps.shape)
        calls[precision] = gradients.compiled(
            lambda x, layer=layer: ops.cast(layer(x), "float32")
        )
        calls[precision](maps)
    # Of the processor, in turn: the machine may be busy with something else.
    for _ in range(_ROUNDS):
        for precision, call in calls.items():
            start = time.process_time()
            ops.convert_to_numpy(call(maps))
            seconds = time.process_time() - start
            fastest[precision] = min(fastest[precision], seconds)
    return fastest["float32"] / fastest["bfloat16"]
