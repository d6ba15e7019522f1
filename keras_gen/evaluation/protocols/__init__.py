"""How models are measured: a module for each thing that they may do.

A protocol is a module with

    HEADLINE    names of the metrics that the table of results shows
    BASELINES   names of the subjects that a record must have beside the model
    METRICS     a tuple of `Metric`
    subjects    (evaluation) -> {name: function without arguments that gives
                a list of `Subject`}, "model" the first
"""

import importlib
from types import ModuleType
from typing import Any


def of(objective: Any) -> list[ModuleType]:
    """The protocols of an objective, or of its class, as modules."""
    return [named(name) for name in objective.protocols]


def named(name: str) -> ModuleType:
    """A protocol by its name, as a module."""
    return importlib.import_module(f"{__name__}.{name}")
