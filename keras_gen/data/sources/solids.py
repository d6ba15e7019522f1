"""Built-in solids of voxels, their class, place, size and turn known.

Like the shapes, they are drawn with +, -, *, / and square roots in float32
only, on first use: the same (seed, split, index) gives the same bytes on
every machine.
"""

import numpy as np

from keras_gen.data import keyed
from keras_gen.data.balanced import balanced
from keras_gen.data.sources.built_in import COUNTS, BuiltIn, purpose, side
from keras_gen.data.sources.drawn import Drawn
from keras_gen.data.sources.geometry import centres, coverage, to_uint8
from keras_gen.data.truth import Classes
from keras_gen.errors import InputError

__all__ = ["CLASSES", "COUNTS", "SOURCES", "classify", "columns"]

CLASSES = ("sphere", "cube", "pyramid", "cylinder", "torus", "cross")
SMALLEST = 8

# Half sides and radii, in radii of the solid.
_CUBE = 0.8
_BASE, _HEIGHT = 0.9, 1.6
_CYLINDER, _HALF = 0.72, 0.9
_RING, _TUBE = 0.66, 0.32
_ARM = 0.34
# Volumes of solids of radius 1; what `distance` draws, integrated.
VOLUMES = np.array([
    4 / 3 * np.pi, 8 * _CUBE**3, 4 / 3 * _BASE**2 * _HEIGHT,
    2 * np.pi * _CYLINDER**2 * _HALF, 2 * np.pi**2 * _RING * _TUBE**2,
    24 * _ARM**2 - 16 * _ARM**3,
])
# No solid of radius 1 reaches further from its centre, however it is turned.
REACH = 1.28
# Those that look different when they are turned, and a quarter turn in
# steps, by which `classify` tries them.
_TURNING = ("cube", "pyramid", "cross")
_TURNS = np.linspace(0, 1, 8, endpoint=False, dtype=np.float32)
# Solids at a time: few enough for the processor's cache.
_CHUNK = 16


def columns(split, size=16, seed=0):
    """The columns of a Dataset.

    Args:
        split: "train" (8,192 solids), "validation" or "test" (2,048 each).
        size: voxels of a side, 8 or more (InputError).
        seed: any integer.

    Returns:
        {"voxels", "label"}: a column of uint8 (n, size, size, size, 1), how
        much of each voxel is filled, as (depth, height, width, 1) with the
        height downwards; and the class, int32 (n,), all equally frequent.
    """
    if size < SMALLEST:
        raise InputError(
            f"size is {size}; the built-in solids need {SMALLEST} or more"
        )
    count = COUNTS[split]
    solid = sample(split, count, seed)

    def draw(indices):
        one = {name: values[indices] for name, values in solid.items()}
        return to_uint8(templates(**one, size=size))[..., None]

    shape = (size, size, size, 1)
    return {"voxels": Drawn(draw, count, shape), "label": solid["kind"]}


def sample(split, count, seed):
    """Parameters of `count` solids: dict of `kind` int32 (n,), `place` (n,
    3) as (depth, height, width) and `radius` (n,) in widths of the cube, and
    `turn` (n,), all of a quarter turn from 0 to 1."""
    chance = keyed.uniform((count, 5), seed, purpose(80, split))
    radius = 0.28 + 0.07 * chance[:, 0]
    room = REACH * radius + 0.03
    place = room[:, None] + (1 - 2 * room[:, None]) * chance[:, 1:4]
    return {
        "kind": balanced(
            count, len(CLASSES), seed, purpose(82, split)
        ),
        "place": place, "radius": radius, "turn": chance[:, 4],
    }


def templates(kind, place, radius, turn, size):
    """How much of each voxel a solid fills: float32 (n, size, size, size) in
    [0, 1], from arrays as `sample` gives them."""
    place, radius, turn = (
        np.asarray(values, np.float32) for values in (place, radius, turn)
    )
    result = np.empty((len(kind), size, size, size), np.float32)
    for number in range(len(CLASSES)):
        rows = np.flatnonzero(kind == number)
        for start in range(0, len(rows), _CHUNK):
            part = rows[start:start + _CHUNK]
            result[part] = _filled(
                number, place[part], radius[part], turn[part], size
            )
    return result


