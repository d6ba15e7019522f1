"""Inner maps of a network by the names of its layers."""

import keras

from keras_gen.errors import InputError


def taps(network: keras.Model, names: list[str]) -> keras.Model:
    """A view of a functional network that returns what layers inside it make.

    It shares the network's layers and so its weights, and takes pictures of
    any size where these layers do, as convolutions.

    Args:
        network: a functional `keras.Model`.
        names: of its layers, each called once.

    Returns:
        `keras.Model` of the same inputs -> dict from name to output.

    Raises:
        InputError: no names, or a layer that there is not.
    """
    known = [layer.name for layer in network.layers]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        told = [name for name in known if not name[-1:].isdigit()]
        inner = [name for name in known if name.startswith("maps_")]
        raise InputError(
            f"{network.name} has no layer {', '.join(unknown) or '(none)'} to "
            f"tap: choose from {', '.join(inner or told or known)}"
        )
    outputs = {name: network.get_layer(name).output for name in names}
    view = keras.Model(network.input, outputs, name=f"{network.name}_taps")
    free = keras.tree.map_structure(lambda x: keras.Input(
        (*(None for _ in x.shape[1:-1]), x.shape[-1]), name=x.name
    ), view.input)
    return keras.models.clone_model(
        view, input_tensors=free, clone_function=lambda layer: layer
    )
