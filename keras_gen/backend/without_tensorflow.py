"""Keras on PyTorch, kept from importing TensorFlow."""

import contextlib
import sys

import keras


@contextlib.contextmanager
def without_tensorflow():
    """Keeps Keras from importing TensorFlow inside the block, or function,
    where another backend is at work.

    Before it copies a network or sets a seed, Keras asks on every backend
    whether something is of TensorFlow, and imports it for that: seconds, in
    which nothing can be found, as nothing has imported it before.
    """
    if keras.backend.backend() == "tensorflow" or "tensorflow" in sys.modules:
        yield
        return
    from keras.src.utils.module_utils import tensorflow

    known = tensorflow._available
    tensorflow._available = False
    try:
        yield
    finally:
        tensorflow._available = known
