"""Rows told apart by what they hold, not by where they are."""

import hashlib
from collections.abc import Sequence

import numpy as np


def code(*items: np.ndarray) -> bytes:
    """A hash of an item's arrays, 16 bytes."""
    found = hashlib.blake2b(digest_size=16)
    for item in items:
        found.update(np.ascontiguousarray(item))
    return found.digest()


def codes(columns: Sequence[np.ndarray]) -> list[bytes]:
    """The hash of each row of arrays of equal length."""
    return [code(*row) for row in zip(*columns)]


def order(columns: Sequence[np.ndarray]) -> np.ndarray:
    """Indices, int (n,), that put rows into an order of their content: the
    same rows in whatever order give the same items in the same order."""
    words = np.frombuffer(b"".join(codes(columns)), ">u8")
    return np.argsort(words[::2], kind="stable")
