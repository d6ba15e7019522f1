"""Pictures and what should be made of them: `input` and `target`.

The inputs are read, or made of the targets when they are asked for: see
`keras_gen.data.derived`.
"""

import dataclasses

from keras_gen.data import derived, kinds
from keras_gen.data.arguments import (
    BITS,
    DIRECTION,
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


KIND = Pairs()
