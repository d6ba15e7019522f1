"""keras-gen list: the published models."""

from keras_gen.cli import _json
from keras_gen.zoo import weights
from keras_gen.zoo.download import size

EXAMPLES = (
    "keras-gen list",
    "keras-gen list --json",
)


def add_arguments(parser):
    """The flags of `keras-gen list`."""
    _json.add(parser, "a table")


def run(options):
    """Prints a row for each recipe."""
    models = [
        row(weights.document(weights.recipe_file(name)))
        for name in weights.names()
    ]
    if options.json:
        _json.say({"models": models})
        return
    lines = [("name", "weights", "where", "what")] + [
        (
            model["name"], shown(model["bytes"], model["parameters"]),
            model["where"], model["summary"],
        )
        for model in models
    ]
    widths = [max(map(len, column)) for column in zip(*lines)]
    for name, room, where, what in lines:
        print(
            f"{name:<{widths[0]}}  {room:>{widths[1]}}  "
            f"{where:<{widths[2]}}  {what}"
        )


def shown(count, parameters):
    """The weights' size; about that, where they are not on this machine."""
    if count is None:
        return f"~{size(4 * parameters)}" if parameters else "-"
    return size(count)


def row(values):
    """What is known of a model.

    Args:
        values: the recipe's nested dicts.

    Returns:
        Dict with name, summary and paper; parameters, of all networks, 0 if
        unpublished; where, "here", "cache", "to fetch"
        if some of the weights are, or "unpublished"; unpublished, why, or
        None; bytes of all weights, None unless all are on this machine;
        weights, the same of each file.
    """
    files = [
        {
            "network": network, "where": where, "path": path and str(path),
            "bytes": path and path.stat().st_size,
        }
        for network, (where, path) in weights.found(values).items()
    ]
    places = {file["where"] for file in files}
    where = next(
        (w for w in ("to fetch", "cache", "here") if w in places),
        "unpublished",
    )
    counts = values.get("parameters", {})
    known = files and where != "to fetch"
    return {
        "name": values["name"], "summary": values["summary"],
        "paper": values["paper"], "where": where,
        "unpublished": values.get("unpublished"),
        "parameters": sum(counts.get(f["network"], 0) for f in files),
        "bytes": sum(f["bytes"] for f in files) if known else None,
        "weights": files,
    }
