"""Where data come from: a module for each form.

A module with `takes(path)`, `load` and `properties` reads paths; one with
SOURCES, a dict of built_in.BuiltIn by name, draws. Both are found, not listed;
TensorFlow Datasets have the names that are left.
"""

import functools
import importlib
import pkgutil

from keras_gen import atomic


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


def find(source):
    """(what reads it, with `load` and `properties`; the path or name)"""
    if isinstance(source, str) and source in by_name():
        return by_name()[source], source
    path = atomic.local(source)
    for module in modules():
        if hasattr(module, "takes") and module.takes(path):
            return module, path
    from keras_gen.data.sources import tfds

    tfds.check_path(str(source), path)
    return tfds, str(source)
