"""What keras_gen's code takes, read in its source: importing it would import
Keras."""

import ast
import functools
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def arguments(reference: str) -> list[str] | None:
    """Names of the keyword arguments of a class or function, bases' included.

    Args:
        reference: "module:name".

    Returns:
        A list, sorted for a class; None where that cannot be told, as of all
        code that is not keras_gen's.
    """
    found = _definition(*reference.partition(":")[::2])
    if found is None:
        return None
    module, node = found
    if isinstance(node, ast.FunctionDef):
        return _named(node)[0]
    names = _of_class(module, node)
    return names and sorted(names - {"self", "args", "kwargs"})


def _of_class(module, node):
    """The arguments of a class and of those that it passes on to, or None."""
    names, passes_on = set(), True
    for each in node.body:
        if isinstance(each, ast.FunctionDef) and each.name == "__init__":
            own, passes_on = _named(each)
            names = set(own)
    for base in node.bases if passes_on else ():
        if not isinstance(base, ast.Name):  # keras.Model
            names |= {"name", "dtype", "trainable"}
            continue
        found = _definition(module, base.id)
        more = found and _of_class(*found)
        if more is None:
            return None
        names |= more
    return names


def _named(function):
    """(names of the arguments, whether there are more)"""
    given = function.args
    names = [each.arg for each in given.args + given.kwonlyargs]
    return names, given.kwarg is not None


def _definition(module, name):
    """(module, node) of a class or function, wherever the module imports it
    from; None where it is none of keras_gen's."""
    for node in _tree(module):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and (
            node.name == name
        ):
            return module, node
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _definition(node.module, alias.name)
    return None


@functools.cache
def _tree(module):
    """The statements of one of keras_gen's modules; none of others."""
    root, *names = module.split(".")
    if root != _PACKAGE.name:
        return []
    path = _PACKAGE.joinpath(*names)
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text("utf-8")).body if file.is_file() else []
