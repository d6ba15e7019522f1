"""The house: rooms of the package, and that imports go downwards only."""

import ast
import graphlib
import pathlib
import re

import pytest

from check import TESTS

PACKAGE = TESTS.parent / "keras_gen"

# From the top: a room, a package or module of keras_gen, imports those of the
# floors below its own and no other. CONTRIBUTING.md draws the same.
FLOORS = [
    ["__main__"],
    ["cli"],
    ["serving", "play", "sharing"],
    ["training", "lessons"],
    ["evaluation", "explore"],
    ["zoo"],
    ["objectives"],
    ["data"],
    ["values"],
    ["export"],
    ["networks", "penalties"],
    ["layers", "optimizers", "terms", "metrics"],
    ["backend", "interpolation", "plot", "augmentation"],
    ["compression"],
    ["losses"],
    ["accepted"],
    [
        "atomic", "abilities", "arrays", "seeds", "printing", "registered",
        "terminal",
    ],
    ["errors", "importing"],
]
# What imports upwards all the same, and why: {(room, room): reason}.
EXCEPTIONS: dict = {
    ("", "registered"): "Keras must know the names in .keras files",
}


def modules():
    """Every module of the package: dict from full name to path."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(p for p in parts if p != "__init__")] = path
    return found


def imports(path, known):
    """Modules of the package that a file imports, also inside functions:
    list of (name, line)."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(a.name, node.lineno) for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno} imports relatively"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                found.append(
                    (full if full in known else node.module, node.lineno)
                )
    return [x for x in found if x[0].split(".")[0] == "keras_gen"]


def room(module):
    """"networks" of "keras_gen.networks.dcgan"; of the package itself, ""."""
    return module.partition(".")[2].partition(".")[0]


def height(name):
    (floor,) = [i for i, rooms in enumerate(FLOORS[::-1]) if name in rooms]
    return floor


def test_every_room_has_a_floor():
    there = {room(m) for m in modules()} - {""}
    assert there == {name for rooms in FLOORS for name in rooms}


def test_imports_go_down():
    known = modules()
    wrong, used = [], set()
    for module, path in known.items():
        here = room(module)
        for imported, line in imports(path, known):
            there = room(imported)
            # The package's own __init__ has the errors' class only.
            if here == there or (not here and there == "errors"):
                continue
            assert there, f"{module} imports keras_gen, which is all rooms"
            if here and height(there) < height(here):
                continue
            if (here, there) in EXCEPTIONS:
                used.add((here, there))
                continue
            where = path.relative_to(PACKAGE.parent)
            wrong.append(f"{where}:{line}: {here or 'keras_gen'} -> {there}")
    assert not wrong, "imports that do not go down:\n" + "\n".join(wrong)
    assert used == set(EXCEPTIONS), "an exception that nothing needs"


@pytest.mark.parametrize("name", sorted({room(m) for m in modules()} - {""}))
def test_no_circle_within_a_room(name):
    known = modules()
    graph = {
        module: {
            imported for imported, _ in imports(path, known)
            # A package's __init__ gathers its modules.
            if room(imported) == name and imported != f"keras_gen.{name}"
        }
        for module, path in known.items() if room(module) == name
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail(f"modules that import each other: {error.args[1]}")


def drawn():
    """The floors as CONTRIBUTING.md draws them."""
    text = pathlib.Path(TESTS.parent / "CONTRIBUTING.md").read_text("utf-8")
    house = re.search(r"^```house\n(.*?)^```", text, re.M | re.S)
    assert house, "CONTRIBUTING.md has no ```house"
    # A floor's line begins with its rooms; one of spaces continues the last.
    lines = [x for x in house[1].splitlines() if not x.startswith(" ")]
    return [re.split(r"\s{2,}", line)[0].split() for line in lines]


def test_contributing_draws_this_house():
    assert drawn() == FLOORS


def test_the_checks_see_what_they_forbid(tmp_path):
    file = tmp_path / "upwards.py"
    file.write_text(
        "def late():\n    from keras_gen import zoo\n"
        "    from keras_gen.cli.list import names\n    import keras_gen.plot\n"
        "    from keras import ops\n"
    )
    known = modules()
    assert imports(file, known) == [
        ("keras_gen.zoo", 2), ("keras_gen.cli.list", 3), ("keras_gen.plot", 4)
    ]
    assert height("zoo") > height("networks") > height("errors")
