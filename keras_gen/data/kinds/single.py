"""One single picture: a column `image` of one item, the same in every
split."""

from keras_gen.data.arguments import OF_PICTURES
from keras_gen.data.kind import Kind
from keras_gen.data.kinds.images import Picture
from keras_gen.data.sources import layouts
from keras_gen.errors import InputError


class Single(Kind):
    """See the head of this file."""

    columns = {"image": Picture()}
    arguments = {
        name: each for name, each in OF_PICTURES.items()
        if name != "validation"
    }
    single = True
    instead = "one picture file, or a folder with nothing else"

    def layout(self, entries, split, source, arguments):
        if len(entries) != 1:
            raise InputError(
                f"kind 'single' looks for one picture, found {len(entries)} "
                f"in {source}; give the path of one, or use kind 'images'"
            )
        return [layouts.Group(("image",), [((entries[0].name, None),)])], ()


KIND = Single()
