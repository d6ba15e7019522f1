"""What several sub-commands share: naming a model, telling progress, writing
figures."""

import argparse
import pathlib
import sys
import time

from keras_gen import atomic
from keras_gen.errors import InputError


def path(text):
    """A flag's or an argument's path; what it cannot be is told with it."""
    try:
        return atomic.local(text)
    except InputError as error:
        raise argparse.ArgumentTypeError(error) from error


def add_model(parser):
    """The positional NAME."""
    parser.add_argument(
        "model", metavar="NAME",
        help="a published model's name, or the work directory of a run",
    )
    add_allow_code_of(parser)


def add_allow_code_of(parser):
    """--allow_code_of, as of train/main.py."""
    parser.add_argument(
        "--allow_code_of", type=lambda text: tuple(text.split(",")),
        default=(), metavar="PACKAGES",
        help="packages of others, separated by commas, whose code the recipe "
        "may name; only what you trust",
    )


def add_figure(parser, ending, label=True):
    """--out with its default and, for models of classes, --label."""
    parser.add_argument(
        "--out", type=path,
        help=f"file of the figure; NAME-{ending}.png by default",
    )
    parser.set_defaults(ending=ending)
    if label:
        add_label(parser)


def add_label(parser):
    """--label."""
    parser.add_argument(
        "--label", metavar="CLASS",
        help="of a conditional model: the class, by its name or number",
    )


def add_gif(parser):
    """--gif."""
    parser.add_argument(
        "--gif", action="store_true",
        help="also write an animation, under the same name with .gif",
    )


def recipe_of(name, allow_code_of=()):
    """The recipe of a zoo name, a file or a work directory."""
    from keras_gen import zoo

    return zoo.recipe(name, allow_code_of)


def model_of(name, allow_code_of=()):
    """The objective of a zoo name or a work directory, with its weights."""
    from keras_gen import zoo

    return zoo.load(name, allow_code_of=allow_code_of)


def fitting(model):
    """(size, channels) of the pictures that a model encodes."""
    from keras_gen.abilities import Encodes

    Encodes.require(model)
    _, size, _, channels = model.encoder.input_shape
    return size, channels


def reading_of(model, channels, column="image"):
    """How pictures are read for a model: as those of the column were in
    training."""
    from keras_gen.data.reading import Reading

    span = model.picture_ranges.get(column)
    return Reading(channels, span, 16 if model.made.dtype == "uint16" else 8)


def read_fitting(model, sources):
    """(names, pictures of the size that the model encodes) of files, folders
    and .zip files."""
    import numpy as np

    from keras_gen.explore import files

    size, channels = fitting(model)
    reading = reading_of(model, channels)
    read = [
        (name, reading.fit(opened, size)) for _, name, opened
        in files.images(files.find(sources), reading)
    ]
    names, found = zip(*read)
    return names, np.stack(found)


def write_figure(options, model, items, columns=None, gif=None):
    """Writes the figure, and the animation if it is wanted, and prints
    where.

    Args:
        options: the command line's.
        model: the objective, for the type of the items and the default name.
        items, columns: of `write_items`.
        gif: rows of items (rows, frames, ...), which move side by side, to
            the end and back.

    Returns:
        The figure's path.
    """
    from keras_gen import plot

    out = options.out or pathlib.Path(f"{model.name}-{options.ending}.png")
    write_items(model.made, items, out, columns)
    if gif is not None:
        there = []
        for i in range(gif.shape[1]):
            pictures, columns = model.made.sheet(gif[:, i])
            there.append(plot.grid(pictures, columns=columns))
        file = out.with_suffix(".gif")
        plot.animation([*there, *there[-2::-1]], file, frames=2 * len(there))
        print(file)
    return out


def write_items(made, items, path, columns=None):
    """Writes items into one file and prints its path: a GIF of a type that
    moves, a table of one that is kept in one, else a sheet of pictures.

    Args:
        made: their type.
        items: as `made.restore` gives them, or rows of them (rows, columns,
            ...).
        path: whose ending chooses.
        columns: items in a row; by default the type's choice.
    """
    from keras_gen import plot, values

    if items.ndim == made.rank + 2:
        columns = items.shape[1]
        items = items.reshape(-1, *items.shape[2:])
    if made.moving and path.suffix == ".gif":
        values.write_gif(made.frames(items, columns), path)
    elif made.saves_together and path.suffix == made.ending:
        made.save(items, path)
    else:
        pictures, columns = made.sheet(items, columns)
        plot.grid(pictures, path, columns)
    print(path)


def refuse_existing(path):
    """InputError for a folder that is there already."""
    if path.exists():
        raise InputError(
            f"{path} exists: choose a new folder, or remove this one"
        )


class Progress:
    """Tells on one line of a terminal, or on lines of a file, what is being
    done and since when."""

    def __init__(self):
        self.start, self.live = time.time(), sys.stderr.isatty()
        self.told = self.start

    def __call__(self, line):
        seconds = f"{time.time() - self.start:5.0f} s  "
        if self.live:
            print(f"\r\033[K{seconds}{line}", end="", file=sys.stderr)
        else:
            print(f"{seconds}{line}", file=sys.stderr, flush=True)

    def count(self, done, total, what):
        """Tells how far a loop is, not more often than can be read."""
        if time.time() - self.told > (0.2 if self.live else 5):
            self.told = time.time()
            self(f"{done:,} of {total:,} {what}")

    def end(self):
        """Clears the line."""
        if self.live:
            print("\r\033[K", end="", file=sys.stderr)
