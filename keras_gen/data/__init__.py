"""Data for training: built in, from files, or TensorFlow Datasets."""

from keras_gen.data.dataset import Dataset
from keras_gen.data.loading import check_arguments, load, properties
from keras_gen.data.sources import shapes

__all__ = [
    "Batches", "Dataset", "check_arguments", "load", "properties", "shapes",
]


def __getattr__(name):
    # It needs Keras, which takes seconds to import.
    if name == "Batches":
        from keras_gen.data.batches import Batches

        return Batches
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
