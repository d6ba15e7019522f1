"""Pictures of pictures: grids and curves."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, PngImagePlugin

from keras_gen import atomic
from keras_gen.accepted import accepted, at_least
from keras_gen.errors import InputError

# What figures say of themselves in their files, so that they are not taken
# for data: a PNG's text "Software", a comment in a JPEG or GIF.
MARK = b"keras_gen figure"


@accepted
def grid(
    pictures: ArrayLike, path: str | Path | None = None,
    columns: int | None = None, gap: int = 2,
) -> Image.Image:
    """Lays pictures out in rows.

    Args:
        pictures: uint8 (n, height, width, channels), 1 or 3 channels, or
            rows of them, (rows, columns, height, width, channels).
        path: where to save the grid, a file name that Pillow knows.
        columns: pictures in a row; as square as possible by default.
        gap: pixels between pictures, white.

    Returns:
        `PIL.Image.Image`.
    """
    pictures = np.asarray(pictures)
    if pictures.ndim == 5:
        columns = pictures.shape[1]
        pictures = pictures.reshape(-1, *pictures.shape[2:])
    if (
        pictures.dtype != np.uint8 or pictures.ndim != 4
        or not len(pictures) or pictures.shape[-1] not in (1, 3)
    ):
        raise InputError(
            "a grid takes uint8 pictures (n, height, width, 1 or 3), got "
            f"{pictures.dtype} of shape {pictures.shape}"
        )
    n, height, width, _ = pictures.shape
    columns = int(np.ceil(np.sqrt(n))) if columns is None else columns
    at_least(1, columns=columns)
    at_least(0, gap=gap)
    rows = -(-n // columns)
    sheet = np.full(
        (rows * (height + gap) - gap, columns * (width + gap) - gap, 3),
        255, "uint8",
    )
    for i, picture in enumerate(pictures):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        sheet[top:top + height, left:left + width] = picture
    image = Image.fromarray(sheet)
    image.info["comment"] = MARK
    if path is not None:
        save(image, path)
    return image


@accepted
def save(image: Image.Image, path: str | Path) -> None:
    """Writes a PIL image aside and renames it: the file is there whole. One
    that `grid` drew is marked as a figure.

    Raises:
        InputError: it cannot be written.
    """
    ending = _ending(path)
    text = None
    if image.info.get("comment") == MARK:
        text = PngImagePlugin.PngInfo()
        text.add_text("Software", MARK.decode())
    with atomic.replacing(path) as aside:
        # Other formats take the comment by themselves.
        image.save(aside, **({"pnginfo": text} if ending == ".png" else {}))


@accepted
def animation(
    pictures: Sequence[Image.Image | str | Path], path: str | Path,
    side: int = 480, frames: int = 40,
) -> None:
    """Writes pictures, one after another, as a looping GIF.

    Its size is bounded: at most `frames` of the pictures, evenly chosen, the
    last one among them, each scaled down to at most `side` pixels; with the
    defaults some megabytes at most.

    Args:
        pictures: image files or PIL images of one size, in order, at least
            one.
        path: where to save the GIF.
        side: limit of width and height in pixels.
        frames: limit of the number of pictures.
    """
    if not len(pictures):
        raise InputError("an animation needs at least one picture")
    at_least(1, side=side, frames=frames)
    chosen = np.linspace(0, len(pictures) - 1, min(frames, len(pictures)))
    images = []
    for i in np.round(chosen).astype(int):
        image = _colour(pictures[i])
        image.thumbnail((side, side))
        images.append(image.quantize(128))
    # The eye needs time for the last.
    durations = [150] * (len(images) - 1) + [1500]
    with atomic.replacing(path) as aside:
        images[0].save(
            aside, "GIF", save_all=True, append_images=images[1:], loop=0,
            duration=durations if len(images) > 1 else 1500, comment=MARK,
        )


def _colour(picture):
    """An image file or a PIL image as a new PIL image of mode RGB."""
    if isinstance(picture, Image.Image):
        return picture.convert("RGB").copy()
    try:
        with Image.open(atomic.local(picture)) as image:
            return image.convert("RGB")
    except OSError as error:
        raise InputError(f"{picture} is no picture: {error}") from error


@accepted
def curves(log: str | Path, path: str | Path) -> None:
    """Draws every column of a training log over the steps.

    Args:
        log: CSV file with a header, the first column being the step.
        path: where to save the figure.
    """
    from matplotlib.figure import Figure

    names, values = _table(log)
    figure = Figure(figsize=(8, 2.2 * (len(names) - 1)), layout="constrained")
    axes = figure.subplots(len(names) - 1, 1, sharex=True, squeeze=False)
    for axis, name, column in zip(axes[:, 0], names[1:], values.T[1:]):
        axis.plot(values[:, 0], column, linewidth=0.8)
        axis.set_ylabel(name)
        axis.grid(alpha=0.3)
    axes[-1, 0].set_xlabel("step")
    _save_figure(figure, path)


def _table(log):
    """The header of a CSV file, and its numbers (rows, columns)."""
    try:
        with open(atomic.local(log), newline="", encoding="utf-8") as file:
            names, *rows = list(csv.reader(file))
        return names, np.array(rows, "float64").reshape(len(rows), len(names))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{log} is no table of numbers with a header ({error}): give the "
            "log.csv of a run"
        ) from error


@accepted
def correlation(
    steps: ArrayLike, columns: dict[str, ArrayLike], title: str,
    path: str | Path,
) -> None:
    """Draws two numbers over the steps, and one against the other.

    Args:
        steps: where they were taken, (n,).
        columns: dict of two names and their values, (n,) each.
        title: above the figure.
        path: where to save the figure.

    Raises:
        InputError: other lengths than that of `steps`, or not two columns.
    """
    from matplotlib.figure import Figure

    lengths = {np.shape(x) for x in (steps, *columns.values())}
    if len(columns) != 2 or len(lengths) > 1 or len(*lengths) != 1:
        raise InputError(
            "a correlation is drawn of two columns (n,) over steps (n,), got "
            f"{len(columns)} columns and the shapes "
            f"{', '.join(map(str, sorted(lengths)))}"
        )
    (x_name, x), (y_name, y) = columns.items()
    figure = Figure(figsize=(9, 4), layout="constrained")
    figure.suptitle(title)
    left, right = figure.subplots(1, 2)
    left.plot(steps, x, color="tab:blue")
    left.set(xlabel="step", ylabel=x_name)
    other = left.twinx()
    other.plot(steps, y, color="tab:orange")
    other.set_ylabel(y_name)
    left.yaxis.label.set_color("tab:blue")
    other.yaxis.label.set_color("tab:orange")
    right.scatter(x, y, c=steps)
    right.set(xlabel=f"{x_name} (dark: early)", ylabel=y_name)
    right.grid(alpha=0.3)
    _save_figure(figure, path)


def _ending(path):
    """The ending of a picture's file; InputError for any other."""
    ending = atomic.local(path).suffix.lower()
    if ending not in Image.registered_extensions():
        raise InputError(
            f"cannot write {path}: {ending or 'no ending'} is no kind of "
            "picture; choose an ending such as .png"
        )
    return ending


def _save_figure(figure, path):
    _ending(path)
    # A stopped run leaves the last whole figure.
    with atomic.replacing(path) as aside:
        figure.savefig(
            aside, dpi=100, format="png",
            metadata={"Software": MARK.decode()},
        )
