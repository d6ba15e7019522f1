"""Pictures of two looks, each in its own order: `a` and `b`."""

from keras_gen.data.arguments import OF_PICTURES, RANGE, Each
from keras_gen.data.kind import Kind
from keras_gen.data.kinds.images import Picture
from keras_gen.data.sources import cuts, layouts


class Unpaired(Kind):
    """See the head of this file."""

    columns = {"a": Picture(), "b": Picture()}
    arguments = OF_PICTURES | {"range": Each(RANGE, ("a", "b"))}
    unpaired = True
    keys = (("a", "b"),)
    features = {"a": "image", "b": "image"}
    sides = {"a": "A", "b": "B"}
    asks = 50

    def layout(self, entries, split, source, arguments):
        entries = layouts.sided(entries)
        layouts.need_sides(entries, self.name, source)
        return [
            layouts.whole(column, cuts.choose(
                entries, split, self.sides[column], source,
                arguments["validation"], self.sides.values(),
            )) for column in self.columns
        ], ()


KIND = Unpaired()
