"""Seeds of any size and sign, and the process' own random numbers left as
they were."""

import contextlib
import hashlib
import operator
import random
from collections.abc import Iterator
from typing import Any, SupportsIndex

import numpy as np

from keras_gen.errors import InputError


def word(seed: SupportsIndex) -> int:
    """The low 64 bits of a seed, 0 ... 2**64 - 1.

    Everywhere a seed is any whole number, of Python or NumPy, and means
    these bits: -1 and 2**64 - 1 are the same.

    Raises:
        InputError: it is no whole number.
    """
    try:
        return operator.index(seed) % 2**64
    except TypeError as error:
        raise InputError(
            f"seed is {seed!r}; give a whole number, of any size and sign"
        ) from error


def signed(seed: SupportsIndex) -> int:
    """The same 64 bits as an int64, what models and servers take: itself,
    where it fits."""
    bits = word(seed)
    return bits - 2**64 if bits >= 2**63 else bits


def numbered(seed: SupportsIndex, n: int) -> np.ndarray:
    """int64 (n,): the seeds seed, seed + 1, ..."""
    bits = np.full(n, word(seed), "uint64") + np.arange(n, dtype="uint64")
    return bits.view("int64")


def named(seed: SupportsIndex, name: str) -> int:
    """A seed of its own for what has this name, an int64: wherever it stands
    among others."""
    code = hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=8)
    return signed(word(seed) + int.from_bytes(code.digest(), "big"))


def generator(seed: SupportsIndex) -> np.random.Generator:
    """NumPy's random numbers of a seed, the process' own left alone."""
    return np.random.default_rng(word(seed))


@contextlib.contextmanager
def undisturbed(seed: SupportsIndex | None = None) -> Iterator[None]:
    """Leaves the random numbers of the process, Python's and NumPy's, as
    they were before the block, or function.

    Args:
        seed: both begin with it inside. Keras draws the seeds of layers'
            weights from Python's.
    """
    before: tuple[Any, dict] = random.getstate(), np.random.get_state()
    try:
        if seed is not None:
            random.seed(word(seed))
            np.random.seed(word(seed) % 2**32)
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
