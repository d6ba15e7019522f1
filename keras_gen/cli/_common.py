"""What several sub-commands share: naming a model, telling progress, writing
figures."""

import argparse
import pathlib
import sys
import time

from keras_gen import atomic, terminal
from keras_gen.errors import InputError

# A figure by default: pictures of about this many pixels, on a sheet of at
# most that many.
_PICTURE, _SHEET = 64, 1024
# Feature networks that are not files of keras_gen's.
_FEATURES = ("pca", "coordinates", "keras-inceptionv3")


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
        help="a published model's name, the work directory of a run, or the "
        "address of a pushed one, hf://USER/NAME or https://...",
    )
    parser.checks.append(lambda options: check_weights(options.model))
    add_allow_code_of(parser)


def check_weights(name):
    """Raises an InputError where there is no model of this name, or it has no
    weights; without Keras, and so at once."""
    from keras_gen.zoo import weights

    values = document(name)
    run = weights.run_folder(name)
    if run:
        weights.refuse_untrained(run)
    else:
        weights.refuse_missing(values)


def document(name):
    """The recipe's nested dicts of a model's name or a work directory,
    without Keras."""
    from keras_gen.zoo import weights

    return weights.document(weights.recipe_file(name))


def check_features(name):
    """Raises an InputError where there can be no such feature network, or it
    has no weights."""
    if name is None or name in _FEATURES:
        return
    if not name.endswith(".pb"):
        check_weights(name)
    elif not atomic.local(name).is_file():
        raise InputError(
            f"there is no {name}: give the path of classify_image_graph_def."
            "pb, or the name of a classifier"
        )


def check_data(source):
    """Raises an InputError where a source of data can only have been meant as
    a path, and is not there; None is none."""
    from keras_gen.data import sources

    if source is not None:
        sources.find(source)


def check_files(paths):
    """Raises an InputError where picture files, or folders of them, are not
    there; None is none."""
    from keras_gen.data import picture_files

    picture_files.find(paths or (), tell=False)


def check_out(path):
    """Raises an InputError where no file can be written at a path; None is
    chosen later."""
    if path is None:
        return
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the name of a file in it")
    if not path.parent.is_dir():
        raise InputError(
            f"cannot write {path}: there is no folder {path.parent}; make it, "
            "or choose another place"
        )


def unused(name):
    """The path of a new file in this folder, with a number where there is
    one of the name: what was written without --out is never replaced."""
    path, number = pathlib.Path(name), 1
    first = path
    while path.exists():
        number += 1
        path = first.with_stem(f"{first.stem}-{number}")
    return path


def add_allow_code_of(parser):
    """--allow_code_of, as of train/main.py."""
    parser.add_argument(
        "--allow_code_of", type=lambda text: tuple(text.split(",")),
        default=(), metavar="PACKAGES",
        help="packages of others, separated by commas, whose code the recipe "
        "may name; only what you trust",
    )


def add_precision(parser):
    """--precision."""
    parser.add_argument(
        "--precision", choices=("float32", "bfloat16"), default="float32",
        help="what to compute in: float32 by default; bfloat16, which some "
        "processors and GPUs are faster in, changes some levels of some pixels",
    )


def add_figure(parser, ending, label=True):
    """--out with its default and, for models of classes, --label."""
    add_out(parser, f"NAME-{ending}.png", "of the figure")
    add_scale(parser)
    parser.set_defaults(ending=ending)
    if label:
        add_label(parser)


def add_out(parser, default, of):
    """--out of one file, with what it is called by default."""
    parser.add_argument(
        "--out", type=path,
        help=f"file {of}, which is replaced; by default a new {default} in "
        "this folder",
    )
    parser.checks.append(lambda options: check_out(options.out))


def add_scale(parser):
    """--scale of pictures on a sheet."""
    parser.add_argument(
        "--scale", type=int, metavar="TIMES",
        help="draw each pixel that many times as high and wide; by default "
        f"small pictures are enlarged to about {_PICTURE} pixels",
    )
    parser.checks.append(check_scale)


def check_scale(options):
    """Raises an InputError for an impossible --scale."""
    if options.scale is not None and not 1 <= options.scale <= 64:
        raise InputError(f"--scale goes from 1 to 64, got {options.scale}")


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


