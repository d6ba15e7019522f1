"""Batches as tensors; what networks are made of."""

import weakref
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from keras_gen.layers.walk import every_layer

# {network: whether it mixes rows}: without a graph each step asks, and to walk
# through the layers of a translator takes milliseconds.
_mixing: Any = weakref.WeakKeyDictionary()


def split(batch: Any, parts: int) -> list:
    """Cuts a tensor, or each tensor of a dict, into `parts` batches.

    Batch i takes the rows i, i + parts, ...: replicas that hold consecutive
    rows then train on the same batches as one device with all of them. The
    batches are equal, or the first have a row more; of fewer rows than
    `parts` each takes one, in turn, so that none is empty.
    """
    if isinstance(batch, dict):
        columns = {k: split(v, parts) for k, v in batch.items()}
        return [dict(zip(columns, rows)) for rows in zip(*columns.values())]
    rows = ops.shape(batch)[0]
    return [batch[i % rows::parts] for i in range(parts)]


def together(function: Callable, *batches: Any) -> list:
    """`[function(batch) for batch in batches]` in one pass over all rows.

    Args:
        function: maps a tensor, or a dict of tensors, to the like, each row
            by itself; see `mixes_rows`.
        *batches: of the same columns.
    """
    rows = [ops.shape(keras.tree.flatten(b)[0])[0] for b in batches]
    made = function(keras.tree.map_structure(
        lambda *parts: ops.concatenate(parts), *batches
    ))
    results, first = [], 0
    for count in rows:
        own = slice(first, first + count)
        results.append(keras.tree.map_structure(lambda x: x[own], made))
        first = first + count
    return results


def passes(network: keras.Model, *batches: Any) -> list:
    """What a network makes of each batch in training mode, in one pass where
    its rows do not depend on each other."""
    def passed(batch):
        return network(batch, training=True)

    if mixes_rows(network):
        return [passed(batch) for batch in batches]
    return together(passed, *batches)


def over_scales(loss: Callable, *told: Any) -> Any:
    """The mean of a loss over the scales of a judge.

    Args:
        loss: a function of a tensor of logits from each of `told`.
        *told: what the judge tells, each the logits or a dict of those of
            several scales.
    """
    scales = zip(*map(keras.tree.flatten, told), strict=True)
    values = [loss(*logits) for logits in scales]
    return sum(values[1:], values[0]) / len(values)


def mixes_rows(network: keras.Model) -> bool:
    """Whether what the network makes of a row depends on the other rows of
    the batch."""
    if network not in _mixing:
        _mixing[network] = mixing_layer(network) is not None
    return _mixing[network]


def mixing_layer(network: keras.Model) -> keras.Layer | None:
    """The first layer in a network, or in one inside it, by which a row
    depends on the others; None without. Layers that do so declare
    `mixes_rows`, and may say in `without` how networks lack them."""
    return next((
        layer for layer in every_layer(network)
        if getattr(layer, "mixes_rows", False)
        or isinstance(layer, keras.layers.BatchNormalization)
    ), None)
