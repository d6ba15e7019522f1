"""Pictures and what should be made of them: `input` and `target`.

The inputs are read, or made of the targets when they are asked for: see
`keras_gen.data.derived`. Where `labels` gives colours, inputs are pictures of
labels: they have these colours alone, whatever JPEG made of them.
"""

import dataclasses

from keras_gen.data import derived, kinds
from keras_gen.data.arguments import (
    BITS,
    DIRECTION,
    LABELS,
    MANY_CHANNELS,
    OF_PICTURES,
    RANGE,
    Choice,
    Each,
    PerColumn,
)
from keras_gen.data.kind import Kind
from keras_gen.data.kinds.images import Picture
from keras_gen.data.sources import cuts, layouts
from keras_gen.errors import InputError

_COLUMNS = ("input", "target")


class Pairs(Kind):
    """See the head of this file."""

    columns = {"input": Picture(), "target": Picture()}
    arguments = OF_PICTURES | {
        "channels": Each(MANY_CHANNELS, _COLUMNS), "bits": BITS,
        "range": Each(RANGE, _COLUMNS),
        "direction": DIRECTION, "input": Choice(derived.names(), None),
        "labels": LABELS,
    }
    keys = (("input", "target"), ("a", "b"))
    asks = 60

    def check(self, given, beside=()):
        made = given.get("input")
        if made is not None and "direction" in given:
            raise InputError(
                f"direction is {given['direction']!r}, and input {made!r} is "
                "made of the target: leave out one of them"
            )
        checked = super().check(given, beside)
        if made is not None:
            _refuse_deep(made, checked)
            derived.shape(made, (*checked["size"], checked["channels"]))
        if checked["labels"]:
            _refuse_labels(checked)
        return checked

    def load(self, reader, source, split, arguments, seed):
        made = arguments["input"]
        if made is None:
            return super().load(reader, source, split, arguments, seed)
        found = kinds.named("images").load(
            reader, source, split, arguments, seed
        )
        return dataclasses.replace(
            found, columns={"target": found.columns["image"]},
            derived={"input": (made, "target")}, types=self.types,
        )

    def short_sides(self, reader, source, arguments):
        kind = "images" if arguments["input"] else self.name
        return reader.short_sides(source, kinds.named(kind), arguments)

    def properties(self, reader, source, arguments):
        kind = "images" if arguments["input"] else self.name
        return reader.properties(source, kinds.named(kind), arguments)

    def values_in(self, reader, source, arguments):
        kind = "images" if arguments["input"] else self.name
        return reader.values_in(source, kinds.named(kind), arguments)

    def layout(self, entries, split, source, arguments):
        direction, entries = arguments["direction"], layouts.sided(entries)
        share = arguments["validation"]
        if not layouts.sides_in(entries):
            chosen = cuts.choose(entries, split, "", source, share)
            return [layouts.side_by_side(chosen, direction)], ()
        return [layouts.by_name(
            entries, split, direction.split("to"), ("input", "target"),
            self.name, source, share,
        )], ()

    def wanted(self, arguments):
        if arguments["direction"] == "AtoB":
            return self.keys
        return tuple(names[::-1] for names in self.keys)

    def arranged(self, columns, arguments):
        if arguments["labels"]:
            raise InputError(
                "labels are for files and arrays: what is built in has its "
                "colours alone; leave labels out"
            )
        if arguments["direction"] == "AtoB":
            return columns
        return {"input": columns["target"], "target": columns["input"]}


def _refuse_deep(made, arguments):
    """InputError for what is not made of pictures of 8 bits."""
    deep = arguments["bits"] != 8 or arguments["channels"] not in (1, 3)
    if deep or isinstance(arguments["range"], PerColumn):
        raise InputError(
            f"input {made!r} is made of targets of 8 bits, 1 or 3 channels "
            "and one range; leave input out, and give both pictures"
        )


def _refuse_labels(arguments):
    """InputError where inputs cannot be pictures of labels."""
    (first, *_), _ = arguments["labels"]
    channels = arguments["channels"]
    if isinstance(channels, PerColumn):
        channels = channels[0]
    if len(first) != channels:
        raise InputError(
            f"labels has colours of {len(first)} numbers, such as "
            f"{list(first)}, and channels says {channels} for the input; give "
            "as many"
        )
    whole = arguments["bits"] == 8 and arguments["range"] is None
    if arguments["input"] or not whole:
        raise InputError(
            "labels are colours that inputs of 8 bits have in their files; "
            "leave out input, range and bits"
        )


KIND = Pairs()
