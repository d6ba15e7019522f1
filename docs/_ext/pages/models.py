"""A page for each model of the zoo, from its recipe, its record and its
pictures, and one of all, by objective."""

import functools
import inspect

from keras_gen import evaluation, objectives, zoo
from keras_gen.cli import show
from keras_gen.evaluation import tables
from keras_gen.zoo import results, truncation, weights
from pages import markdown
from pages.markdown import plain

# Told in words of their own below.
_ELSEWHERE = ("measured", "trained", "parameters")
_PICTURES = ("samples.gif", "samples.png")


def pages():
    """{file: text}"""
    found = {f"models/{name}.md": page(name) for name in zoo.names()}
    return {"models/index.md": overview()} | found


@functools.cache
def document(name):
    """A recipe with its record, nested dicts."""
    return weights.document(weights.recipe_file(name))


def objective(name):
    """The name of a model's objective, by which models are grouped."""
    return document(name)["objective"]["class"].partition(":")[2]


def families():
    """{objective: names of its models}, in the order of `objectives`."""
    return {
        family: [n for n in zoo.names() if objective(n) == family]
        for family in objectives.__all__
    }


def pictures(name):
    """Files of a model's pictures, below saved_models/."""
    folder = zoo.home() / "saved_models" / name
    there = sorted(p.name for p in folder.glob("*.[pg][ni][gf]"))
    # The samples first, and those that move alone.
    first = next((n for n in _PICTURES if n in there), None)
    rest = [n for n in there if n not in _PICTURES]
    return [first, *rest] if first else rest


def first_line(documented):
    """The first sentence of a docstring, or its first paragraph."""
    return inspect.getdoc(documented).split("\n\n")[0]


# -- one page of all -----------------------------------------------------


def overview():
    """All models, by objective."""
    lines = [
        "# All models", "",
        "Grouped by objective, the training scheme. `keras-gen list` shows "
        "the same; all numbers stand in one table in [Results](../results.md).",
        "",
    ]
    for family, names in families().items():
        if names:
            about = plain(first_line(getattr(objectives, family)))
            lines += [f"## {family}", "", about, "", "::::{grid} 1 2 3 3"]
            lines += map(card, names)
            lines += ["::::", ""]
    lines += ["```{toctree}", ":hidden:", "", *zoo.names(), "```"]
    return "\n".join(lines) + "\n"


def card(name):
    """A model's card on the page of all."""
    values = document(name)
    shown = pictures(name)[:1]
    top = "".join(
        f":img-top: ../../saved_models/{name}/{file}\n" for file in shown
    )
    why = values.get("unpublished")
    return (
        f":::{{grid-item-card}} {name}\n:link: {name}\n:link-type: doc\n"
        f"{top}\n{plain(values['summary'])}"
        + (f"\n\n*No weights: {plain(why)}.*" if why else "") + "\n:::"
    )


# -- one page of each ----------------------------------------------------


def page(name):
    """A model's page."""
    values = document(name)
    parts = [
        f"# {name}",
        f"{plain(values['summary'])}. Objective: "
        f"{{py:class}}`~keras_gen.objectives.{objective(name)}`. Paper: "
        f"<{values['paper']}>.",
        *(f"![{name}: {file}](../../saved_models/{name}/{file})"
          for file in pictures(name)),
        *use(name, values), *card_text(values), *numbers(values),
        *reproduce(values),
        f"## The recipe\n\n```{{literalinclude}} ../../zoo/{name}.toml\n"
        ":language: toml\n```",
    ]
    return "\n\n".join(parts) + "\n"


def use(name, values):
    """How it is loaded, or why it cannot be."""
    if "unpublished" in values:
        why = plain(values["unpublished"])
        yield f"There are no weights: {why}. The recipe trains it."
        return
    yield markdown.fenced(
        f'import keras_gen\n\nmodel = keras_gen.zoo.load("{name}")', "python"
    ).rstrip()
    counts = values["parameters"]
    yield markdown.table(
        ["network", "parameters"],
        [[network, f"{counts[network]:,}"] for network in values["weights"]],
    ).rstrip()


def card_text(values):
    """What the card says in words."""
    yield "## The card"
    limit = truncation.limit(values.get("results", ()))
    yield "\n\n".join(
        f"**{title.capitalize()}**: {plain(text)}." for title, text in (
            *((k, v) for k, v in values["card"].items() if k not in
              _ELSEWHERE),
            *([("truncation", limit["says"])] if limit else ()),
        )
    )


def numbers(values):
    """The table of all that was measured."""
    records = [
        evaluation.Record(**row)
        for row in results.flat(values.get("results", ()))
    ]
    if not records:
        return
    rows = tables.rows(records, {r.metric for r in records})
    yield "## Measured"
    yield markdown.table(
        ["metric", "model", "over seeds", "floor and ceiling"],
        [[plain(cell) for cell in row] for row in rows],
    ).rstrip()
    yield (
        "Floor and ceiling are the same numbers of real items and of what "
        "anyone fits in a minute ([Results](../results.md)). They depend on:"
    )
    told = tables.circumstances([r for r in records if not r.over])
    yield "\n".join(f"- {plain(line)}" for line in told)


def reproduce(values):
    """The commands that trained and measured it, and those for a user."""
    name, made = values["name"], values["card"]
    yield "## How to reproduce"
    data = values["data"]["source"]
    lines = [f"keras-gen train --model={name}", f"keras-gen evaluate {name}"]
    yield markdown.fenced("\n".join(lines), "sh").rstrip()
    yield f"Its data are `{data}`" + (
        ", which keras_gen draws itself." if data == "shapes" else
        "; `--data=FOLDER` says where you have them."
    )
    told = dict(show.card(values))
    for key in ("trained", "measured"):
        if key in made:
            command = made[key]["command"]
            rest = told[key].replace(command, "", 1).strip(", ")
            yield f"{key.capitalize()} by\n\n" + markdown.fenced(
                command, "sh"
            ) + f"\n{plain(rest)}."
