"""The kinds of data, one file for each; the files are found, not listed."""

import importlib
import pkgutil

from keras_gen.errors import InputError


def names():
    """The names of all kinds, sorted."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def named(name):
    """The keras_gen.data.kind.Kind of this name; InputError without."""
    if name not in names():
        choices = ", ".join(map(repr, names()))
        raise InputError(f"kind is {name!r}; give one of {choices}")
    return importlib.import_module(f"{__name__}.{name}").KIND


def by_demand():
    """The names of all kinds, those first that ask most of a source."""
    return sorted(names(), key=lambda name: -named(name).asks)