def reading_of(model, channels, column="image", labels=None):
    """How pictures are read for a model: as those of the column were in
    training.

    Args:
        labels: of a network that takes pictures of labels, their colours.
    """
    from keras_gen.data.reading import Reading

    span = model.picture_ranges.get(column)
    bits = 16 if model.made.dtype == "uint16" else 8
    return Reading(channels, span, bits, labels=labels)


def made_shape(model):
    """(size, channels) of the pictures that a model encodes or, where it has
    no encoder, makes of latents."""
    from keras_gen.abilities import DrawsLatents, Encodes

    if model.can(Encodes):
        return fitting(model)
    DrawsLatents.require(model)
    if model.made.name != "picture":
        raise InputError(f"{model.name} makes {model.made.plural}, no pictures")
    _, size, _, channels = model.generator.output_shape
    return size, channels


def read_fitting(model, sources, shape=None):
    """(names, pictures) of files, folders and .zip files, of a (size,
    channels), by default the one that the model encodes."""
    import numpy as np

    from keras_gen.data import picture_files

    size, channels = shape or fitting(model)
    reading = reading_of(model, channels)
    read = [
        (name, reading.fit(opened, size)) for _, name, opened
        in picture_files.images(picture_files.find(sources), reading)
    ]
    names, found = zip(*read)
    return names, np.stack(found)


def write_figure(
    options, model, items, columns=None, gif=None, tell=print
):
    """Writes the figure, and the animation if it is wanted, and tells where.

    Args:
        options: the command line's.
        model: the objective, for the type of the items.
        items, columns: of `write_items`.
        gif: rows of items (rows, frames, ...), which move side by side, to
            the end and back.
        tell: what is called with each path; it is printed by default.

    Returns:
        The figure's path.
    """
    from keras_gen import plot
    from keras_gen.zoo import weights

    out = options.out or unused(
        f"{weights.called(options.model)}-{options.ending}.png"
    )
    write_items(model.made, items, out, columns, options.scale, tell)
    if gif is not None:
        there = []
        for i in range(gif.shape[1]):
            pictures, columns = sheet(
                model.made, gif[:, i], None, options.scale
            )
            there.append(plot.grid(pictures, columns=columns))
        file = out.with_suffix(".gif")
        plot.animation([*there, *there[-2::-1]], file, frames=2 * len(there))
        tell(file)
    return out


def write_items(
    made, items, path, columns=None, scale=None, tell=print
):
    """Writes items into one file and tells its path: a GIF of a type that
    moves, a table of one that is kept in one, else a sheet of pictures.

    Args:
        made: their type.
        items: as `made.restore` gives them, or rows of them (rows, columns,
            ...).
        path: whose ending chooses.
        columns: items in a row; by default the type's choice.
        scale: times that a pixel is drawn, chosen where it is None.
        tell: as of `write_figure`.
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
        pictures, columns = sheet(made, items, columns, scale)
        plot.grid(pictures, path, columns)
    tell(path)


def sheet(made, items, columns, scale):
    """(pictures, columns) as `plot.grid` takes them, small ones enlarged."""
    pictures, columns = made.sheet(items, columns)
    if scale is None:
        rows = -(-len(pictures) // columns)
        height, width = pictures.shape[1:3]
        whole = max(height * rows, width * columns)
        scale = max(1, min(_PICTURE // max(height, width), _SHEET // whole))
    return pictures.repeat(scale, 1).repeat(scale, 2), columns


class Progress:
    """Tells on one line of a terminal, or on lines of a file, what is being
    done and since when."""

    def __init__(self):
        self.start = self.told = time.time()

    def __call__(self, line):
        line = f"{time.time() - self.start:5.0f} s  {line}"
        if terminal.columns(sys.stderr) is None:
            terminal.say(line)
        else:
            terminal.rewrite(line, sys.stderr)

    def count(self, done, total, what):
        """Tells how far a loop is, not more often than can be read."""
        live = terminal.columns(sys.stderr) is not None
        if time.time() - self.told > (0.2 if live else 5):
            self.told = time.time()
            self(f"{done:,} of {total:,} {what}")

    def end(self):
        """Clears the line."""
        terminal.clear()
