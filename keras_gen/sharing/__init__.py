"""Models for others: put where `zoo.load("hf://user/name")`, or the address
of a static host, finds them; with a card, and what their data are."""

from keras_gen.sharing.pushing import push, write

__all__ = ["push", "write"]
