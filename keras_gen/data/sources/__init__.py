"""Where data come from: a module for each form.

A module with `takes(path)`, `load` and `properties` reads paths; one with
SOURCES, a dict of built_in.BuiltIn by name, draws. Both are found, not listed;
TensorFlow Datasets have the names that are left.
"""

import functools
import importlib
import pkgutil

from keras_gen import atomic
from keras_gen.errors import InputError


@functools.cache
def modules():
    """All modules of this package."""
    return [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]


def by_name():
    """{name: built_in.BuiltIn}"""
    found = {}
    for module in modules():
        found |= getattr(module, "SOURCES", {})
    return found


def built_in_names():
    """The names of the sources that keras_gen draws itself."""
    return sorted(by_name())


def refuse_empty(source):
    """InputError for "", which a path would take for the current folder."""
    if isinstance(source, str) and not source.strip():
        raise InputError(
            "the source of the data is empty, as an unset shell variable is: "
            "give a folder, file or name, or . for the current folder"
        )


def find(source):
    """(what reads it, with `load` and `properties`; the path or name)"""
    refuse_empty(source)
    if isinstance(source, str) and source in by_name():
        return by_name()[source], source
    path = atomic.local(source)
    for module in modules():
        if hasattr(module, "takes") and module.takes(path):
            return module, path
    from keras_gen.data.sources import tfds

    tfds.check_path(str(source), path)
    return tfds, str(source)
