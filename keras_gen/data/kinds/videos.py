"""Clips: a column `video`, the first `frames` pictures of each.

In files a clip is a GIF, or a folder of its frames, in the order of their
names, 9 before 10; never both in one place.
"""

import io

import numpy as np
from PIL import Image, ImageSequence

from keras_gen.data.arguments import OF_PICTURES, Whole
from keras_gen.data.kind import Kind
from keras_gen.data.kinds.images import Picture
from keras_gen.data.sources import cuts, layouts, splits
from keras_gen.errors import InputError


class Video(Picture):
    """Pictures one after the other."""

    value = "video"

    def shape(self, arguments):
        return arguments["frames"], *super().shape(arguments)

    def header(self, store, names, shape):
        count = len(names)
        if count == 1:
            with store.open(names[0]) as file:
                content = io.BytesIO(file.read())
            with Image.open(content) as image:
                count = getattr(image, "n_frames", 1)
        if count < shape[0]:
            raise ValueError(f"{count} frames, fewer than {shape[0]}")
        return super().header(store, names, shape)

    def opened(self, contents, shape):
        if len(contents) > 1:
            return [
                self.reading.opened(content)
                for content in contents[:shape[0]]
            ]
        with Image.open(io.BytesIO(contents[0])) as image:
            frames = ImageSequence.Iterator(image)
            return [
                self.reading.of_image(frame.copy())
                for frame, _ in zip(frames, range(shape[0]))
            ]

    def item(self, opened, part, shape):
        return np.stack([self.reading.fit(one, shape[1:3]) for one in opened])

    def check(self, array, key, path):
        if array.ndim not in (4, 5) or not array.size:
            raise InputError(
                f"array {key} of {path} is {array.dtype} {array.shape}; give "
                "clips (number, time, height, width) or (number, time, "
                "height, width, channels)"
            )
        super().check(_flat(array), key, path)

    def channels(self, array):
        return super().channels(_flat(array))

    def pictures_in(self, array):
        return super().pictures_in(_flat(array))

    def fitted(self, array, shape):
        if array.shape[1] < shape[0]:
            raise InputError(
                f"the clips have {array.shape[1]} frames, and frames asks "
                f"for {shape[0]}: give frames {array.shape[1]} or fewer"
            )
        flat = _flat(array[:, :shape[0]])
        return super().fitted(flat, shape[1:]).reshape(-1, *shape)


def _flat(clips):
    """The pictures of all clips, one after the other."""
    return clips.reshape(-1, *clips.shape[2:])


class Videos(Kind):
    """See the head of this file."""

    columns = {"video": Video()}
    arguments = OF_PICTURES | {"frames": Whole(2, 1024, 16)}
    keys = (("x",), ("video",))
    instead = "GIFs or folders of frames"

    def entries(self, names):
        clips = [name for name in names if name.lower().endswith(".gif")]
        if clips:
            return [layouts.Entry(name, name) for name in clips]
        folders = {}
        for name in sorted(names, key=splits.natural):
            folders.setdefault(name.rpartition("/")[0], []).append(name)
        # An ending, which a clip's name must have to be held out by it.
        return [
            layouts.Entry(tuple(frames), folder + "/.")
            for folder, frames in folders.items()
        ]

    def layout(self, entries, split, source, arguments):
        layouts.refuse_sides(entries, self.name, source)
        # What `entries` makes of frames that lie in no folder of their own.
        outside = {".", *(f"{top}/." for top in layouts.SPLITS)}
        if any(entry.below in outside for entry in entries):
            raise InputError(
                f"kind 'videos' looks for GIFs, or for a folder of frames for "
                f"each clip in {source}, or in train/ and test/ there; found "
                "frames outside of any; put those of each clip into a folder"
            )
        chosen = cuts.choose(
            entries, split, "", source, arguments["validation"]
        )
        return [layouts.whole("video", chosen)], ()


KIND = Videos()
