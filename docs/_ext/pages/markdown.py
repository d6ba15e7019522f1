"""Markdown of texts that are written for a terminal."""

import re

# An address, or what is set between backticks, is left as it is.
_KEPT = re.compile(r"(https?://[^\s;,)]+|`[^`]+`)")


def plain(text):
    """A text in which nothing is markup but `code` and addresses."""
    parts = _KEPT.split(" ".join(str(text).split()))
    for i, part in enumerate(parts):
        if i % 2 == 0:
            parts[i] = re.sub(r"([\\*_\[\]<>$|~{}#])", r"\\\1", part)
        elif part.startswith("http"):
            parts[i] = f"<{part}>"
    return "".join(parts)


def code(text):
    """A text as code, also in a table's cell."""
    escaped = str(text).replace("|", r"\|")
    return f"`{escaped}`" if escaped else ""


def table(head, rows):
    """A table.

    Args:
        head: the columns' titles.
        rows: of cells, Markdown each.
    """
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def fenced(text, language=""):
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```\n"
