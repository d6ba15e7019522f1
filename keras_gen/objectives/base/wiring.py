"""Whether an objective's networks are networks, and fit each other."""

from typing import Any

import keras

from keras_gen.errors import InputError


def inputs(network: keras.Model) -> dict[str, keras.KerasTensor]:
    """The inputs by name: the key where the network takes a dict, else that
    of `keras.Input`. Empty for a network that is no graph of layers."""
    structure = _structure(network, "input")
    if isinstance(structure, dict):
        return structure
    return {x.name: x for x in keras.tree.flatten(structure)}


def output(network: keras.Model, key: str | None = None) -> Any:
    """Shape (without the batch) of what a network makes, or of one of
    several; None where it is not known."""
    structure = _structure(network, "output")
    if key is not None:
        structure = structure.get(key) if isinstance(structure, dict) else None
    return tuple(structure.shape[1:]) if hasattr(structure, "shape") else None


def _structure(network, side):
    """The symbolic tensors at the input or output; an empty list where there
    are none."""
    try:
        if isinstance(network, keras.Sequential):
            return getattr(network, f"{side}s")[0]
        return getattr(network, side)
    except (AttributeError, ValueError):
        return []


def check(name: str, network: keras.Model) -> None:
    """Raises an InputError unless it is a network that has its weights."""
    if not isinstance(network, keras.Model):
        call = ""
        if callable(network) and hasattr(network, "__name__"):
            call = f"; call it: {network.__name__}()"
        raise InputError(
            f"{name} must be a keras.Model, got "
            f"{getattr(network, '__name__', repr(network))}{call}"
        )
    if not network.built:
        raise InputError(
            f"{name} has no weights yet: begin it with keras.Input(shape), or "
            "call it once on a batch"
        )


def check_names(
    name: str, network: keras.Model, wanted: tuple[str, ...]
) -> None:
    """Raises an InputError where inputs are too many, too few or called
    otherwise. A single one may have any name."""
    there = list(inputs(network))
    if not there or len(there) == len(wanted) == 1:
        return
    if set(there) != set(wanted):
        example = ", ".join(f"{w!r}: keras.Input(...)" for w in wanted)
        raise InputError(
            f"{name} must take {' and '.join(wanted)}, but its inputs are "
            f"{', '.join(there)}: build it as keras.Model({{{example}}}, ...)"
        )


def check_outputs(
    name: str, network: keras.Model, wanted: tuple[str, ...]
) -> None:
    """Raises an InputError unless a graph of layers makes a dict of these."""
    missing = [w for w in wanted if output(network, w) is None]
    if missing and inputs(network):
        raise InputError(
            f"{name} must make {' and '.join(wanted)}: build it as "
            f"keras.Model(inputs, {{{', '.join(f'{w!r}: ...' for w in wanted)}"
            "})"
        )


def check_flow(
    maker: str, made: tuple | None, taker: str, taken: tuple | None, order: str
) -> None:
    """Raises an InputError where what one network makes is not what another
    takes, by shapes without the batch; None for one that is not known.

    Args:
        order: how the networks are given, for the message.
    """
    if made is None or taken is None or len(made) == len(taken) and all(
        a is None or b is None or a == b for a, b in zip(made, taken)
    ):
        return
    raise InputError(
        f"{maker} makes {_by(made)}, but {taker} takes {_by(taken)}: build "
        f"both for the same shape, and give them as {order}"
    )


def _by(shape):
    return " x ".join("?" if s is None else str(s) for s in shape) or (
        "single numbers"
    )
