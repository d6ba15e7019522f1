"""TOML documents from nested dicts: what `tomllib` reads, written."""

import re

# Columns of a line; what has no place to be broken is longer.
WIDTH = 98


def text(values, prefix="", inline=False):
    """Nested dicts as a document: plain keys, then tables. A table that fits
    into a line is one; a list of dicts becomes an array of tables, in which a
    dict is a line. Long texts and lists are broken between words and values.

    Args:
        values: dict from str to bool, int, float, str, list or dict.
        prefix: of the names of its tables, "a.b.".
        inline: whether dicts among the values are lines, not tables.
    """
    lines, tables = [], []
    for key, value in values.items():
        name = _key(key)
        if inline or not _is_table(value) or _fits(name, value):
            lines.append(f"{name} = {_broken(value, len(name) + 3)}\n")
        elif isinstance(value, list):
            for row in value:
                tables.append(f"\n[[{prefix}{name}]]\n")
                tables.append(text(row, inline=True))
        else:
            inner = text(value, f"{prefix}{name}.")
            # A table of tables only is there without a line of its own.
            if not inner.startswith("\n["):
                tables.append(f"\n[{prefix}{name}]\n")
            tables.append(inner)
    return "".join(lines + tables)


def _is_table(value):
    rows = isinstance(value, list) and value and type(value[0]) is dict
    return isinstance(value, dict) or bool(rows)


def _fits(name, value):
    return isinstance(value, dict) and (
        len(name) + 3 + len(_value(value)) <= WIDTH
    )


def _key(key):
    bare = key.isascii() and key.replace("_", "").isalnum()
    return key if bare else _value(key)


def _broken(value, begun):
    """A value that follows `begun` columns of its line, in several lines
    where it must be and can be."""
    written = _value(value)
    if begun + len(written) <= WIDTH:
        return written
    if isinstance(value, list) and not _is_table(value):
        items = [f"{_value(item)}, " for item in value]
        lines = [f"    {line.rstrip()}\n" for line in _filled(items, 4)]
        return f"[\n{''.join(lines)}]"
    if isinstance(value, str) and (
        "\n" not in value and not value[:1].isspace()
    ):
        words = re.findall(r"\S+\s*", written[1:-1])
        # The backslash takes the line's end, and white space after it, away.
        lines = _filled(words, 4, begun)
        return '"""' + "\\\n".join(lines) + '"""'
    return written


def _filled(pieces, taken, begun=0):
    """Lines of pieces, with `taken` columns of each for something else, and
    `begun` columns of the first."""
    lines, room = [""], WIDTH - taken - begun
    for piece in pieces:
        if lines[-1] and len(lines[-1] + piece) > room:
            lines.append("")
            room = WIDTH - taken
        lines[-1] += piece
    return lines


def _value(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        # What no UTF-8 has, as of names of files: ? stands for it.
        value = value.encode("utf-8", "replace").decode("utf-8")
        if "\n" in value and "'''" not in value:
            return f"'''\n{value}'''"
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, dict):
        pairs = (f"{_key(k)} = {_value(v)}" for k, v in value.items())
        return "{" + ", ".join(pairs) + "}"
    return repr(value)
