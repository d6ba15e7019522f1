"""What runs around the import of another library, whoever imports it."""

import importlib.abc
import sys
from collections.abc import Callable
from types import ModuleType


def around(name: str, run: Callable[[Callable, ModuleType], None]) -> None:
    """From now on `run(execute, module)` imports a module, where it would be
    `execute(module)`. Nothing happens where it is imported already, or
    something runs around it.
    """
    known = {f.name for f in sys.meta_path if isinstance(f, _Finder)}
    if name not in sys.modules and name not in known:
        sys.meta_path.insert(0, _Finder(name, run))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds a module as the other finders do."""

    def __init__(self, name, run):
        self.name, self.run = name, run

    def find_spec(self, name, path=None, target=None):
        if name != self.name:
            return None
        others = [each for each in sys.meta_path if each is not self]
        found = (each.find_spec(name, path, target) for each in others)
        spec = next(filter(None, found), None)
        if spec and spec.loader:
            execute = spec.loader.exec_module

            def instead(module):
                self.run(execute, module)
                # Not before: what fails is tried again.
                if self in sys.meta_path:
                    sys.meta_path.remove(self)

            spec.loader.exec_module = instead
        return spec
