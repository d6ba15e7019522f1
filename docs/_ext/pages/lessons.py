"""A page for each lesson, from its module and its record, and one of all."""

import re
import textwrap

from keras_gen import lessons
from keras_gen.lessons import records
from pages import markdown
from pages.markdown import code, plain


def pages():
    """{file: text}"""
    found = {f"lessons/{name}.md": page(name) for name in lessons.names()}
    return {"lessons/index.md": overview()} | found


def overview():
    """All lessons, in their order."""
    lines = [
        "# Lessons", "",
        "What is said of generative models, shown within minutes by the "
        "objectives that all models here are trained by. `keras-gen lesson` "
        "lists them, `keras-gen lesson NAME` runs one; what was not shown "
        "is said, too.", "", "::::{grid} 1 2 2 3",
    ]
    lines += map(card, lessons.names())
    lines += ["::::", "", "```{toctree}", ":hidden:", "", *lessons.names(),
              "```"]
    return "\n".join(lines) + "\n"


def card(name):
    """A lesson's card on the page of all."""
    facts = lessons.facts(name)
    missing = "" if all(shown(name).values()) else "\n\n*Not shown here.*"
    return (
        f":::{{grid-item-card}} {plain(facts.title)}\n:link: {name}\n"
        f":link-type: doc\n:img-bottom: {name}.png\n\n"
        f"{plain(facts.claim)}{missing}\n:::"
    )


def shown(name):
    """{what must be seen: whether it was} of the recorded numbers."""
    return lessons.load(name).shown(records.read(name)["numbers"])


def page(name):
    """A lesson's page."""
    facts, record = lessons.facts(name), records.read(name)
    return "\n\n".join([
        f"# {plain(facts.title)}",
        f"> {plain(facts.claim)} (<{facts.paper}>)",
        paragraphs(facts.about),
        f"![{name}: the figure]({name}.png)",
        "## What was shown",
        "\n".join(
            f"- {'shown' if so else '**not shown**'}: {plain(says)}"
            for says, so in shown(name).items()
        ),
        markdown.table(
            ["number", "value"],
            [[code(key), f"{value:.4g}"] for key, value in
             record["numbers"].items()],
        ).rstrip(),
        f"Measured on {record['date']} in {record['seconds']:.0f} s "
        f"({plain(record['device'])}) by\n\n"
        + markdown.fenced(record["command"], "sh").rstrip(),
        f"## What to try\n\n{plain(facts.next)}",
        "## The lesson\n\n```{literalinclude} "
        f"../../keras_gen/lessons/{name}.py\n:language: python\n```",
    ]) + "\n"


def paragraphs(text):
    """A docstring's paragraphs as Markdown; those that are indented are
    code."""
    return "\n\n".join(
        markdown.fenced(textwrap.dedent(part)).rstrip()
        if part.startswith("    ") else plain(part)
        for part in re.split(r"\n{2,}", text)
    )
