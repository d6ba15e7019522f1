"""Scenes of two to four shapes that do not touch, painted in four ways.

`input` is a label map, `target` the picture it stands for; `a` and `b` are
the same scenery by day and by night. Each is a function of the scene alone,
and each can be told from its partner.
"""

import numpy as np

from keras_gen.data import keyed
from keras_gen.data.sources.built_in import purpose
from keras_gen.data.sources.geometry import (
    CLASSES,
    REACH,
    centres,
    coverage,
    distance,
)

_SHAPES = 4
_TRIES = 24

# How far shadow and glow reach beyond a shape, in widths of the picture.
_AROUND = 0.07

# For pairs all classes are alike. Unpaired looks can be matched only if no
# exchange of classes goes unnoticed: frequencies and sizes all differ.
_EQUAL = (np.full(6, 1 / 6), np.full(6, 0.14))
_UNEQUAL = (
    np.array([0.30, 0.22, 0.18, 0.14, 0.10, 0.06]),
    np.array([0.138, 0.105, 0.13, 0.122, 0.144, 0.113]),
)


def _colours(*hexes):
    values = [[int(h[i:i + 2], 16) for i in (0, 2, 4)] for h in hexes]
    return np.array(values, np.float32) / np.float32(255)


# Of label maps: the ground's, then those of CLASSES in their order; they
# differ in brightness too.
_LABEL_HEXES = (
    "10287d", "c8192d", "fa9614", "19a046", "6edcff", "fff046", "b95aeb",
)
_LABEL_GROUND, *_LABELS = _colours(*_LABEL_HEXES)
_PAPER, _PAPER_LOW = _colours("f6efe0", "ded6c8")
_MATERIALS = _colours(
    "e0473c", "d99a56", "4fa860", "5b8fc9", "e8b93c", "9a62c8"
)
_DAY = _colours("ff8f2e", "d93a3a", "12805a", "2f5fd0", "9440b8", "f7d33c")
_NIGHT = _colours("ff3f96", "ffb52e", "2ff0dc", "9cff5a", "5a86ff", "fff3d0")
_DAY_SKY, _DAY_HAZE, _DAY_GRASS, _DAY_NEAR, _INK = _colours(
    "86c5f4", "e6f3fb", "b9d68a", "7fb05c", "22304a"
)
_NIGHT_SKY, _NIGHT_HAZE, _NIGHT_GRASS, _NIGHT_NEAR = _colours(
    "070a26", "3a2c66", "123040", "060f18"
)


def label_colours():
    """The colours of label maps, "#rrggbb": the ground's, then those of
    CLASSES."""
    return [f"#{colour}" for colour in _LABEL_HEXES]


def shades():
    """The colours that "target" shows the ground and each of CLASSES in:
    {number of the label: float (k, 3), levels 0 ... 255}, in shadow and in
    light, where the brightest is on its way to white."""
    dim = np.linspace(0.62, 1, 5)[:, None]
    found = {0: np.concatenate([dim * _PAPER, dim * _PAPER_LOW])}
    dark, shine = np.linspace(0.3, 1, 8), np.array([0.25, 0.5])
    for number, colour in enumerate(_MATERIALS, 1):
        found[number] = np.concatenate([
            dark[:, None] * colour, blend(colour, 1, shine[:, None])
        ])
    return {number: 255 * colours for number, colours in found.items()}


def sample(split, count, seed, name):
    """Draws scenes.

    Args:
        split: "train", "validation" or "test".
        count: number of scenes.
        seed: any integer.
        name: the column they are for: "input" (which stands for "target"
            too), "a" or "b"; the last two differ in training only.

    Returns:
        Dict of arrays: `kind` int (count, 4), `x`, `y`, `radius` float32
        (count, 4) in widths of the picture, `present` bool (count, 4),
        `horizon` float32 (count,).
    """
    number = 32
    frequency, mean_radius = _EQUAL
    if name in "ab":
        frequency, mean_radius = _UNEQUAL
        number += 4 if name == "a" or split != "train" else 8
    chance = keyed.uniform(
        (count, 2 + 2 * _SHAPES), seed, purpose(number, split)
    )
    tries = keyed.uniform(
        (count, _SHAPES, _TRIES, 2), seed, purpose(number + 16, split)
    )
    kind = np.searchsorted(
        np.cumsum(frequency)[:-1], chance[:, 2:2 + _SHAPES], side="right"
    )
    radius = mean_radius[kind] * (0.88 + 0.24 * chance[:, 2 + _SHAPES:])
    wanted = 2 + (chance[:, :1] * 3).astype(int)
    place, present = arrange(tries, radius, wanted)
    return {
        "kind": kind,
        "x": place[..., 0].astype(np.float32),
        "y": place[..., 1].astype(np.float32),
        "radius": radius.astype(np.float32),
        "present": present,
        "horizon": (0.55 + 0.25 * chance[:, 1]).astype(np.float32),
    }


