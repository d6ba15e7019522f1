"""Arguments of the functions that users call, checked by their type hints.

    @accepted
    def grid(pictures: ArrayLike, columns: int | None = None): ...

The hints that a reader sees are the ones that hold: `grid(x, columns="two")`
is one line that names the argument, what it takes and what came. Shapes and
ranges are the functions' own business.
"""

import collections.abc
import functools
import inspect
import math
import os
import pathlib
import types
import typing

import numpy as np
from numpy.typing import ArrayLike

from keras_gen.errors import InputError

# Of counts and the like; seeds may have any size.
_MOST = 2**31
_ANY_ARRAY = typing.get_args(ArrayLike)
_UNIONS = (typing.Union, types.UnionType)
_Function = typing.TypeVar("_Function", bound=collections.abc.Callable)


def accepted(function: _Function) -> _Function:
    """Decorator: arguments of other types than the hints say are an
    InputError. What a hint does not say plainly is let through."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def checked(*arguments, **keywords):
        # A wrong number or name of arguments stays Python's own TypeError.
        bound = signature.bind(*arguments, **keywords)
        hints = _hints(function)
        for name, value in bound.arguments.items():
            hint = hints.get(name)
            if hint is None or _varies(signature.parameters[name]):
                continue
            huge = _is_whole(value) and abs(int(value)) > _MOST
            if not fits(value, hint) or huge and "seed" not in name:
                raise InputError(
                    f"{function.__name__}: {name} must be {said(hint)}"
                    f"{' below 2**31' if huge else ''}, got {shown(value)}"
                )
        return function(*arguments, **keywords)

    return checked


def at_least(least: int, **values: int) -> None:
    """Checks that values are whole numbers of at least `least`.

    Raises:
        InputError: one is not; the message has its name.
    """
    for name, value in values.items():
        if not _is_whole(value) or value < least:
            raise InputError(
                f"{name} must be a whole number of at least {least}, got "
                f"{shown(value)}"
            )


@functools.cache
def _hints(function):
    # Late: a hint may name what is imported for checkers only.
    try:
        return typing.get_type_hints(function)
    except NameError:
        return {
            name: hint for name, hint in function.__annotations__.items()
            if not isinstance(hint, str)
        }


def _varies(parameter):
    return parameter.kind in (
        parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD
    )


def fits(value: typing.Any, hint: typing.Any) -> bool:
    """Whether a value is of a type hint, as people mean it: an int is a
    float too, a bool no number, lists of numbers are arrays."""
    if hint is None or hint is type(None):
        return value is None
    if hint is np.ndarray:
        return _is_array(value)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in _UNIONS:
        # ArrayLike is a union, too: what fits it the function itself says.
        return set(_ANY_ARRAY) <= set(inner) or any(
            fits(value, one) for one in inner
        )
    if origin is collections.abc.Sequence:
        several = isinstance(value, (list, tuple, range)) or (
            isinstance(value, np.ndarray) and value.ndim == 1
        )
        return bool(several) and all(fits(one, inner[0]) for one in value)
    if origin in (collections.abc.Callable, dict, collections.abc.Mapping):
        return isinstance(value, origin)
    if origin is type:
        return isinstance(value, type)
    if hint in _PLAIN:
        return _PLAIN[hint][1](value)
    names = getattr(hint, "_fields", None)
    if names:
        # Of named tuples what they hold counts, not which class does.
        return getattr(value, "_fields", None) == names
    return not isinstance(hint, type) or isinstance(value, hint)


def _is_array(value):
    """Whether NumPy makes numbers of it, and all of one shape."""
    if value is None or isinstance(value, (str, bytes, dict, set)):
        return False
    if hasattr(value, "detach"):
        # A tensor of PyTorch, wherever it lies.
        return True
    try:
        return np.asarray(value).dtype.kind in "biuf"
    except Exception:  # whatever the value's own __array__ raises
        return False


def _is_whole(value):
    whole = isinstance(value, (int, np.integer))
    return whole and not isinstance(value, (bool, np.bool_))


def _is_number(value):
    real = isinstance(value, (float, np.floating)) and math.isfinite(value)
    return real or _is_whole(value) and abs(int(value)) < 2**1000


_PLAIN = {
    int: ("a whole number", _is_whole),
    float: ("a finite number", _is_number),
    bool: ("True or False", lambda v: isinstance(v, (bool, np.bool_))),
    str: ("a text", lambda v: isinstance(v, str)),
    pathlib.Path: ("a path", lambda v: isinstance(v, os.PathLike)),
    os.PathLike: ("a path", lambda v: isinstance(v, os.PathLike)),
}


def said(hint: typing.Any) -> str:
    """A type hint in words."""
    if hint is None or hint is type(None):
        return "None"
    if hint is np.ndarray:
        return "an array of numbers"
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in _UNIONS:
        return " or ".join(dict.fromkeys(map(said, inner)))
    if origin is collections.abc.Sequence:
        return f"a list, each of it {said(inner[0])}"
    if origin is collections.abc.Callable:
        return "a function"
    if hint in _PLAIN:
        return _PLAIN[hint][0]
    return f"a {getattr(hint, '__name__', hint)}"


def shown(value: typing.Any) -> str:
    """A value in few words: arrays by dtype and shape, the rest cut."""
    if isinstance(value, np.ndarray):
        return f"an array, {value.dtype} of shape {value.shape}"
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
