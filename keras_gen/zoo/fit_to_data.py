"""Fits a recipe's networks to other data than its own."""

from keras_gen import data

_CHANNELS = ("channels", "channels_in", "channels_out", "condition_channels")


def follow(recipe, changes):
    """What else must change in a recipe with the data.

    Data from another source brings its number of channels (1 where every
    picture is grey, else 3) and its classes. Wherever the recipe's objective
    and networks repeat the old size, channels, number of classes or their
    names, they follow.

    Args:
        recipe: the `Recipe` without the changes.
        changes: dict from dotted keys to values, as `Recipe.override` takes
            it. What it sets is left as it is.

    Returns:
        Dict of more such changes, empty where nothing has to follow.

    Raises:
        InputError: there is no such data, or not of the recipe's kind.
    """
    old = recipe["data"]
    new = recipe.override(changes)["data"]
    channels, classes = new["channels"], ()
    found = {}
    if "data.source" in changes:
        # All that the kind takes: how a source is read says what is in it.
        own, classes = data.properties(**{
            key: value for key, value in new.items()
            if key not in ("batch_size", "flip")
        })
        if own and "data.channels" not in changes:
            channels = own
            found["data.channels"] = own
    for table in ("objective", "networks"):
        for key, value in _leaves(recipe[table], table):
            name = key.rpartition(".")[2]
            if name == "size" and value == old["size"]:
                found[key] = new["size"]
            elif name in _CHANNELS and value == old["channels"]:
                found[key] = channels
            elif name == "classes" and classes:
                found[key] = _classes(value, classes)
            elif name == "image_shape":
                found[key] = [new["size"], new["size"], channels]
    before = dict(_leaves(recipe.values, ""))
    return {
        key: value for key, value in found.items()
        if key not in changes and before.get(key) != value
    }


def _classes(old, classes):
    """The classes, as many or by name as in the old value. Names that only
    count replace none."""
    if not isinstance(old, list):
        return len(classes)
    counted = list(classes) == [str(i) for i in range(len(classes))]
    return old if counted and len(old) == len(classes) else list(classes)


def _leaves(table, prefix):
    """(dotted key, value) for all values of nested tables."""
    for key, value in table.items():
        dotted = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict):
            yield from _leaves(value, dotted)
        else:
            yield dotted, value
