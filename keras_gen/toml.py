"""TOML documents from nested dicts: what `tomllib` reads, written."""


def text(values, prefix=""):
    """Nested dicts as a document: plain keys, then tables. A list of dicts
    becomes an array of tables.

    Args:
        values: dict from str to bool, int, float, str, list or dict.
        prefix: of the names of its tables, "a.b.".
    """
    lines, tables = [], []
    for key, value in values.items():
        name = key if key.replace("_", "").isalnum() else _value(key)
        if isinstance(value, dict):
            tables.append(f"\n[{prefix}{name}]\n")
            tables.append(text(value, f"{prefix}{name}."))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for row in value:
                tables.append(f"\n[[{prefix}{name}]]\n")
                tables.append(text(row, f"{prefix}{name}."))
        else:
            lines.append(f"{name} = {_value(value)}\n")
    return "".join(lines + tables)


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
    return repr(value)
