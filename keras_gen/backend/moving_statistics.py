"""Which variables a forward pass must leave alone.

While one player is updated, the other networks run in training mode but
their running statistics must not move: the generator's step would otherwise
feed the discriminator's moving averages with fakes only.
"""

import contextlib
import threading

# A replica of a MirroredStrategy traces the step in a thread of its own.
_local = threading.local()


@contextlib.contextmanager
def freeze(variables):
    """Keep layers from moving `variables` inside the block.

    It stops updates that a layer makes while it runs (moving statistics);
    an optimizer is not stopped. Blocks nest: an inner one adds to the outer.

    Args:
        variables: iterable of Keras variables.
    """
    before = getattr(_local, "frozen", frozenset())
    _local.frozen = before | {id(variable) for variable in variables}
    try:
        yield
    finally:
        _local.frozen = before


@contextlib.contextmanager
def thaw():
    """Let layers move all their variables inside the block, whatever
    `freeze` blocks there are in it or around it."""
    _local.thawed = True
    try:
        yield
    finally:
        _local.thawed = False


def frozen(variable):
    """True inside a `freeze` block of this thread that names `variable`,
    but not inside a `thaw` block."""
    if getattr(_local, "thawed", False):
        return False
    return id(variable) in getattr(_local, "frozen", frozenset())
