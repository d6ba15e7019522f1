"""A model's networks as a page runs them: functional models of named inputs
and outputs, in float32, without anything that is random inside."""

import keras
from keras import layers

from keras_gen.abilities import TakesLabels
from keras_gen.errors import InputError
from keras_gen.explore import classes
from keras_gen.export import onnx_litert
from keras_gen.objectives.base.objective import Objective


def of(model: Objective) -> dict[str, keras.Model]:
    """{name: network} of an objective in float32, as it is exported, but a
    generator with labels takes "weights" (n, classes) of the classes instead
    of one's number, where it embeds these: 1 for one class, or some of each
    for what is between."""
    found = onnx_litert.networks(model)
    if model.can(TakesLabels):
        mixing = _mixing(model)
        found |= {"generator": mixing} if mixing else {}
    return found


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
