"""Which recipes of the zoo a test runs on, found and not listed."""

import functools
import math

import pytest

from keras_gen import data, zoo

NAMES = zoo.names()


def objective(name):
    """The class that a recipe trains, as the recipe names it."""
    return zoo.recipe(name)["objective"]["class"]


def published(name):
    """Whether a recipe has weights."""
    return bool(zoo.recipe(name).values.get("weights"))


def starter(name):
    """Whether a recipe is trained on data that keras_gen draws itself."""
    return data.built_in(zoo.recipe(name)["data"]["source"])


def parameters(name):
    """How many its networks have, which is published with the weights;
    without them it counts as more than all."""
    return sum(
        zoo.recipe(name).values.get("parameters", {}).values()
    ) or math.inf


def of_pictures(name):
    """Whether a recipe makes pictures, as most do."""
    return zoo.recipe(name)["objective"].get("makes", "picture") == "picture"


@functools.cache
def first(names):
    """Of these recipes one for each objective: a starter before others, one
    of pictures before others, and of those the smallest."""
    ordered = sorted(names, key=lambda n: (
        not starter(n), not of_pictures(n), parameters(n), n
    ))
    chosen = {}
    for name in ordered:
        chosen.setdefault(objective(name), name)
    return frozenset(chosen.values())


def each(names=NAMES):
    """These recipes for `pytest.mark.parametrize`: one for each objective by
    default, the others marked slow."""
    return [
        name if name in first(tuple(names))
        else pytest.param(name, marks=pytest.mark.slow)
        for name in names
    ]


def few(names=NAMES):
    """As `each`, of a test that takes seconds on each: by default the three
    smallest of those, or fewer."""
    quick = sorted(first(tuple(names)), key=lambda n: (parameters(n), n))[:3]
    return [
        name if name in quick else pytest.param(name, marks=pytest.mark.slow)
        for name in names
    ]


PUBLISHED = [name for name in NAMES if published(name)]
