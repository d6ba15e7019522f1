"""Batches as tensors; what networks are made of."""

from typing import Any

import keras

from keras_gen.errors import InputError


def split(batch: Any, parts: int) -> list:
    """Cuts a tensor, or each tensor of a dict, into `parts` equal batches.

    Batch i takes the rows i, i + parts, ...: replicas that hold consecutive
    rows then train on the same batches as one device with all of them.

    Raises:
        InputError: the number of rows is no multiple of `parts`.
    """
    if isinstance(batch, dict):
        columns = {k: split(v, parts) for k, v in batch.items()}
        return [dict(zip(columns, rows)) for rows in zip(*columns.values())]
    rows = batch.shape[0]
    if rows is not None and rows % parts:
        raise InputError(
            f"a batch of {rows} cannot be split into {parts} equal parts: "
            f"train with batches of a multiple of {parts}"
        )
    return [batch[i::parts] for i in range(parts)]


def mixes_rows(network: keras.Model) -> bool:
    """Whether what the network, or a layer inside it, makes of a row depends
    on the other rows of the batch. Layers that do declare `mixes_rows`."""
    return any(
        getattr(layer, "mixes_rows", False)
        or isinstance(layer, keras.layers.BatchNormalization)
        or mixes_rows(layer)
        for layer in getattr(network, "layers", ())
    )
