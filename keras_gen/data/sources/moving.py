"""Built-in videos: one of the shapes in motion, which motion known.

Drawn like the shapes: the same (seed, split, index) gives the same bytes at
every call, on every machine.
"""

import numpy as np

from keras_gen.data import keyed
from keras_gen.data.balanced import balanced
from keras_gen.data.sources import shapes
from keras_gen.data.sources.built_in import COUNTS, BuiltIn, purpose, side
from keras_gen.data.sources.drawn import Drawn
from keras_gen.data.sources.geometry import CLASSES as SHAPES
from keras_gen.data.sources.geometry import REACH, centres, templates, to_uint8
from keras_gen.data.sources.reading import foreground
from keras_gen.data.truth import Classes
from keras_gen.errors import InputError

__all__ = ["CLASSES", "COUNTS", "SOURCES", "classify", "columns"]

CLASSES = ("left", "right", "up", "down", "growing", "shrinking")
SMALLEST = 16
# Frames that show a motion.
FEWEST = 2

# Videos read at once.
_CHUNK = 32

# By how much a motion changes (x, y, radius) from the first frame to the
# last, in its own length.
_CHANGE = np.array([
    (-1, 0, 0), (1, 0, 0), (0, -1, 0), (0, 1, 0), (0, 0, 1), (0, 0, -1),
], float)


def columns(split, size=16, frames=8, channels=3, seed=0):
    """The columns of a Dataset.

    Args:
        split: "train" (8,192 videos), "validation" or "test" (2,048 each).
        size: pixels, 16 or more (InputError).
        frames: of a video, 2 or more (InputError).
        channels: 1 or 3.
        seed: any integer.

    Returns:
        {"video", "label"}: a column of uint8 (n, frames, size, size,
        channels), and the motion, int32 (n,), all equally frequent. The
        speed is constant, and the shape is never cut by the frame.
    """
    for name, value, least in (
        ("size", size, SMALLEST), ("frames", frames, FEWEST)
    ):
        if value < least:
            raise InputError(
                f"{name} is {value}; the built-in videos need {least} or more"
            )
    count = COUNTS[split]
    motion = sample(split, count, channels, seed)

    def draw(indices):
        return paint(motion, indices, frames, size)

    shape = (frames, size, size, channels)
    return {
        "video": Drawn(draw, count, shape), "label": motion["motion"],
    }


def sample(split, count, channels, seed):
    """Parameters of `count` videos: dict of `motion` and `kind` (of shape),
    int32 (n,); `first` and `last`, (n, 3), the x, y and radius in widths of
    the picture; and the colours `front` and `back`, (n, channels)."""
    chance = keyed.uniform((count, 8), seed, purpose(96, split))
    motion = balanced(count, len(CLASSES), seed, purpose(98, split))
    resizing = motion >= CLASSES.index("growing")
    radius = np.where(resizing, 0.24, 0.19) + 0.04 * chance[:, 0]
    length = np.where(resizing, 0.09, 0.22) * (1 + 0.4 * chance[:, 1])
    change = _CHANGE[motion] * length[:, None]
    # Where the middle of the way may lie: all of it is in the frame then.
    room = REACH * (radius + np.abs(change[:, 2]) / 2) + 0.03
    room = room[:, None] + np.abs(change[:, :2]) / 2
    place = room + (1 - 2 * room) * chance[:, 2:4]
    middle = np.concatenate([place, radius[:, None]], 1)
    back = 0.04 + 0.1 * chance[:, 4:5]
    if channels == 1:
        front = 0.6 + 0.4 * chance[:, 5:6]
    else:
        front = shapes.bright(chance[:, 5], chance[:, 6], chance[:, 7])
        back = back * [0.8, 0.9, 1.3]
    return {
        "motion": motion, "kind": balanced(
            count, len(SHAPES), seed, purpose(100, split)
        ),
        "first": middle - change / 2, "last": middle + change / 2,
        "front": front, "back": back,
    }


def paint(motion, indices, frames, size):
    """uint8 (n, frames, size, size, channels) for an int array (n,)."""
    one = {name: values[indices] for name, values in motion.items()}
    share = (np.arange(frames) / (frames - 1))[:, None]
    first, last = one["first"][:, None], one["last"][:, None]
    x, y, radius = np.moveaxis(
        (first + (last - first) * share).reshape(-1, 3), -1, 0
    )
    alpha = templates(
        np.repeat(one["kind"], frames), x, y, radius, size
    ).reshape(-1, frames, size, size, 1)
    front, back = (
        one[name].astype(np.float32)[:, None, None, None]
        for name in ("front", "back")
    )
    return to_uint8(back + (front - back) * alpha)


def classify(videos):
    """Which motion each video shows, without any learning.

    Args:
        videos: uint8 (n, frames, size, size, channels): one shape, lighter
            or of another colour than the ground.

    Returns:
        int (n,): index into CLASSES, by what changes most over the frames:
        the place of what stands out from the ground, or its width.
    """
    return np.concatenate([np.empty(0, int)] + [
        _classify(videos[start:start + _CHUNK])
        for start in range(0, len(videos), _CHUNK)
    ])


def _classify(videos):
    count, frames, size = videos.shape[:3]
    mask = foreground(
        videos.reshape(-1, *videos.shape[2:])
    ).reshape(count, frames, size, size)
    across = centres(size)
    total = mask.sum((2, 3)) + 1e-6
    x = (mask.sum(2) @ across) / total
    y = (mask.sum(3) @ across) / total
    width = np.sqrt(total) / size
    # The slope of the line through the frames, in the whole video.
    when = np.linspace(-0.5, 0.5, frames)
    x, y, width = (
        values @ when / (when @ when) for values in (x, y, width)
    )
    return np.argmax([-x, x, -y, y, width, -width], axis=0)


def _read(kind, split, arguments, seed):
    return columns(
        split, side("videos", arguments), arguments["frames"],
        arguments["channels"], seed,
    )


SOURCES = {
    "moving_shapes": BuiltIn(
        "moving_shapes", _read, {"videos": ()},
        {"videos": Classes(CLASSES, classify)},
    )
}
