"""Pictures for training: built-in, from files, or TensorFlow Datasets."""

from keras_gen.data import shapes
from keras_gen.data.batches import Batches
from keras_gen.data.dataset import Dataset
from keras_gen.data.sources import load

__all__ = ["Batches", "Dataset", "load", "shapes"]
