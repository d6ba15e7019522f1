"""A model's networks as a page runs them: functional models of named inputs
and outputs, in float32, without anything that is random inside."""

import keras
from keras import layers

from keras_gen.abilities import TakesLabels, Translates
from keras_gen.errors import InputError
from keras_gen.explore import classes
from keras_gen.layers import BatchNormalization, Dropout
from keras_gen.layers.walk import every_layer
from keras_gen.objectives.base.objective import Objective

_BY_BATCH = (BatchNormalization, layers.BatchNormalization)


def of(model: Objective) -> dict[str, keras.Model]:
    """{name: network} of an objective in float32, as its `functions` has
    them, but

    - a generator with labels takes "weights" (n, classes) of the classes
      instead of one's number, where it embeds these: 1 for one class, or some
      of each for what is between;
    - a network that draws dropout while it translates takes the uniform
      numbers of each, "noise_0", "noise_1", ..., in the order in which they
      are drawn.

    Raises:
        InputError: it draws dropout and normalizes by the batch.
    """
    if model.can(Translates) and model.dropout_at_test:
        return {
            name: with_noise(
                getattr(model, name), model.made.column, model.example_side
            ) for name in model.translators.values()
        }
    found = {
        name: _named(getattr(model, name), function)
        for name, function in model.functions().items()
    }
    if model.can(TakesLabels):
        mixing = _mixing(model)
        found |= {"generator": mixing} if mixing else {}
    return found


def _named(network, function):
    inputs = keras.tree.map_structure(
        lambda x: keras.Input(x.shape[1:], dtype=x.dtype, name=x.name),
        network.input,
    )
    return keras.Model(inputs, function(inputs))


def _mixing(model):
    """The generator from weights of classes on; None where it cannot be had."""
    try:
        rest, embeddings = classes.apart(model.generator)
    except InputError:
        return None
    latent = keras.Input((model.latent_dim,), name="latent")
    weights = keras.Input((model.classes,), name="weights")
    vectors = []
    for layer in embeddings:
        table = layers.Dense(
            layer.output_dim, use_bias=False, name=f"{layer.name}_mixed"
        )
        vectors.append(table(weights))
        table.set_weights([keras.ops.convert_to_numpy(layer.embeddings)])
    made = rest([latent, *vectors], training=False)
    return keras.Model(
        {"latent": latent, "weights": weights}, {model.made.column: made}
    )


def with_noise(
    network: keras.Model, column: str, side: int
) -> keras.Model:
    """A network that draws dropout, as it does when it translates, with the
    uniform numbers as inputs.

    Args:
        network: {"input"} -> pictures, functional, whose `Dropout` layers are
            ours.
        column: what its output is called.
        side: of the square pictures that it takes.

    Returns:
        {"input", "noise_0", ...}, of fixed sizes, -> {column}, on the same
        variables: what `network(input, training=True)` makes where its
        dropout layers draw these numbers in turn.

    Raises:
        InputError: other layers do something else in training, too.
    """
    for layer in every_layer(network):
        if isinstance(layer, _BY_BATCH):
            raise InputError(
                f"{network.name} draws dropout, with which its batch "
                "normalization depends on the other pictures of the batch: "
                "such a model cannot be had as one function of a picture"
            )
    drawing = _drawing(network)
    noises = [
        keras.Input(shape, name=f"noise_{i}")
        for i, shape in enumerate(noise_shapes(network, side))
    ]

    def call(layer, x, *arguments, **keywords):
        if layer not in drawing:
            return layer(x, *arguments, **keywords)
        noise = noises[drawing.index(layer)]
        keep = keras.ops.cast(noise >= layer.rate, "float32")
        return x * keep * (1 / (1 - layer.rate))

    given = keras.Input((side, side, network.input_shape[-1]), name="input")
    made = network._run_through_graph([given], call_fn=call)
    (made,) = keras.tree.flatten(made)
    return keras.Model(
        {"input": given, **{x.name: x for x in noises}}, {column: made}
    )


def noise_shapes(network: keras.Model, side: int) -> list[tuple[int, ...]]:
    """Shapes (height, width, features) of the numbers that the dropout layers
    of a network draw in turn, for a square picture of this side."""
    drawn = [layer.output for layer in _drawing(network)]
    if not drawn:
        return []
    probe = keras.Model(network.input, drawn)
    shapes = probe.compute_output_shape(
        (1, side, side, network.input_shape[-1])
    )
    return [tuple(shape[1:]) for shape in shapes]


def _drawing(network):
    """The layers that draw dropout, in the order in which they do: that of
    the graph."""
    return [
        layer for layer in network.operations
        if isinstance(layer, Dropout) and layer.rate > 0
    ]
