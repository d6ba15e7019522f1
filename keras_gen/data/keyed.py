"""Random numbers that are a pure function of a key.

Only the raw 64-bit words of Philox are used: NumPy promises never to change
them, which it does not promise for `Generator`, so a seed means the same
pictures and the same order on every machine and with every version.
"""

import functools
import threading

import numpy as np

from keras_gen import seeds


def words(count, *key):
    """`count` random uint64. `key`: one to three ints of any size or sign
    (the second taken modulo 2**16, the third modulo 2**48)."""
    first, second, third = (*key, 0, 0)[:3]
    stream = (second & 0xFFFF) << 48 | third & (2**48 - 1)
    philox = np.random.Philox(
        key=np.array([seeds.word(first), stream], np.uint64)
    )
    return philox.random_raw(count)


def uniform(shape, *key):
    """float64 of `shape`, uniform in [0, 1)."""
    count = int(np.prod(shape))
    return ((words(count, *key) >> np.uint64(11)) * 2.0**-53).reshape(shape)


# Threads that read batches come to a new epoch at the same time: one works.
_ordering = threading.Lock()


def permutation(count, *key):
    """A random order of range(count); read-only, the last few are kept."""
    with _ordering:
        return _permutation(count, *key)


# As many as are read at once: two epochs of each of two columns. Those of a
# million items take 8 MB.
@functools.lru_cache(maxsize=4)
def _permutation(count, *key):
    order = np.argsort(words(count, *key), kind="stable")
    order.flags.writeable = False
    return order
