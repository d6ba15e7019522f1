"""What several sub-commands share: naming a model, telling progress, writing
figures."""

import pathlib
import sys
import time

from keras_gen.errors import InputError


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
        "--out", type=pathlib.Path,
        help=f"file of the figure; NAME-{ending}.png by default",
    )
    parser.set_defaults(ending=ending)
    if label:
        add_label(parser)


def add_label(parser):
    """--label."""
    parser.add_argument(
        "--label", type=int, help="of a conditional model: the class"
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
    if not hasattr(model, "encode"):
        raise InputError(
            f"{model.name} does not encode pictures: choose a VAE or an "
            "autoencoder"
        )
    _, size, _, channels = model.encoder.input_shape
    return size, channels


def read_fitting(model, sources):
    """(names, uint8 pictures of the size that the model encodes) of files,
    folders and .zip files."""
    import numpy as np

    from keras_gen.data import pictures
    from keras_gen.explore import files

    size, channels = fitting(model)
    read = [
        (name, pictures.fit(image, size)) for _, name, image
        in files.images(files.find(sources), channels, size)
    ]
    names, found = zip(*read)
    return names, np.stack(found)


def write_figure(options, model, pictures, columns=None, gif=None):
    """Writes the grid, and the animation if it is wanted, and prints where.

    Args:
        options: the command line's.
        model: the objective, for the default name.
        pictures, columns: of `plot.grid`.
        gif: uint8 rows (rows, frames, height, width, channels), which move
            side by side, to the end and back.
    """
    from keras_gen import plot

    out = options.out or pathlib.Path(f"{model.name}-{options.ending}.png")
    plot.grid(pictures, out, columns=columns)
    print(out)
    if gif is not None:
        there = [plot.grid(gif[:, i]) for i in range(gif.shape[1])]
        file = out.with_suffix(".gif")
        plot.animation([*there, *there[-2::-1]], file, frames=2 * len(there))
        print(file)


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
