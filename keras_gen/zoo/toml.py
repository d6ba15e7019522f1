"""TOML documents from nested dicts: what `tomllib` reads, written."""


def text(values, prefix="", inline=False):
    """Nested dicts as a document: plain keys, then tables. A list of dicts
    becomes an array of tables, in which a dict is a line.

    Args:
        values: dict from str to bool, int, float, str, list or dict.
        prefix: of the names of its tables, "a.b.".
        inline: whether dicts among the values are lines, not tables.
    """
    lines, tables = [], []
    for key, value in values.items():
        name = _key(key)
        rows = isinstance(value, list) and value and type(value[0]) is dict
        if inline or not (rows or isinstance(value, dict)):
            lines.append(f"{name} = {_value(value)}\n")
        elif rows:
            for row in value:
                tables.append(f"\n[[{prefix}{name}]]\n")
                tables.append(text(row, inline=True))
        else:
            tables.append(f"\n[{prefix}{name}]\n")
            tables.append(text(value, f"{prefix}{name}."))
    return "".join(lines + tables)


def _key(key):
    bare = key.isascii() and key.replace("_", "").isalnum()
    return key if bare else _value(key)


def _value(value):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
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
