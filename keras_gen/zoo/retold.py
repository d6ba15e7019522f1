"""What is told of a run that is not its recipe's own."""

import dataclasses
import os
import re

# What only says how, not of what, may differ from the published training.
_HOW = ("train.", "data.batch_size")


def told_anew(recipe, own):
    """A changed recipe with texts that hold for it: of other data, or another
    size, the summary says so, and in the card's place stands what is changed.

    Args:
        recipe: the `Recipe` to train.
        own: the one that it was made of.

    Returns:
        The `Recipe`; `recipe` itself where nothing that the texts are about
        has changed.
    """
    changed = [
        text for text in _differences(own.values, recipe.values)
        if not text.startswith(_HOW)
    ]
    if not changed:
        return recipe
    summary, source = own["summary"], recipe["data"]["source"]
    what, colon, how = summary.rpartition(": ")
    if source != own["data"]["source"]:
        # Where it lies on this machine is nobody's business.
        what = os.path.basename(os.path.normpath(source)) + _size(recipe)
        summary = f"{what}{colon or ': '}{how}"
    elif _size(recipe) != _size(own):
        summary = re.sub(r",? \d+ px", "", what) + _size(recipe) + colon + how
    card = {"recipe": own.name, "changes": "; ".join(changed)}
    return dataclasses.replace(
        recipe, values=recipe.values | {"summary": summary, "card": card}
    )


def _size(recipe):
    size = recipe["data"].get("size")
    if size is None:
        return ""
    shown = " x ".join(map(str, size)) if isinstance(size, list) else size
    unit = "voxels" if recipe["data"]["kind"] == "voxels" else "px"
    return f", {shown} {unit}"


def _differences(old, new, prefix=""):
    """"a.b = c" of each value that is another, or not there, in `old`."""
    found = []
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            found += _differences(before, value, f"{prefix}{key}.")
        elif value != before:
            found.append(f"{prefix}{key} = {value}")
    return found
