"""Every key of a recipe: from `keras_gen.zoo.keys`, from the kinds of data,
and from the code that a recipe may name."""

import inspect

from keras_gen import (
    augmentation,
    data,
    networks,
    objectives,
    optimizers,
    penalties,
    terms,
)
from keras_gen.data import kinds
from keras_gen.zoo import keys
from pages import docstrings, markdown
from pages.markdown import code, plain


def pages():
    """{file: text}"""
    return {"reference/recipe.md": page()}


def page():
    """All keys."""
    return "\n\n".join([
        "# Recipe keys",
        "A recipe is a TOML file, `zoo/<name>.toml`; `--set table.key=value` "
        "changes any value of it for a run. Another key, or another type, is "
        "refused in one line.",
        "## The file", of(keys.TABLES),
        "## [train]", of(keys.TRAIN),
        "## [data]", of(keys.DATA),
        "Which of the following there are depends on the kind:",
        of_kinds(),
        "## [ema]", of(keys.EMA),
        "## [measure]",
        "Without a key it is as `keras-gen evaluate` has it.",
        of(keys.MEASURE),
        "## [frozen.NAME]", of(keys.FROZEN),
        *section("objective", "objective", classes(objectives)),
        *section(
            "objective.penalties and .generator_terms",
            "one of their entries", classes(penalties) | classes(terms),
        ),
        *section("objective.augment", "table", classes(augmentation)),
        *section("networks.NAME", "network", functions(networks)),
        *section("optimizers.PLAYER", "optimizer", classes(optimizers)),
        "All other optimizers, and learning-rate schedules as "
        "`[optimizers.PLAYER.learning_rate]`, are Keras': `class = "
        '"keras.optimizers:RMSprop"`, `"keras.optimizers.schedules:'
        'CosineDecay"`. `Adam` takes what `keras.optimizers.Adam` does.',
    ]) + "\n"


def of(known):
    """A table of `keys.Key`."""
    return markdown.table(
        ["key", "type", "default", "meaning"],
        [[
            code(name), key.type.__name__,
            "must be there" if key.required else
            written(key.default),
            plain(key.says),
        ] for name, key in known.items()],
    ).rstrip()


def written(default):
    """A default as a recipe would have it."""
    if default is None:
        return ""
    shown = str(default)
    return code(shown.lower() if isinstance(default, bool) else shown)


def of_kinds():
    """What the kinds of data take."""
    found = {}
    for kind in map(kinds.named, kinds.names()):
        for name, argument in kind.arguments.items():
            key = name, argument.says, written(argument.default)
            found.setdefault(key, []).append(kind.name)
    said = docstrings.meanings(data.load)
    return markdown.table(
        ["key", "value", "default", "kinds", "meaning"],
        [[
            code(name), plain(says), default, ", ".join(map(code, which)),
            plain(said[name]),
        ] for (name, says, default), which in sorted(found.items())],
    ).rstrip()


def section(table, what, named):
    """The arguments of what a table may name.

    Args:
        table: of the recipe.
        what: the table is called.
        named: {"module:name": class or function}
    """
    key = "function" if table.startswith("networks") else "class"
    yield f"## [{table}]"
    yield f"`{key}` is what the {what} is of; the other keys are its arguments."
    for reference, value in named.items():
        yield f"### {reference}"
        yield plain(inspect.getdoc(value).split("\n\n")[0])
        rows = [
            [code(name), code(hint), code(default), plain(meaning)]
            for name, (hint, default, meaning)
            in docstrings.arguments(value).items()
            # Those are tables of their own.
            if "keras.Model" not in hint
        ]
        if rows:
            yield markdown.table(
                ["key", "type", "default", "meaning"], rows
            ).rstrip()


def classes(module):
    """{"module:name": class} of a module's public classes."""
    return {
        f"{module.__name__}:{name}": value
        for name, value in vars(module).items()
        if inspect.isclass(value) and not name.startswith("_")
        and value.__module__.startswith(module.__name__)
        and value not in (terms.Round, terms.Term)
    }


def functions(package):
    """{"module:name": function} of the networks in a package's modules."""
    return {
        f"{module.__name__}:{name}": value
        for module in (getattr(package, n) for n in package.__all__)
        for name, value in vars(module).items()
        if inspect.isfunction(value) and not name.startswith("_")
        and value.__module__ == module.__name__
        and "keras.Model" in docstrings.hint(
            inspect.signature(value).return_annotation
        )
        # What is made of another network is no recipe's.
        and not any(
            "keras.Model" in hint
            for hint, *_ in docstrings.arguments(value).values()
        )
    }
