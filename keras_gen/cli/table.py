"""keras-gen table: docs/results.md, the table of results, from the records in
zoo/."""

import re

from keras_gen import atomic
from keras_gen.errors import InputError

_BEGIN, _END = "<!-- keras-gen table -->", "<!-- end of the table -->"
EXAMPLES = (
    "keras-gen table --check",
)


def add_arguments(parser):
    """The flags of `keras-gen table`."""
    parser.add_argument(
        "--check", action="store_true",
        help="write nothing; exit code 2 when the table is another",
    )


def run(options):
    """Regenerates the table, or checks it."""
    from keras_gen import zoo

    page = zoo.home() / "docs" / "results.md"
    if not page.is_file():
        raise InputError(
            f"there is no {page}: the table is part of a checkout"
        )
    text = page.read_text("utf-8")
    new = replaced(text, table())
    if options.check:
        if new != text:
            raise InputError(
                f"the table in {page} is not that of zoo/: run keras-gen "
                "table"
            )
    elif new != text:
        with atomic.replacing(page) as aside:
            aside.write_text(new, "utf-8")
    print(f"{page}: {'up to date' if new == text else 'written'}")


def table():
    """The table of all published recipes with records."""
    from keras_gen import evaluation, zoo
    from keras_gen.evaluation import tables
    from keras_gen.zoo import results

    models = []
    for name in zoo.names():
        recipe = zoo.recipe(name)
        records = results.flat(recipe.values.get("results", ()))
        kind = recipe.code("objective", recipe["objective"]["class"])
        headline = {
            metric for protocol in evaluation.protocols.of(kind)
            for metric in protocol.HEADLINE
        }
        if records and recipe.values.get("weights"):
            records = [evaluation.Record(**row) for row in records]
            models.append((recipe, headline, records))
    return f"{tables.markdown(models)}\n{tables.legend()}"


def replaced(text, table):
    """A page's text with the table between its two marks."""
    pattern = re.compile(f"{_BEGIN}\n.*?{_END}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise InputError(
            f"the page needs the lines {_BEGIN!r} and {_END!r} once each, "
            "in that order"
        )
    return pattern.sub(lambda _: f"{_BEGIN}\n{table}{_END}", text)
