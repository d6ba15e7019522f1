"""Words as numbers."""

from keras_gen.values.numbers import Numbers


class Tokens(Numbers):
    """A sentence of a fixed length: the number of each word or code."""

    __slots__ = ()

    name = "tokens"
    column = "tokens"
    plural = "tokens"
    axes = ("length",)
