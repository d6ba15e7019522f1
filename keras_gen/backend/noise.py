"""Stateless random numbers: pure functions of integer keys.

`keras.random` keeps its state in variables, so that every replica of a
MirroredStrategy draws the same noise, nothing is restored after a stop, and
TensorFlow and PyTorch differ. Here a number is a hash of (seed, step, draw,
row, element): rows are independent of the batch they are drawn in, replicas
get the rows they would have had on one device, a resumed run draws what the
uninterrupted one would have, and both backends draw the same.

The hash is SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom
Number Generators", OOPSLA 2014) in 64-bit integers that wrap around.
"""

import contextlib
import functools
import math
import threading

import keras
import numpy as np
from keras import ops

from keras_gen import seeds

if keras.backend.backend() == "torch":
    import torch

_GAMMA = -7046029254386353131  # 0x9E3779B97F4A7C15 as a signed integer
_MIX_1 = -4658895280553007687  # 0xBF58476D1CE4E5B9
_MIX_2 = -7723592293110705685  # 0x94D049BB133111EB
_SQRT_2 = 1.4142135


def _int64(x):
    if isinstance(x, int):
        # A number of Python may have more bits.
        return _constant(seeds.signed(x))
    return ops.cast(ops.convert_to_tensor(x), "int64")


def _shift(x, bits):
    # A signed right shift copies the sign bit in: mask it off again.
    return ops.bitwise_and(
        ops.right_shift(x, _constant(bits)), _constant((1 << (64 - bits)) - 1)
    )


def _constant(value):
    if keras.backend.backend() == "torch" and not (
        torch.compiler.is_compiling()
    ):
        return _kept(value)
    return ops.convert_to_tensor(value, dtype="int64")


@functools.lru_cache(1024)
def _kept(value):
    # A GPU gets it once: each copy would wait for all that it has to do.
    return ops.convert_to_tensor(value, dtype="int64")


def _mix(x):
    x = _upper_mix(x)
    return ops.bitwise_xor(x, _shift(x, 31))


def _upper_mix(x):
    """`_mix` in its upper 31 bits, which its last step leaves as they are."""
    x = ops.bitwise_xor(x, _shift(x, 30)) * _constant(_MIX_1)
    return ops.bitwise_xor(x, _shift(x, 27)) * _constant(_MIX_2)


def fold(key, value):
    """Key for `value` under `key`; integers or int64 tensors, broadcast."""
    key, value = _int64(key), _int64(value)
    return _mix(_mix(key + _constant(_GAMMA)) + value * _constant(_GAMMA))


def _upper_bits(keys, shape):
    """(rows,) keys -> (rows, *shape) integers whose upper 31 bits count."""
    size = 1
    for n in shape:
        size = size * n
    counter = (ops.arange(size, dtype="int64") + 1) * _constant(_GAMMA)
    bits = _upper_mix(keys[:, None] + counter[None, :])
    return ops.reshape(bits, (-1, *shape))


def _bits(keys, shape):
    """(rows,) keys -> (rows, *shape) integers, uniform in [0, 2**23)."""
    return _shift(_upper_bits(keys, shape), 41)


def uniform(keys, shape):
    """Uniform numbers in the open interval (0, 1).

    Args:
        keys: int64 tensor of shape (rows,), one key for each row.
        shape: shape of a row.

    Returns:
        float32 tensor of shape (rows, *shape).
    """
    return (ops.cast(_bits(keys, shape), "float32") + 0.5) * 2.0**-23


def at_least(keys, shape, share):
    """Whether the numbers of `uniform` are at least `share`, at two thirds of
    what it takes to draw and compare them.

    Args:
        keys, shape: as of `uniform`.
        share: a number in [0, 1], no tensor.

    Returns:
        bool tensor of shape (rows, *shape).
    """
    # So many of the 2**23 numbers are below. All 64 bits are compared, the
    # first of which would be a sign.
    below = math.ceil(float(np.float32(share)) * 2**23 - 0.5)
    bits = _upper_bits(keys, shape) + _constant(-(2**63))
    if below < 1:
        return ops.ones_like(bits, dtype="bool")
    return bits > _constant((below << 41) - 1 - 2**63)


