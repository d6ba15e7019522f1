"""Strips: how one training came along, and how models of different years do,
in one picture each."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from keras_gen import atomic, plot
from keras_gen.abilities import DrawsLatents
from keras_gen.accepted import accepted, at_least
from keras_gen.errors import InputError
from keras_gen.zoo import cards, loading, weights

# Pixels: of a picture at least, of the gap between two, of a line of text.
_CELL, _GAP, _LINE = 64, 2, 18
_STEP = re.compile(r"step-(\d+)\.png")
# The Frechet distance has its feature network behind it.
_DISTANCE = "frechet_distance"


@accepted
def strip_of_run(folder: str | Path, rows: int = 8, columns: int = 10) -> Any:
    """A run's pictures of the same latents over its steps, one row a step.

    Args:
        folder: the work directory, whose samples/ has the grids.
        rows: at most, evenly chosen, the first and the last among them.
        columns: pictures of a row, at most.

    Returns:
        `PIL.Image.Image`, each row with its step.

    Raises:
        InputError: there are no grids.
    """
    at_least(1, rows=rows, columns=columns)
    folder = atomic.local(folder)
    grids = {
        int(match[1]): path for path in folder.glob("samples/step-*.png")
        if (match := _STEP.fullmatch(path.name))
    }
    if not grids:
        raise InputError(
            f"{folder} has no samples/step-*.png: give the work directory of "
            "a training that has drawn a grid"
        )
    size = weights.document(folder / "recipe.toml")["data"].get("size", 0)
    height, width = size if isinstance(size, list) else (size, size)
    steps = sorted(grids)
    chosen = np.unique(np.linspace(
        0, len(steps) - 1, min(rows, len(steps))
    ).round().astype(int))
    found = {}
    for step in (steps[i] for i in chosen):
        with Image.open(grids[step]) as grid:
            found[f"step {step:,}"] = _first_row(
                np.asarray(grid.convert("RGB")), height, width, columns
            )
    return _rows(found)


def _first_row(grid, height, width, columns):
    """The first row of a grid, at most so many pictures of it; the whole
    where it is laid out otherwise."""
    line = grid[height:height + _GAP]
    if not height or len(grid) > height and not (line == 255).all():
        return grid
    return grid[:height, :columns * (width + _GAP) - _GAP]


def _rows(found):
    """Rows of pixels below each other, each with its title at the left."""
    font = ImageFont.load_default(14)
    side = 8 + max(int(font.getlength(title)) for title in found)
    tallest = max(pixels.shape[0] for pixels in found.values())
    scale = max(1, _CELL // tallest)
    rows = {
        title: Image.fromarray(pixels.repeat(scale, 0).repeat(scale, 1))
        for title, pixels in found.items()
    }
    sheet = Image.new("RGB", (
        side + max(row.width for row in rows.values()),
        sum(row.height + _GAP for row in rows.values()) - _GAP,
    ), "white")
    draw, top = ImageDraw.Draw(sheet), 0
    for title, row in rows.items():
        middle = top + row.height // 2
        draw.text((side - 8, middle), title, "black", font, anchor="rm")
        sheet.paste(row, (side, top))
        top += row.height + _GAP
    sheet.info["comment"] = plot.MARK
    return sheet


@accepted
def strip_of_models(
    names: Sequence[str], n: int = 6, seed: int = 0,
    allow_code_of: Sequence[str] = (),
) -> Any:
    """What models draw of the same seeds, a column for each in the order of
    their papers, with its year and its Frechet distance.

    Args:
        names: of published models or runs that draw pictures of latents.
        n: pictures of each.
        seed: of the first.
        allow_code_of: as of `zoo.load`.

    Returns:
        `PIL.Image.Image`. Distances by different feature networks are not
        to be compared: the network stands with each.

    Raises:
        InputError: a model that draws no pictures.
    """
    at_least(1, n=n)
    columns = []
    for name in names:
        values = loading.recipe(name, allow_code_of).values
        model = loading.load(name, allow_code_of=allow_code_of)
        DrawsLatents.require(model)
        if model.made.name != "picture":
            raise InputError(
                f"{name} makes {model.made.plural}, and a strip shows pictures"
            )
        pictures, _ = model.made.sheet(model.generate(n, seed=seed))
        columns.append((_month(values["paper"]), _told(name, values), pictures))
    columns.sort(key=lambda column: column[0] or "9999")
    return _columns(columns)


def _month(paper):
    """The year and month of an arXiv address, "1701"; None of another."""
    found = re.search(r"arxiv\.org/abs/(\d{4})\.", paper)
    return found and found[1]


def _told(name, values):
    """Lines about a model: its name, and its distance where measured."""
    lines = [str(name)]
    for row in cards.numbers(values.get("results", ())):
        if row["metric"].startswith(_DISTANCE):
            network = row["metric"].partition("(")[2].rstrip(")")
            lines += [f"{row['model']:.3g}", network.replace("_", " ")]
    return lines[:3]


def _columns(columns):
    """Columns of pictures beside each other, each under its year, over its
    lines."""
    font = ImageFont.load_default(13)
    cells = []
    for month, lines, pictures in columns:
        scale = max(1, _CELL // max(pictures.shape[1:3]))
        column = plot.grid(
            pictures.repeat(scale, 1).repeat(scale, 2), columns=1
        )
        texts = [f"20{month[:2]}" if month else "", *lines]
        width = max(
            column.width, *(int(font.getlength(text)) for text in texts)
        )
        cells.append((width, column, texts))
    high = max(column.height for _, column, _ in cells)
    sheet = Image.new("RGB", (
        sum(width + 12 for width, _, _ in cells) - 12, high + 5 * _LINE
    ), "white")
    draw, left = ImageDraw.Draw(sheet), 0
    for width, column, (year, *lines) in cells:
        middle = left + width // 2
        draw.text((middle, 2), year, "black", font, anchor="mt")
        sheet.paste(column, (middle - column.width // 2, _LINE))
        for i, line in enumerate(lines):
            place = middle, high + (i + 1) * _LINE + 4
            draw.text(place, line, "black", font, anchor="mt")
        left += width + 12
    sheet.info["comment"] = plot.MARK
    return sheet
