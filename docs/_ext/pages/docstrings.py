"""What docstrings say of arguments: their section Args."""

import inspect
import re

_EMPTY = inspect.Parameter.empty


def arguments(code):
    """The arguments of a class, bases' included, or of a function.

    Returns:
        {name: (type, default, meaning)}, text each; "" where there is none.
    """
    chain = [code]
    if inspect.isclass(code):
        chain = [
            c for c in inspect.getmro(code)
            if c.__module__.startswith("keras_gen")
        ]
    found, said = {}, {}
    for each in chain:
        own = vars(each).get("__init__") if inspect.isclass(each) else each
        for name, parameter in parameters(own).items():
            found.setdefault(name, told(parameter))
        for name, text in (meanings(own) | meanings(each)).items():
            # A base's own words stand for "see `Base`" of who passes it on.
            if not text.startswith("see "):
                said.setdefault(name, text)
    return {k: (*v, said.get(k, "")) for k, v in found.items()}


def parameters(function):
    """{name: inspect.Parameter} of what is given by name."""
    if function is None:
        return {}
    return {
        name: parameter for name, parameter
        in inspect.signature(function).parameters.items()
        if parameter.kind in
        (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
        and name != "self"
    }


def told(parameter):
    """(type, default) of a parameter."""
    default = parameter.default
    return hint(parameter.annotation), (
        "" if default is _EMPTY else repr(default)
    )


def hint(annotation):
    """A type hint as it is written."""
    if annotation is _EMPTY:
        return ""
    if isinstance(annotation, str):
        return annotation
    shown = inspect.formatannotation(annotation)
    shown = re.sub(r"keras\.src\.models\.\w+\.Model", "keras.Model", shown)
    # Of other types the last part of the name says enough.
    return re.sub(r"\b(?!keras\.Model)(?:\w+\.)+(?=[A-Z])", "", shown)


def meanings(documented):
    """{argument: meaning} of a docstring's section Args."""
    text = inspect.getdoc(documented) or ""
    section = re.search(r"^Args:\n((?:[ ].*\n?|\n)*)", text, re.M)
    found = {}
    for entry in re.split(r"^ {4}(?=\S)", section[1] if section else "",
                          flags=re.M):
        names, colon, meaning = entry.partition(":")
        if colon and re.fullmatch(r"[\w,\s]+", names):
            for name in re.split(r",\s*", names.strip()):
                found[name] = " ".join(meaning.split())
    return found
