"""Labels and attributes of an item."""

from keras_gen.values.numbers import Numbers


class Label(Numbers):
    """One class for each item, 0, 1, ...; -1 where it is not known. Only
    data may lack labels: a model is asked for a class that there is."""

    __slots__ = ()

    name = "label"
    column = "label"
    plural = "labels"
    missing = -1


class Attributes(Numbers):
    """Several answers, each 0 or 1, for each item."""

    __slots__ = ()

    name = "attributes"
    column = "label"
    plural = "attributes"
    axes = ("attributes",)
