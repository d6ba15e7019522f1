"""Built-in pictures: made by this code, the same for everyone, truth known.

- "images", "labelled", "attributes": one bright shape on a dark ground; 6
  classes, or 3 attributes.
- "pairs": a flat label map of two to four shapes, and the picture it means.
- "unpaired": scenes by day and by night.
- "masks": one shape, and which pixels it covers.
- "label_ids": the scenes of "pairs", with a number for each pixel's class.
- "single": one picture of "pairs".

Items are drawn on first use and kept. The same (seed, split, index) gives the
same bytes at every call, on every machine.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gen.data import keyed
from keras_gen.data.sources import maps, scenes
from keras_gen.data.sources.built_in import COUNTS, BuiltIn, purpose, side
from keras_gen.data.sources.drawn import Drawn
from keras_gen.data.sources.geometry import (
    CLASSES,
    REACH,
    templates,
    to_uint8,
)
from keras_gen.data.sources.reading import classify
from keras_gen.data.truth import Classes
from keras_gen.errors import InputError

__all__ = [
    "CLASSES", "COUNTS", "NAMES", "SOURCES", "classify", "columns", "looks",
]

# What labels mean, by kind.
NAMES = {
    "labelled": CLASSES, "attributes": ("left", "top", "large"),
    "label_ids": maps.NAMES,
}
SMALLEST = 16


def columns(
    kind: str, split: str, size: int, channels: int, seed: int = 0
) -> dict:
    """The columns of a Dataset.

    Args:
        kind: one of those at the head of this file.
        split: "train" (8,192 items), "validation" or "test" (2,048 each). In
            "unpaired", `a` and `b` show different scenes in training, in the
            others the same scenes in the same order.
        size: pixels, 16 or more (InputError).
        channels: 1 or 3.
        seed: any integer.
    """
    if size < SMALLEST:
        raise InputError(
            f"size is {size}; the built-in shapes need {SMALLEST} or more"
        )
    return _COLUMNS[kind](split, COUNTS[split], size, channels, seed)


def _with(name, values):
    """The columns `image` and `name`; `values`: of the singles and size."""
    def make(split, count, size, channels, seed):
        single = singles(split, count, channels, seed)

        def draw(indices):
            return draw_singles(single, indices, size)

        found = {"image": Drawn(draw, count, (size, size, channels))}
        return found | ({name: values(single, size)} if name else {})
    return make


def _classes(single, size):
    return single["kind"].astype(np.int32)


def _masks(single, size):
    def draw(indices):
        return maps.mask(templates(*(
            single[name][indices] for name in ("kind", "x", "y", "radius")
        ), size))
    return Drawn(draw, len(single["kind"]), (size, size, 1))


def _scenes(*names):
    """The columns of these names, of scenes of the first."""
    def make(split, count, size, channels, seed):
        found = {}
        for name in names:
            if name != "target":  # which shows the scenes of `input`
                set_ = scenes.sample(split, count, seed, name)
            found[name] = Drawn(
                painter(set_, name, size, channels), count,
                (size, size, channels),
            )
        return found
    return make


def _label_ids(split, count, size, channels, seed):
    set_ = scenes.sample(split, count, seed, "input")

    def draw(indices):
        return maps.label_ids(set_, indices, size)

    return {
        "input": Drawn(draw, count, (size, size), np.int32),
        "target": Drawn(painter(set_, "target", size, channels), count,
                        (size, size, channels)),
    }


def _one(split, count, size, channels, seed):
    # The same picture for training and test.
    set_ = scenes.sample("train", 1, seed, "input")
    draw = painter(set_, "target", size, channels)
    return {"image": Drawn(draw, 1, (size, size, channels))}


_COLUMNS = {
    "images": _with(None, None),
    "labelled": _with("label", _classes),
    "attributes": _with("label", lambda single, size: attributes(single)),
    "pairs": _scenes("input", "target"),
    "unpaired": _scenes("a", "b"),
    "masks": _with("mask", _masks),
    "label_ids": _label_ids,
    "single": _one,
}


def painter(set_: Any, name: str, size: int, channels: int) -> Callable:
    """The `draw` of a column of scenes."""
    def draw(indices):
        painted = scenes.paint(set_, indices, name, size)
        if channels == 1:
            painted = scenes.grey(painted)
        return to_uint8(painted)
    return draw


def looks(
    split: str, n: int, size: int, seed: int = 0, channels: int = 3
) -> tuple[np.ndarray, np.ndarray]:
    """The first `n` scenes of column `a` of the "unpaired" data in both looks.

    Returns:
        (a, b), both uint8 (n, size, size, channels): b[i] is what a perfect
        translator makes of a[i].
    """
    set_ = scenes.sample(split, COUNTS[split], seed, "a")
    return tuple(
        Drawn(painter(set_, name, size, channels), n,
              (size, size, channels))[np.arange(n)]
        for name in "ab"
    )


def singles(
    split: str, count: int, channels: int, seed: int
) -> dict[str, np.ndarray]:
    """Parameters of `count` pictures of one shape: dict of `kind` int (n,),
    `x`, `y`, `radius` (n,) in widths of the picture, and the colours `front`
    and `back`, (n, channels) in [0, 1]. All classes are equally frequent."""
    chance = keyed.uniform((count, 7), seed, purpose(16, split))
    # Shuffled rounds of all classes: any range of items is nearly balanced.
    kind = np.argsort(
        keyed.uniform((-(-count // 6), 6), seed, purpose(18, split)),
        axis=1, kind="stable",
    ).reshape(-1)[:count]
    radius = 0.2 + 0.11 * chance[:, 0]
    room = REACH * radius + 0.04
    place = room[:, None] + (1 - 2 * room[:, None]) * chance[:, 1:3]
    back = 0.04 + 0.1 * chance[:, 3:4]
    if channels == 1:
        front = 0.6 + 0.4 * chance[:, 4:5]
    else:
        front = bright(chance[:, 4], chance[:, 5], chance[:, 6])
        back = back * [0.8, 0.9, 1.3]
    return {
        "kind": kind, "x": place[:, 0], "y": place[:, 1], "radius": radius,
        "front": front, "back": back,
    }


def attributes(single: dict[str, np.ndarray]) -> np.ndarray:
    """int32 (n, 3): whether the shape's centre is in the left and in the
    upper half, and whether the shape is of the larger half."""
    return np.stack([
        single["x"] < 0.5, single["y"] < 0.5, single["radius"] > 0.255
    ], 1).astype(np.int32)


def bright(
    hue: np.ndarray, saturation: np.ndarray, value: np.ndarray
) -> np.ndarray:
    """Bright colours (n, 3) from three arrays (n,) in [0, 1)."""
    saturation = 0.5 + 0.45 * saturation
    value = 0.85 + 0.15 * value
    steps = (np.array([5, 3, 1]) + 6 * hue[:, None]) % 6
    ramp = np.clip(np.minimum(steps, 4 - steps), 0, 1)
    return value[:, None] * (1 - saturation[:, None] * ramp)


def draw_singles(
    single: dict[str, np.ndarray], indices: np.ndarray, size: int
) -> np.ndarray:
    """uint8 (n, size, size, channels) for an int array (n,)."""
    one = {name: values[indices] for name, values in single.items()}
    alpha = templates(
        one["kind"], one["x"], one["y"], one["radius"], size
    )[..., None]
    front, back = (
        one[name].astype(np.float32)[:, None, None]
        for name in ("front", "back")
    )
    return to_uint8(back + (front - back) * alpha)


def _read(kind, split, arguments, seed):
    return columns(
        kind, split, side("shapes", arguments), arguments["channels"], seed
    )


def _partners(split, arguments, seed, n):
    return looks(
        split, min(n, COUNTS[split]), side("shapes", arguments), seed,
        arguments["channels"],
    )


SOURCES = {"shapes": BuiltIn(
    "shapes", _read, {kind: NAMES.get(kind, ()) for kind in _COLUMNS},
    {
        kind: Classes(CLASSES, classify)
        for kind in ("images", "labelled", "attributes")
    },
    _partners,
)}
