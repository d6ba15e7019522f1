"""Weights that take less room, for publishing."""

import numpy as np

from keras_gen import atomic
from keras_gen.errors import InputError


def rounded(values):
    """An array with the nearest float16 values, in its own type, so that
    nothing else changes: float32 numbers hardly compress, these do.

    Raises:
        InputError: a value is beyond float16.
    """
    if values.dtype.kind != "f":
        return values
    with np.errstate(over="ignore"):
        near = values.astype("float16").astype(values.dtype)
    if not np.isfinite(near).all():
        raise InputError(
            "a weight is beyond float16, 65,504, or not finite: look at the "
            "training before you publish it"
        )
    return near


def compress(path):
    """Rewrites a `.weights.h5` file with its arrays compressed, which Keras
    reads like any other: of large networks, rounded, some 55 % is left."""
    import h5py

    def copy(name, source):
        if isinstance(source, h5py.Group):
            target = new.require_group(name)
        elif source.ndim:
            # Bytes of the same place in each number stand together.
            target = new.create_dataset(
                name, data=source[()], compression="gzip", shuffle=True
            )
        else:
            target = new.create_dataset(name, data=source[()])
        target.attrs.update(source.attrs)

    with atomic.replacing(path) as aside:
        with h5py.File(path) as old, h5py.File(aside, "w") as new:
            new.attrs.update(old.attrs)
            old.visititems(copy)
