"""The layers of a network, those within others too."""

import keras


def every_layer(network: keras.Layer) -> list[keras.Layer]:
    """The network itself and all layers in it, each once, an outer one
    before its inner ones."""
    found, waiting = {}, [network]
    while waiting:
        layer = waiting.pop()
        if id(layer) not in found:
            found[id(layer)] = layer
            waiting += reversed(_inner(layer))
    return [*found.values()]


def own_variables(layer: keras.Layer) -> list[keras.Variable]:
    """The layer's variables that are not an inner layer's."""
    inner = {id(v) for x in _inner(layer) for v in x.variables}
    return [v for v in layer.variables if id(v) not in inner]


def _inner(layer):
    """The layers that this one keeps: as a model, or in its attributes."""
    if isinstance(layer, keras.Model):
        return layer.layers
    kept = [
        x for x in vars(layer).values()
        if isinstance(x, (keras.Layer, list, tuple, dict))
    ]
    return [x for x in keras.tree.flatten(kept) if isinstance(x, keras.Layer)]
