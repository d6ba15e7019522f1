"""The README's strip of pictures, cut out of the models' own grids:

    python docs/_ext/strip.py

The first of each grid, as `keras-gen publish` has drawn it: none is chosen.
"""

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "strip.png"
# Grids have this many pixels between pictures.
_GAP = 2
# Model, side of its pictures, how many rows and columns of them, how many
# times smaller.
_PARTS = (
    ("wgan_gp_celeba", 64, 2, 8, 1),
    ("pix2pix_facades", 256, 1, 2, 2),
    ("cyclegan_shapes", 64, 2, 3, 1),
)
_HEIGHT, _BETWEEN = 130, 10


def strip():
    """The strip, a PIL image."""
    parts = [part(*each) for each in _PARTS]
    width = sum(each.width + _BETWEEN for each in parts) - _BETWEEN
    sheet, left = Image.new("RGB", (width, _HEIGHT), "white"), 0
    for each in parts:
        sheet.paste(each, (left, 0))
        left += each.width + _BETWEEN
    return sheet


def part(name, side, rows, columns, smaller):
    """The first rows and columns of a model's grid."""
    grid = Image.open(ROOT / "saved_models" / name / "samples.png")
    step = side + _GAP
    box = 0, 0, columns * step - _GAP, rows * step - _GAP
    return grid.convert("RGB").crop(box).reduce(smaller)


if __name__ == "__main__":
    strip().save(FILE, optimize=True)
    print(FILE)