def arrange(tries, radius, wanted):
    """Puts each shape at the first of its tries where it touches no other,
    until as many are placed as wanted; where there is none, it is left out.

    Returns:
        (place (n, shapes, 2), present (n, shapes))
    """
    reach = REACH * radius + 0.012
    room = reach + 0.01
    options = room[..., None, None] + (1 - 2 * room[..., None, None]) * tries
    place = np.zeros((*radius.shape, 2))
    present = np.zeros(radius.shape, bool)
    for this in range(_SHAPES):
        # In the middle the first would leave no room for a second.
        free = (this > 0) | (np.abs(tries[:, 0] - 0.5).max(-1) > 0.3)
        for other in range(this):
            gap = options[:, this] - place[:, other, None]
            apart = (reach[:, this] + reach[:, other])[:, None]
            free &= ((gap * gap).sum(-1) > apart * apart) | ~present[
                :, other, None
            ]
        first = np.argmax(free, axis=1)
        place[:, this] = options[np.arange(len(first)), this, first]
        present[:, this] = free.any(1) & (
            present.sum(1) < wanted[:, 0]
        )
    return place, present


def paint(scenes, indices, name, size):
    """Paints scenes.

    Args:
        scenes: from `sample`.
        indices: which, int (n,).
        name: "input", "target", "a" or "b".
        size: pixels.

    Returns:
        float32 (n, size, size, 3), about [0, 1].
    """
    scene = chosen(scenes, indices)
    canvas = ground(name, scene["horizon"], size)
    strokes(canvas, scene, {
        "input": [label], "target": [shadow, material],
        "a": [day], "b": [glow, night],
    }[name])
    return canvas


def chosen(scenes, indices):
    """Some of the scenes of `sample`."""
    return {key: values[indices] for key, values in scenes.items()}


def strokes(canvas, scene, brushes):
    """Paints all shapes with each brush in turn: all shadows and glows lie
    below all shapes."""
    for brush in brushes:
        for slot in range(_SHAPES):
            for number in range(len(CLASSES)):
                rows = np.flatnonzero(
                    scene["present"][:, slot] & (scene["kind"][:, slot]
                                                 == number)
                )
                if len(rows):
                    stroke(canvas, scene, rows, slot, number, brush)


def stroke(canvas, scene, rows, slot, number, brush):
    """Paints the shape `slot` of class `number` of the pictures `rows` with a
    brush, in a window around it.

    A brush gets the class, x, y and radius of the window's pixels relative to
    the shape, the window as painted so far, and the size of the picture; it
    returns the window as it should be.
    """
    size = canvas.shape[1]
    x, y, radius = (
        scene[key][rows, slot][:, None, None] for key in ("x", "y", "radius")
    )
    reach = REACH * float(radius.max()) + _AROUND
    window = min(size, int(np.ceil(2 * reach * size)) + 1)
    across = np.arange(window)
    corner = [
        np.clip((middle - reach) * size, 0, size - window).astype(int)
        for middle in (y, x)
    ]
    at = (
        rows[:, None, None],
        corner[0] + across[:, None],
        corner[1] + across,
    )
    middle = centres(size)
    canvas[at] = brush(
        number, middle[at[2]] - x, middle[at[1]] - y, radius, canvas[at], size
    )


def ground(name, horizon, size):
    """The scene without shapes, float32 (n, size, size, 3)."""
    y = centres(size)[None, :, None, None]
    if name == "input":
        column = np.broadcast_to(_LABEL_GROUND, (1, size, 1, 3))
    elif name == "target":
        column = blend(_PAPER, _PAPER_LOW, y)
    else:
        sky, haze, far, near = (
            (_DAY_SKY, _DAY_HAZE, _DAY_GRASS, _DAY_NEAR) if name == "a"
            else (_NIGHT_SKY, _NIGHT_HAZE, _NIGHT_GRASS, _NIGHT_NEAR)
        )
        line = horizon[:, None, None, None]
        below = coverage(line - y, size)
        column = blend(
            blend(sky, haze, np.clip(y / line, 0, 1)),
            blend(far, near, np.clip((y - line) / (1 - line), 0, 1)), below,
        )
    shape = (len(horizon), size, size, 3)
    return np.broadcast_to(column, shape).astype(np.float32)


