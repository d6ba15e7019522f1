"""Models that make what they are told, and recipes that are only data."""

import numpy as np

from keras_gen import data, values


class Model:
    """Makes given items, over and over.

    Args:
        items: as the data set serves them.
        made: name of their type.
        abilities: of `keras_gen.abilities`.
    """

    protocols = ("samples",)
    averages = ()
    class_names = ()

    def __init__(self, items, made, *abilities):
        self.items, self.made = items, values.named(made)
        self.abilities = abilities

    def can(self, ability):
        return ability in self.abilities

    def generate(self, n, seed=0, label=None):
        return self.items[(seed + np.arange(n)) % len(self.items)]

    def monitored(self, batch, seed=0):
        real = batch[self.made.column]
        return self.generate(len(real), seed), real, None


class Recipe:
    """Data alone.

    Args:
        table: arguments of `keras_gen.data.load`.
    """

    name = "data"

    def __init__(self, **table):
        self.values = {"data": table}

    def __getitem__(self, key):
        return self.values[key]

    def dataset(self, split="train"):
        return data.load(split=split, **self["data"])

    def items(self, split, rows):
        """The first column's items at these rows."""
        return next(iter(self.dataset(split).take(rows).values()))
