"""The exceptions that are answered with one line instead of a traceback."""

import difflib
from collections.abc import Iterable


def alike(
    name: str, known: Iterable[str], most: int = 3, cutoff: float = 0.6
) -> list[str]:
    """Those of the known names that may be meant, the nearest first.

    Args:
        name: what was typed.
        known: the names that there are.
        most: how many at most.
        cutoff: how alike they must be, of 1.
    """
    return difflib.get_close_matches(name, list(known), most, cutoff)


class InputError(ValueError):
    """Bad input. The message is one line, whatever the names in it: what was
    wrong, what was expected and what to do. Command lines print it and exit
    with code 2."""

    def __init__(self, message: object):
        super().__init__(" ".join(str(message).splitlines()))


class MissingData(InputError):
    """There are no data where they were said to be."""


class WorkerLost(Exception):
    """Another worker of this run stopped. The message is one line; command
    lines print it and exit with code 1."""


class MeasurementWarning(UserWarning):
    """A measurement that cannot be trusted, and what to measure instead."""
