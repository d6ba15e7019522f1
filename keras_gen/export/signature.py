"""What a served function takes, and how it refuses the rest."""

from typing import Any, NamedTuple


class Input(NamedTuple):
    """A named input of a signature.

    Args:
        shape: with the batch first, None where any number will do.
        dtype: name of the dtype.
        low, high: the smallest and the largest value that is right, where
            there is one: an export refuses others.
        multiple: of which heights and widths must be multiples.
        words: of strings that are no picture files, those that are right.
        why: what an export adds, in words, when it refuses a value.
    """

    shape: tuple
    dtype: str
    low: float | None = None
    high: float | None = None
    multiple: int = 1
    words: tuple = ()
    why: str = ""


# Pictures come from uint8 ones by x / 127.5 - 1, on whatever machine.
ROUNDING = 1e-3


def picture(shape: tuple, multiple: int = 1) -> Input:
    """An `Input` of pictures (n, height, width, channels) in [-1, 1]."""
    return Input(shape, "float32", -1 - ROUNDING, 1 + ROUNDING, multiple)


SEED = Input((None,), "int64")
# Up to infinity, which leaves the distribution whole.
TRUNCATION = Input((None,), "float32", 0.001)
# The truncation that does so in float32, whose normal numbers stay below 6.
WHOLE = 10.0


def require(condition: Any, text: str, value: Any) -> Any:
    """`value` behind an assertion: what is computed from it comes after, so
    that the error is this text and no later one."""
    import tensorflow as tf

    with tf.control_dependencies([tf.debugging.Assert(condition, [text])]):
        return tf.identity(value)
