"""Inner maps of a network by the names of its layers."""

import keras

from keras_gen.errors import InputError


def names_of_maps(network: keras.Model) -> list[str]:
    """The layers whose maps a network offers: those named `maps_...`, in
    their order."""
    return [x.name for x in network.layers if x.name.startswith("maps_")]


def taps(
    network: keras.Model, names: list[str], beside: bool = False
) -> keras.Model:
    """A view of a functional network that returns what layers inside it make.

    It shares the network's layers and so its weights, and takes pictures of
    any size where these layers do, as convolutions.

    Args:
        network: a functional `keras.Model`.
        names: of its layers, each called once.
        beside: whether the view returns what the network itself does, too,
            before the maps.

    Returns:
        `keras.Model` of the same inputs -> dict from name to output; or (what
        the network returns, this dict).

    Raises:
        InputError: no names, or a layer that there is not.
    """
    known = [layer.name for layer in network.layers]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        told = [name for name in known if not name[-1:].isdigit()]
        inner = names_of_maps(network)
        raise InputError(
            f"{network.name} has no layer {', '.join(unknown) or '(none)'} to "
            f"tap: choose from {', '.join(inner or told or known)}"
        )
    outputs = {name: network.get_layer(name).output for name in names}
    outputs = (network.output, outputs) if beside else outputs
    view = keras.Model(network.input, outputs, name=f"{network.name}_taps")
    free = keras.tree.map_structure(lambda x: keras.Input(
        (*(None for _ in x.shape[1:-1]), x.shape[-1]), name=x.name
    ), view.input)
    return keras.models.clone_model(
        view, input_tensors=free, clone_function=lambda layer: layer
    )
