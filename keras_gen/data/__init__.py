"""Data for training: built in, from files, or TensorFlow Datasets."""

from keras_gen.accepted import accepted
from keras_gen.data.dataset import Dataset
from keras_gen.data.loading import (
    SPLITS,
    assumed_range,
    check_arguments,
    load,
    properties,
    ranges_of,
    short_sides,
    shows_labels,
)
from keras_gen.data.sources import built_in_names, shapes

__all__ = [
    "SPLITS", "Batches", "Dataset", "assumed_range", "built_in",
    "check_arguments", "load", "properties", "ranges_of", "shapes",
    "short_sides", "shows_labels",
]


@accepted
def built_in(source: str) -> bool:
    """Whether keras_gen draws these data itself."""
    return str(source) in built_in_names()


def __getattr__(name):
    # It needs Keras, which takes seconds to import.
    if name == "Batches":
        from keras_gen.data.batches import Batches

        return Batches
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
