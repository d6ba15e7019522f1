"""Networks whose random numbers are inputs: runtimes other than TensorFlow
have none that follow from a seed.

`keras_gen.backend.noise` says which numbers a seed gives, docs/formats.md how
to compute them elsewhere.
"""

import keras
from keras import layers

from keras_gen.errors import InputError
from keras_gen.layers import BatchNormalization, Dropout, NoiseMap
from keras_gen.layers.walk import every_layer

_BY_BATCH = (BatchNormalization, layers.BatchNormalization)
_PREFIX = "noise_"


def is_noise(name: str) -> bool:
    """Whether an input of that name takes uniform numbers in (0, 1)."""
    return name.startswith(_PREFIX)


def with_noise(
    network: keras.Model, column: str, side: int
) -> keras.Model:
    """A network that draws dropout, or a latent, as it does when it
    translates, with the uniform numbers as inputs.

    Args:
        network: {"input"} -> pictures, functional, whose `Dropout` layers are
            ours.
        column: what its output is called.
        side: of the square pictures that it takes.

    Returns:
        {"input", "noise_0", ...}, of fixed sizes, -> {column}, on the same
        variables: what `network(input, training=True)` makes where its
        layers draw these numbers in turn.

    Raises:
        InputError: other layers do something else in training, too.
    """
    for layer in every_layer(network):
        if isinstance(layer, _BY_BATCH):
            raise InputError(
                f"{network.name} draws noise, with which its batch "
                "normalization depends on the other pictures of the batch: "
                "such a model cannot be had as one function of a picture"
            )
    drawing = _drawing(network)
    noises = [
        keras.Input(shape, name=f"{_PREFIX}{i}")
        for i, shape in enumerate(noise_shapes(network, side))
    ]

    def call(layer, x, *arguments, **keywords):
        if layer not in drawing:
            return layer(x, *arguments, **keywords)
        noise = noises[drawing.index(layer)]
        if isinstance(layer, NoiseMap):
            return layer.beside(x, noise)
        keep = keras.ops.cast(noise >= layer.rate, "float32")
        return x * keep * (1 / (1 - layer.rate))

    given = keras.Input((side, side, network.input_shape[-1]), name="input")
    made = network._run_through_graph([given], call_fn=call)
    (made,) = keras.tree.flatten(made)
    return keras.Model(
        {"input": given, **{x.name: x for x in noises}}, {column: made}
    )


def noise_shapes(network: keras.Model, side: int) -> list[tuple[int, ...]]:
    """Shapes (height, width, features) of the numbers that the layers of a
    network draw in turn, for a square picture of this side."""
    drawing = _drawing(network)
    if not drawing:
        return []
    probe = keras.Model(network.input, [layer.output for layer in drawing])
    shapes = probe.compute_output_shape(
        (1, side, side, network.input_shape[-1])
    )
    return [
        getattr(layer, "drawn_shape", tuple(shape[1:]))
        for layer, shape in zip(drawing, shapes)
    ]


def _drawing(network):
    """The layers that draw numbers, in the order in which they do: that of
    the graph."""
    return [
        layer for layer in network.operations
        if isinstance(layer, NoiseMap)
        or isinstance(layer, Dropout) and layer.rate > 0
    ]
