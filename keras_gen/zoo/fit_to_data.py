"""Fits a recipe's networks to other data than its own."""

import contextlib
from typing import NamedTuple

from keras_gen import data
from keras_gen.data import kinds
from keras_gen.errors import InputError

# What networks call the channels of a pair's two pictures.
_OF_INPUT = ("channels_in", "condition_channels")
_OF_TARGET = ("channels", "channels_out")
# What a recipe that lacks a key has in its place.
_ABSENT = {"objective.class_names": []}
# What a starter's networks, by their module, can be made for; more pixels are
# for more than two cores, and perceptrons learn nothing good of them.
_SIZES = {
    "mlp": (8, 16, 28, 32),
    "dcgan": (16, 28, 32, 56, 64),
    "resnet_gan": (16, 28, 32, 56, 64),
    "conv_vae": (16, 28, 32, 56, 64),
    "classifier": (16, 28, 32, 56, 64),
    "unet": (16, 32, 64, 128, 256),
    "resnet_translator": (16, 32, 64, 96, 128),
    "srgan": (32, 64, 96),
}


class OwnSize(NamedTuple):
    """A size that data have chosen.

    Attributes:
        pixels: of a side.
        why: in words.
    """

    pixels: int
    why: str


def own_size(recipe, changes):
    """The size that a starter trains data of one's own at: the largest of
    those that its networks learn in sensible time which nine in ten of the
    pictures have.

    Args:
        recipe, changes: as of `follow`.

    Returns:
        OwnSize; None where the recipe's, or what is set, is right: of data
        that are no pictures, of recipes for certain data, and of those that
        grow in stages.

    Raises:
        InputError: there is no such data, or not of the recipe's kind.
    """
    table = recipe["data"]
    chosen = recipe.override(changes)["data"]
    networks = [
        value["function"].partition(":")[0].rpartition(".")[2]
        for value in recipe["networks"].values() if isinstance(value, dict)
    ]
    sizes = next((_SIZES[name] for name in networks if name in _SIZES), None)
    if (
        "data.source" not in changes or sizes is None
        or any(key.rpartition(".")[2] == "size" for key in changes)
        or "stages" in recipe.values or not data.built_in(table["source"])
    ):
        return None
    sides = data.short_sides(**_source(chosen))
    if sides is None:
        return None
    # One small picture among many does not count.
    side = sides[len(sides) // 10] - chosen.get("crop", 0)
    pixels = max((s for s in sizes if s <= side), default=min(sizes))
    shown = f"{', '.join(map(str, sizes[:-1]))} or {sizes[-1]}"
    return OwnSize(pixels, f"{pixels} px, " + (
        f"the largest of {shown} that 9 of 10 pictures have"
        if pixels <= side else
        f"the smallest of {shown}, larger than the pictures: they are enlarged"
    ))


def follow(recipe, changes):
    """What else must change in a recipe with the data.

    Data from another source brings its number of channels (1 where every
    picture is grey, else 3, or what its files have; but a recipe that borrows
    networks keeps its own, and reads grey as colour), the range of numbers
    whose type says none, and its classes; pictures of 16 bits are what is
    made then. Wherever the recipe's objective and networks repeat the old
    size, channels, frames, number of classes or their names, they follow; of
    data without one of these nothing does. Where inputs of another source
    have not the colours of the recipe's labels they are no pictures of labels.
    A network's own labels are those that the data are given, or none.
    A recipe with a number of classes alone gets the names of its own data's.

    Args:
        recipe: the `Recipe`, or `Draft`, without the changes.
        changes: dict from dotted keys to values, as `Recipe.override` takes
            it. What it sets is left as it is.

    Returns:
        Dict of more such changes, empty where nothing has to follow.

    Raises:
        InputError: there is no such data, or not of the recipe's kind.
    """
    new = recipe.override(changes)["data"]
    found = _lost_labels(changes, new)
    new = new | {key.removeprefix("data."): v for key, v in found.items()}
    old, wanted = _arguments(recipe["data"]), _arguments(new)
    channels, classes = wanted.get("channels"), ()
    if "data.source" in changes:
        own, classes = data.properties(**_source(new))
        span = data.assumed_range(**_source(new))
        if span and "data.range" not in changes:
            found["data.range"] = _listed(span)
        names = _names(recipe)
        if _of_same_data(recipe, changes) and _counted(classes) and (
            len(names) == len(classes)
        ):
            classes = tuple(names)
        # Arrays of points, say, have neither grey nor colour; and networks
        # that are borrowed see what they were trained on.
        if "channels" not in wanted or "frozen" in recipe.values:
            own = None
        if own and "data.channels" not in changes:
            channels = own
            found["data.channels"] = _listed(own)
    if wanted.get("bits", 8) != old.get("bits", 8):
        found["objective.makes"] = (
            "picture16" if wanted["bits"] == 16 else "picture"
        )
    given, made = _both(channels)
    old_given, old_made = _both(old.get("channels"))
    for table in ("objective", "networks"):
        for key, value in _leaves(recipe[table], table):
            name = key.rpartition(".")[2]
            if "size" in wanted and name == "size" and (
                _sides(value, old) == old.get("size")
            ):
                found[key] = _like(value, wanted["size"])
            elif name == "frames" and value == old.get("frames"):
                found[key] = wanted.get("frames", value)
            elif name in _OF_INPUT and value == old_given:
                found[key] = given or value
            elif name in _OF_TARGET and value == old_made:
                found[key] = made or value
            elif name == "classes" and classes:
                named = isinstance(value, list)
                found[key] = list(classes) if named else len(classes)
            elif name == "labels" and "data.source" in changes:
                # A network's own, of built-in data, which have no table.
                found[key] = found.get("data.labels", new.get("labels", []))
            elif name == "image_shape" and "size" in wanted:
                found[key] = [*wanted["size"], channels]
    if _takes_names(recipe):
        found |= _class_names(recipe, new, classes)
    before = dict(_leaves(recipe.values, ""))
    return {
        key: value for key, value in found.items()
        if key not in changes and before.get(key, _ABSENT.get(key)) != value
    }


def _both(channels):
    """(of the input, of the target)"""
    return channels if isinstance(channels, tuple) else (channels, channels)


def _listed(value):
    """Tuples as TOML has them."""
    if isinstance(value, tuple):
        return [_listed(each) for each in value]
    return value


def _arguments(table):
    """What the kind of a table of data takes, checked: a size is a tuple
    with a number for each axis."""
    kind = kinds.named(table["kind"])
    return kind.check({k: v for k, v in table.items() if k in kind.arguments})


def _sides(value, arguments):
    """A network's size as the data's: n is n in each direction."""
    if isinstance(value, list):
        return tuple(value)
    return (value,) * len(arguments.get("size", ()))


def _like(value, size):
    """A data's size as a network's was given: n, where all are alike."""
    alike = not isinstance(value, list) and len(set(size)) == 1
    return size[0] if alike else list(size)


def _source(table):
    """All of a table of data that says how its source is read."""
    return {
        key: value for key, value in table.items()
        if key not in ("batch_size", "flip")
    }


def _lost_labels(changes, table):
    """Other data's inputs are no pictures of a recipe's labels unless they
    have their colours: as a change, or none."""
    asked = "data.source" not in changes or "data.labels" in changes
    if asked or not table.get("labels"):
        return {}
    if not data.built_in(table["source"]):
        # What cannot be read is told where more is known of it.
        with contextlib.suppress(InputError):
            if data.shows_labels(**_source(table)):
                return {}
    return {"data.labels": []}


def _class_names(recipe, table, classes):
    """The names of the classes of other data as a change; or, of a recipe
    with a number of them alone, those of its own data."""
    objective = recipe["objective"]
    if not classes and "class_names" not in objective:
        _, classes = data.properties(**_source(table))
        classes = classes if len(classes) == objective["classes"] else ()
    if not classes:
        return {}
    names = [] if _counted(classes) else list(classes)
    return {"objective.class_names": names}


def _counted(names):
    """Whether the names of classes only count: an array's have no others."""
    return list(names) == [str(i) for i in range(len(names))]


def _names(recipe):
    """The names of the classes that a recipe has, or none."""
    table = recipe["objective"]
    names = table.get("class_names", table.get("classes"))
    return names if isinstance(names, list) else []


def _of_same_data(recipe, changes):
    """Whether another source may be the recipe's own data, which come from
    elsewhere, as fashion_mnist does: what is built in is nowhere else."""
    return not data.built_in(recipe["data"]["source"]) or (
        changes["data.source"] == recipe["data"]["source"]
    )


def _takes_names(recipe):
    """Whether the objective has a number of classes that may have names."""
    table = recipe["objective"]
    if not isinstance(table.get("classes"), int) or not table["classes"]:
        return False
    takes = recipe.takes("objective", table["class"])
    return takes is not None and "class_names" in takes


def _leaves(table, prefix):
    """(dotted key, value) for all values of nested tables, also in lists,
    as `Recipe.override` counts them."""
    for key, value in table.items():
        dotted = f"{prefix}.{key}" if prefix else key
        if isinstance(value, list) and value and isinstance(value[0], dict):
            value = {str(i): entry for i, entry in enumerate(value)}
        if isinstance(value, dict):
            yield from _leaves(value, dotted)
        else:
            yield dotted, value