def blend(first, second, share):
    """`share` of second over first."""
    return first + (second - first) * share


def label(number, x, y, radius, window, size):
    """One flat colour for each class."""
    alpha = coverage(distance(number, x, y, radius), size)
    return blend(window, _LABELS[number], alpha[..., None])


def shadow(number, x, y, radius, window, size):
    """A soft shadow to the lower right."""
    f = np.float32
    away = distance(number, x - f(0.022), y - f(0.03), radius)
    dark = np.clip(f(0.5) - away / f(0.05), 0, 1) * f(0.38)
    return window * (1 - dark)[..., None]


def material(number, x, y, radius, window, size):
    """Each class of its own stuff, lit from the upper left."""
    inside = distance(number, x, y, radius)
    light = lighting(number, x / radius, y / radius, inside / radius)
    # A dark outline, never thinner than a pixel.
    width = np.float32(max(0.012, 1 / size))
    rim = coverage(-inside - width, size)
    light = light * (1 - np.float32(0.5) * rim)
    shine = np.clip(light - 1, 0, 1)[..., None]
    colour = _MATERIALS[number] * np.minimum(light, 1)[..., None]
    colour = blend(colour, np.float32(1), shine)
    return blend(window, colour, coverage(inside, size)[..., None])


def lighting(number, x, y, inside):
    """Brightness of the stuff of a class: 1 is its own colour, more shines.

    Args:
        number: the class.
        x, y, inside: position and signed distance, in radii.
    """
    f = np.float32
    if number == 0:  # a ball
        up = np.sqrt(np.clip(1 - x * x - y * y, 0, 1))
        lit = np.clip(f(0.7) * up - f(0.45) * x - f(0.55) * y, 0, 1)
        return f(0.4) + f(0.7) * lit + np.clip(lit - f(0.9), 0, 1) * 6
    if number == 1:  # planks
        wave = np.abs((y * f(1.75) + f(8.25)) % 1 - f(0.5))
        return f(0.72) + np.clip(wave * 5, 0, 1) * f(0.3) - f(0.08) * x
    if number == 2:  # a pyramid
        return f(0.92) - f(0.22) * np.clip(x * 6, -1, 1) - f(0.16) * y
    if number == 3:  # metal: a bevel, and a band of light
        bevel = np.clip(1 + inside / f(0.3), 0, 1)
        band = np.clip(1 - np.abs(x + y) * 2, 0, 1)
        return f(0.98) - f(0.3) * bevel + f(0.3) * band
    if number == 4:  # a torus
        away = np.sqrt(x * x + y * y) + f(1e-3)
        out = np.clip((away - f(0.775)) / f(0.225), -1, 1)
        up = np.sqrt(1 - out * out)
        lean = out / away
        return f(0.45) + f(0.6) * up - f(0.35) * lean * (x + y)
    edge_x, edge_y = np.clip(x * 8, -1, 1), np.clip(y * 8, -1, 1)
    return f(0.95) - f(0.13) * edge_x - f(0.2) * edge_y  # a cut stone


def day(number, x, y, radius, window, size):
    """A flat colour with a dark outline."""
    inside = distance(number, x, y, radius)
    window = blend(window, _INK, coverage(inside, size)[..., None])
    inner = coverage(inside + np.float32(max(0.018, 1 / size)), size)
    return blend(window, _DAY[number], inner[..., None])


def glow(number, x, y, radius, window, size):
    """Light around a shape."""
    away = distance(number, x, y, radius)
    near = np.clip(1 - away / np.float32(_AROUND), 0, 1)
    return blend(
        window, _NIGHT[number], (near * near * np.float32(0.55))[..., None]
    )


def night(number, x, y, radius, window, size):
    """A dim colour with a bright edge."""
    inside = distance(number, x, y, radius)
    colour = _NIGHT[number]
    window = blend(window, colour, coverage(inside, size)[..., None])
    inner = coverage(inside + np.float32(max(0.024, 1.4 / size)), size)
    return blend(window, colour * np.float32(0.38), inner[..., None])


def grey(colours):
    """float32 (..., 3) as its brightness (..., 1) (ITU-R 601)."""
    f = np.float32
    red, green, blue = (colours[..., part:part + 1] for part in range(3))
    return f(0.299) * red + f(0.587) * green + f(0.114) * blue
