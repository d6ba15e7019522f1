"""Pictures and what should be made of them: `input` and `target`.

The inputs are read, or made of the targets when they are asked for: see
`keras_gen.data.derived`.
"""

import dataclasses

from keras_gen.data import derived, kinds
from keras_gen.data.arguments import DIRECTION, OF_PICTURES, Choice
from keras_gen.data.kind import Kind
from keras_gen.data.kinds.images import Picture
from keras_gen.data.sources import layouts
from keras_gen.errors import InputError


class Pairs(Kind):
    """See the head of this file."""

    columns = {"input": Picture(), "target": Picture()}
    arguments = OF_PICTURES | {
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

    def layout(self, entries, split, source, arguments):
        direction = arguments["direction"]
        if not layouts.sides_in(entries):
            chosen = layouts.choose(entries, split, "", source)
            return [layouts.side_by_side(chosen, direction)], ()
        first, second = direction.split("to")
        rows = layouts.by_name(entries, split, (first, second), self.name,
                               source)
        return [layouts.Group(("input", "target"), rows)], ()

    def wanted(self, arguments):
        if arguments["direction"] == "AtoB":
            return self.keys
        return tuple(names[::-1] for names in self.keys)

    def arranged(self, columns, arguments):
        if arguments["direction"] == "AtoB":
            return columns
        return {"input": columns["target"], "target": columns["input"]}


KIND = Pairs()