def _filled(number, place, radius, turn, size):
    across = centres(size)
    z, y, x = (
        across - place[:, axis, None] for axis in range(3)
    )
    z, y, x = z[:, :, None, None], y[:, None, :, None], x[:, None, None]
    if CLASSES[number] in _TURNING:
        cos, sin = (
            part[:, None, None, None] for part in turned(turn)
        )
        z, x = cos * z - sin * x, sin * z + cos * x
    inside = distance(number, z, y, x, radius[:, None, None, None])
    return coverage(inside, size)


def turned(turn):
    """Cosine and sine, of 0 degrees for a turn of 0 to 90 for 1: those of
    2 atan(turn), which need no function that differs between machines."""
    square = turn * turn
    return (1 - square) / (1 + square), 2 * turn / (1 + square)


def distance(kind, z, y, x, radius):
    """Signed distance to the surface of a solid, negative inside; where it
    is not the nearest point's, in steps of the same length.

    Args:
        kind: index into CLASSES.
        z, y, x: position relative to the centre of gravity (depth, height
            downwards, width), float32 arrays that broadcast.
        radius: of the solid, in the same unit, broadcasting with them.
    """
    f = np.float32
    w, v, u = np.abs(z), np.abs(y), np.abs(x)
    name = CLASSES[kind]
    if name == "sphere":
        return np.sqrt(x * x + y * y + z * z) - radius
    if name == "cube":
        return np.maximum(np.maximum(u, w), v) - radius * f(_CUBE)
    if name == "pyramid":
        # Three quarters of the height are above the centre of gravity.
        steep = f(_HEIGHT / _BASE)
        side = steep * np.maximum(u, w) - y - radius * f(0.75 * _HEIGHT)
        side /= np.sqrt(steep * steep + 1)
        return np.maximum(side, y - radius * f(0.25 * _HEIGHT))
    if name == "cross":
        low, high = np.minimum(u, w), np.maximum(u, w)
        # Of three numbers the middle one, and the largest.
        middle = np.maximum(low, np.minimum(high, v))
        return np.maximum(
            np.maximum(high, v) - radius, middle - radius * f(_ARM)
        )
    around = np.sqrt(x * x + z * z)
    if name == "cylinder":
        return np.maximum(
            around - radius * f(_CYLINDER), v - radius * f(_HALF)
        )
    out = around - radius * f(_RING)
    return np.sqrt(out * out + y * y) - radius * f(_TUBE)


def classify(voxels):
    """Which solid each array of voxels holds, without any learning.

    Args:
        voxels: uint8 (n, size, size, size, 1), one solid in each.

    Returns:
        int (n,): index into CLASSES of the solid that, drawn with the place
        and volume of what is filled, and turned in some way, matches best.
    """
    return np.concatenate([np.empty(0, int)] + [
        _classify(voxels[start:start + _CHUNK])
        for start in range(0, len(voxels), _CHUNK)
    ])


def _classify(voxels):
    filled = voxels[..., 0].astype(np.float32) / 255
    size = filled.shape[1]
    total = filled.sum((1, 2, 3)) + 1e-6
    place = np.stack([
        filled.sum(others) @ centres(size) / total
        for others in ((2, 3), (1, 3), (1, 2))
    ], 1).astype(np.float32)
    errors = []
    for number, name in enumerate(CLASSES):
        radius = np.cbrt(total / VOLUMES[number]).astype(np.float32) / size
        turns = _TURNS if name in _TURNING else _TURNS[:1]
        errors.append(np.min([
            np.abs(
                _filled(number, place, radius, np.full(len(filled), turn),
                        size) - filled
            ).sum((1, 2, 3)) for turn in turns
        ], axis=0))
    return np.argmin(errors, axis=0)


def _read(kind, split, arguments, seed):
    return columns(split, side("solids", arguments), seed)


SOURCES = {
    "solids": BuiltIn(
        "solids", _read, {"voxels": ()}, {"voxels": Classes(CLASSES, classify)}
    )
}