def normal(keys, shape):
    """Standard normal numbers; arguments and shape as `uniform`."""
    return _SQRT_2 * ops.erfinv(_centred(keys, shape))


def truncated_normal(keys, shape, bound):
    """Standard normal numbers whose absolute values are at most `bound`.

    It is the distribution that drawing again what lies beyond the bound
    gives (the truncation trick of https://arxiv.org/abs/1809.11096), by the
    inverse of its distribution function. The higher the bound, the nearer is
    each number to `normal`'s of the same key; without one, infinity, it is
    that number.

    Args:
        keys, shape: as of `uniform`.
        bound: above 0; a scalar, or a tensor (rows,), one for each row.

    Returns:
        float32 tensor of shape (rows, *shape).
    """
    bound = ops.cast(ops.convert_to_tensor(bound), "float32")
    bound = ops.reshape(bound, (-1, *(1 for _ in shape)))
    within = _centred(keys, shape) * ops.erf(bound / _SQRT_2)
    # Rounding may leave a number a little beyond.
    return ops.clip(_SQRT_2 * ops.erfinv(within), -bound, bound)


def _centred(keys, shape):
    """Uniform numbers in the open interval (-1, 1)."""
    odd = 2 * _bits(keys, shape) + 1 - 2**23
    return ops.cast(odd, "float32") * 2.0**-23


class Stream:
    """Draws of one training step on one replica, each from its own key.

    Args:
        key: int64 scalar, the step's key.
        replica: this replica's number, an int or scalar tensor.
        replicas: how many replicas share the step.
    """

    def __init__(self, key, replica=0, replicas=1):
        self.key, self.replica, self.replicas = key, replica, replicas
        self._draws = 0

    def at(self, i):
        """A stream of its own for number `i` of something.

        Draws are told apart by their order. Inside a traced loop there is
        only one draw, whatever the iteration, and in a branch that is not
        taken there is none on PyTorch: draw from `at(i)` there.

        Args:
            i: int, or an int64 scalar tensor such as a loop's counter.
        """
        key = fold(fold(self.key, -1), i)
        return Stream(key, self.replica, self.replicas)

    def _keys(self, rows, shared):
        self._draws += 1
        first = 0 if shared else _int64(self.replica) * _int64(rows)
        return fold(
            fold(self.key, self._draws),
            ops.arange(rows, dtype="int64") + first,
        )

    def uniform(self, rows, shape, shared=False):
        """(rows, *shape) uniform numbers. Replicas draw different rows of
        the global batch, or with `shared` all the same ones."""
        return uniform(self._keys(rows, shared), shape)

    def at_least(self, rows, shape, share):
        """(rows, *shape): whether what `uniform` would draw is at least
        `share`, a number in [0, 1]."""
        return at_least(self._keys(rows, False), shape, share)

    def normal(self, rows, shape, shared=False):
        """(rows, *shape) standard normal numbers; see `uniform`."""
        return normal(self._keys(rows, shared), shape)


class RowStream(Stream):
    """Draws whose row i depends on `keys[i]` alone, whatever the batch.

    Args:
        keys: int64 tensor of shape (rows,).
    """

    def __init__(self, keys):
        super().__init__(key=0)
        self.keys = keys

    def at(self, i):
        """As of `Stream`; row i still depends on `keys[i]` alone."""
        return RowStream(fold(fold(self.keys, -1), i))

    def _keys(self, rows, shared):
        self._draws += 1
        return fold(fold(self._draws, 0), self.keys)


# A replica of a MirroredStrategy traces the step in a thread of its own.
_ambient = threading.local()


def current():
    """The stream that layers (dropout) draw from.

    Inside an Objective's step it is that step's. Elsewhere it is one that
    starts from key 0 in each thread and advances with every eager call.
    """
    if not hasattr(_ambient, "stream"):
        _ambient.stream = Stream(0)
    return _ambient.stream


@contextlib.contextmanager
def using(stream):
    """Make `stream` the `current` one inside the block."""
    before = current()
    _ambient.stream = stream
    try:
        yield stream
    finally:
        _ambient.stream = before
