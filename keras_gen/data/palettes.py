"""What the colours of label maps mean, of data whose input is such a map: so
that one can be drawn, and given to a model.

The built-in scenes know it of themselves. The colours of CMP Facades
(Tylecek and Sara 2013), in the order of its classes, are the medians of flat
regions in 120 of the pictures that Isola et al. (1611.07004) made of them;
the maps that serve as examples are drawn here.
"""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from keras_gen import seeds
from keras_gen.arrays.colours import nearest
from keras_gen.data.sources import maps, scenes
from keras_gen.data.sources import shapes as built_in


@dataclasses.dataclass(frozen=True)
class Palette:
    """Attributes:
        colours: {name of a class: "#rrggbb"}, first that of the ground.
        examples: `(n, size)` -> label maps, uint8 (n, size, size, 3) in
            exactly these colours.
        shades: {number of a class: float (k, 3)}, the colours that the
            pictures made of such maps show it in, where these tell which it
            is; empty of photographs.
    """

    colours: dict[str, str]
    examples: Callable[[int, int], np.ndarray]
    shades: Mapping[int, np.ndarray] = dataclasses.field(default_factory=dict)

    @property
    def levels(self) -> np.ndarray:
        """The colours as uint8 (classes, 3)."""
        return np.array([
            [int(colour[i:i + 2], 16) for i in (1, 3, 5)]
            for colour in self.colours.values()
        ], "uint8")

    def asked(self, maps: np.ndarray) -> np.ndarray:
        """The label of each pixel of label maps, uint8 (n, h, w, 3): int (n,
        h, w), that of the nearest colour."""
        return _nearest(maps, self.levels)

    def read(self, pictures: np.ndarray) -> np.ndarray:
        """The label that each pixel of pictures made of such maps shows, as
        of `asked`: that of the nearest shade."""
        shades = np.rint(np.concatenate([*self.shades.values()]))
        owners = np.repeat([*self.shades], [*map(len, self.shades.values())])
        return owners[_nearest(pictures, shades.astype("int32"))]


def of(table: Mapping) -> Palette | None:
    """The palette of the pictures that a translator is given, where these are
    label maps.

    Args:
        table: [data] of a recipe.
    """
    chosen = tuple(table.get(key) for key in ("source", "kind", "direction"))
    return _PALETTES.get(chosen) if "input" not in table else None


def _nearest(pictures, table):
    return np.stack([nearest(picture, table)[0] for picture in pictures])


# -- the built-in scenes ------------------------------------------------------


def _scenes(n, size):
    # Not those of "pairs", which have blends at edges.
    drawn = built_in.columns("label_ids", "test", size, 3)["input"]
    return SHAPES.levels[drawn[np.arange(n)]]


SHAPES = Palette(
    dict(zip(maps.NAMES, scenes.label_colours())), _scenes, scenes.shades()
)

# -- facades ------------------------------------------------------------------

# Class, left, top, width, height in shares of the map; and of what repeats,
# columns, rows and the steps from one to the next.
_HOUSE = (
    ("facade", 0, 0.1, 1, 0.9),
    ("cornice", 0, 0.1, 1, 0.045),
    ("molding", 0.085, 0.185, 0.15, 0.18, 4, 2, 0.227, 0.27),
    ("window", 0.1, 0.2, 0.12, 0.16, 4, 2, 0.227, 0.27),
    ("sill", 0.085, 0.365, 0.15, 0.02, 4, 2, 0.227, 0.27),
    ("balcony", 0.3, 0.575, 0.4, 0.06),
    ("cornice", 0, 0.69, 1, 0.025),
    ("shop", 0.05, 0.76, 0.34, 0.21),
    ("door", 0.45, 0.77, 0.12, 0.23),
    ("window", 0.65, 0.78, 0.12, 0.14, 2, 1, 0.17, 0),
)


def _facades(n, size):
    """The house above, and variants of it: mirrored, with other proportions,
    and some of its parts left out."""
    found = np.empty((n, size, size, 3), "uint8")
    for number in range(n):
        rng = seeds.generator(number)
        bend = rng.uniform(-0.6, 0.6, 2) * (number > 0)
        canvas = np.zeros((size, size), int)
        for name, *box in _HOUSE:
            # Walls and windows are what makes it a house.
            kept = name in ("facade", "window") or rng.random() > 0.3
            if number == 0 or kept:
                _fill(canvas, _NAMES.index(name), box, bend)
        mirrored = number > 0 and rng.random() < 0.5
        found[number] = FACADES.levels[canvas[:, ::-1] if mirrored else canvas]
    return found


def _fill(canvas, label, box, bend):
    left, top, width, height, columns, rows, right, down = (
        *box, 1, 1, 0, 0
    ) if len(box) == 4 else box
    for row in range(rows):
        for column in range(columns):
            x, y = left + column * right, top + row * down
            edges = np.array([[x, x + width], [y, y + height]])
            edges = _bent(edges, bend[:, None]) * len(canvas)
            (x, x_end), (y, y_end) = np.rint(edges).astype(int)
            canvas[y:y_end, x:x_end] = label


def _bent(t, bend):
    """A smooth way from 0 to 1 that never turns back for |bend| < 1."""
    return t + bend * np.sin(2 * np.pi * t) / (2 * np.pi)


FACADES = Palette(dict(
    background="#0000de", facade="#0030ff", window="#0080ff", door="#00cfff",
    cornice="#20ffe0", sill="#70fe8e", balcony="#c0ff3f", blind="#fff000",
    deco="#ff9f00", molding="#ff5000", pillar="#ff0000", shop="#af0000",
), _facades)
_NAMES = [*FACADES.colours]

_PALETTES = {
    ("shapes", "pairs", "AtoB"): SHAPES,
    ("pix2pix_facades", "pairs", "BtoA"): FACADES,
}
