"""The reference of the public names, from their docstrings."""

import importlib
import inspect
import re

import keras_gen

# What a module is for beside what it names.
_BESIDE = {
    "export": {
        "keras_gen.export.saved_model": ["write", "versions"],
        "keras_gen.export.onnx_litert": ["write"],
    },
    "objectives": {
        "keras_gen.objectives.base.objective": ["Objective", "training_step"],
        "keras_gen.abilities": [
            "DrawsLatents", "Encodes", "HasLikelihood", "Predicts",
            "TakesLabels", "Translates",
        ],
    },
    "training": {"keras_gen.training.trainer": ["run"]},
}
_SECTIONS = (
    "Args", "Returns", "Raises", "Yields", "Attributes",
)


def pages():
    """{file: text}"""
    found = {
        f"reference/api/{name}.md": page(name) for name in keras_gen.__all__
        if name != "InputError"
    }
    return {"reference/api/index.md": overview()} | found


def exported(module):
    """{"module:name": what} a module offers: what its `__all__` names, or else
    what is defined in it; of the modules among these what they offer."""
    names = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items()
        if not name.startswith("_")
        and getattr(value, "__module__", None) == module.__name__
    ]
    found = {}
    for name in names:
        value = getattr(module, name)
        inner = exported(value) if inspect.ismodule(value) else {name: value}
        found |= {f"{module.__name__}:{n}": v for n, v in inner.items()}
    return found


def offered(name):
    """{module: {name: what}} of one of keras_gen's public modules, itself
    first."""
    whole = getattr(keras_gen, name)
    found = {whole.__name__: {}}
    for full, value in exported(whole).items():
        # "a:a.b:name" is of the last of the modules.
        *modules, attribute = full.split(":")
        found.setdefault(modules[-1], {})[attribute] = value
    for module, names in _BESIDE.get(name, {}).items():
        inner = importlib.import_module(module)
        found[module] = {each: getattr(inner, each) for each in names}
    return found


def overview():
    """What there is to import."""
    rows = keras_gen.__doc__.partition("What a user calls:")[2]
    lines = [
        "# Python", "", "`import keras_gen` gives:", "",
    ]
    for line in filter(str.strip, rows.splitlines()):
        name, _, what = line.strip().partition(" ")
        shown = f"`{name}`" if name == "InputError" else f"[{name}]({name}.md)"
        lines.append(f"- {shown}: {what.strip()}")
    lines += [
        "", "```{eval-rst}", ".. autoexception:: keras_gen.InputError", "```",
        "", "```{toctree}", ":hidden:", "", *sorted(
            n for n in keras_gen.__all__ if n != "InputError"
        ), "```",
    ]
    return "\n".join(lines) + "\n"


def page(name):
    """The reference of one module."""
    lines = [f"# keras_gen.{name}", "", "```{eval-rst}"]
    for where, values in offered(name).items():
        if where != f"keras_gen.{name}":
            lines += [f".. rubric:: {where}", ""]
        lines += [f".. automodule:: {where}", "   :no-members:", ""]
        for attribute, value in values.items():
            lines += entry(f"{where}.{attribute}", value)
    return "\n".join([*lines, "```"]) + "\n"


def entry(name, value):
    """The lines that show a public name."""
    if inspect.isclass(value):
        return [f".. autoclass:: {name}", "   :members:", ""]
    if callable(value):
        return [f".. autofunction:: {name}", ""]
    shown = repr(value)
    known = [f"   :value: {shown}"] if len(shown) < 70 else []
    return [f".. py:data:: {name}", *known, ""]


# -- what Sphinx asks ------------------------------------------------------


def skip(app, what, name, value, skipped, options):
    """Class attributes that are plain values have no docstring of their
    own."""
    plain = isinstance(value, (dict, list, tuple, str, int, float, type(None)))
    return True if plain else None


def as_rst(app, what, name, value, options, lines):
    """Docstrings are text: nothing in them is markup but `names`, sections
    and examples, which are indented."""
    found, literal = [], False
    for i, line in enumerate(lines):
        indented = line.startswith("    ")
        before = lines[i - 1] if i else ""
        if line.rstrip() in ("Example:", "Examples:"):
            found += [f"{line.rstrip()}:", ""]
            literal = True
            continue
        if indented and not before.strip() and not literal and begins(lines, i):
            found += ["::", ""]
            literal = True
        elif line.strip() and not indented:
            literal = False
        found.append(line if literal else escaped(line))
    lines[:] = found


def begins(lines, i):
    """Whether an indented line after an empty one is code: not where a
    section goes on."""
    above = next(
        (x for x in reversed(lines[:i]) if x.strip() and x[0] != " "), ""
    )
    return above.rstrip(": ") not in _SECTIONS


def escaped(line):
    """A line in which bars and stars are themselves."""
    parts = re.split(r"(`[^`]*`)", line)
    return "".join(
        part if i % 2 else re.sub(r"([*|])", r"\\\1", part)
        for i, part in enumerate(parts)
    )
