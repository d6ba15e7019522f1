"""What a kind of data says of the channels and values of its pictures."""

import functools

from keras_gen.data import ranges
from keras_gen.data.arguments import Each, PerColumn
from keras_gen.errors import InputError


class OfValues:
    """Of a `keras_gen.data.kind.Kind`."""

    def channels_of(self, counts):
        """How many channels to read a source with: 1 where every picture is
        grey, else 3 or, where some have neither 1 nor 3, what each column
        has.

        Args:
            counts: {name: numbers of channels} of the coloured columns.
        """
        usual = set.union(*counts.values()) <= {1, 3}
        if usual or not self.many_channels:
            return 1 if set.union(*counts.values()) == {1} else 3
        for name, count in counts.items():
            if len(count) > 1:
                raise InputError(
                    f"the pictures of {name} have "
                    f"{' and '.join(map(str, sorted(count)))} channels; give "
                    "such of one number"
                )
        found = [count for (count,) in counts.values()]
        return found[0] if len(set(found)) == 1 else PerColumn(found)

    def range_of(self, found, arguments):
        """The argument `range` that says what numbers are taken for whose
        type says none; None where it is given, or not needed, or mixed.

        Args:
            found: {name: ranges.Found}.
            arguments: of `load`, checked.
        """
        spans = [each.assumed for each in found.values()]
        if arguments.get("range") or not any(spans):
            return None
        spans = [each.usual for each in found.values()]
        mixed = any(
            each.assumed and len(each.spans) > 1 for each in found.values()
        )
        if mixed:
            return None
        return spans[0] if len(set(spans)) == 1 else PerColumn(spans)

    @property
    def many_channels(self):
        """Whether pictures may have other than 1 or 3 channels."""
        return "bits" in self.arguments

    def settled(self, readers, found, source, arguments):
        """The columns for the values in a source; tells what is unusual.

        Args:
            readers: of `given`.
            found: {name: ranges.Found} of those whose values have a range.
            source: where they are from.
            arguments: of `load`, checked.
        """
        keeps = {None: None, 8: "--set data.bits=16", 16: ""}[
            arguments.get("bits")
        ]
        return {
            name: column.settled(
                found[name], f"{name} of {source}",
                functools.partial(
                    self._setting, name, readers, found
                ), keeps,
            ) if name in found else column
            for name, column in readers.items()
        }

    def _setting(self, name, readers, found, span):
        """What to set for a column to have the range `span`, and the others
        what they have."""
        spans = [span]
        if isinstance(self.arguments["range"], Each):
            spans = [
                span if each == name
                else found[each].likely(readers[each].reading.range)
                if each in found else (0, 255) for each in readers
            ]
        texts = list(dict.fromkeys(map(ranges.text, spans)))
        if len(texts) > 1:
            texts = [f"[{','.join(map(ranges.text, spans))}]"]
        return f"--set data.range={texts[0]}"
