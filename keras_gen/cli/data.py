"""keras-gen data: what would be read, as a summary and a contact sheet."""

import pathlib

import numpy as np

from keras_gen import data, plot
from keras_gen.errors import InputError

_SHOWN = 64
# Each asks more of a layout than those after it.
_KINDS = ("pairs", "unpaired", "labelled", "attributes", "images")


def add_arguments(parser):
    """The flags of `keras-gen data`."""
    parser.add_argument(
        "source", metavar="FOLDER",
        help="a folder, a .zip, an .npz, 'shapes' or a TensorFlow Datasets "
        "name",
    )
    parser.add_argument(
        "--kind", choices=_KINDS,
        help="how to read it; by default the first of these that fits",
    )
    parser.add_argument(
        "--split", choices=("train", "test"), default="train"
    )
    parser.add_argument(
        "--size", type=int, default=64, help="pixels, 64 by default"
    )
    parser.add_argument(
        "--channels", type=int, choices=(1, 3),
        help="by default 1 where every picture is grey, else 3",
    )
    parser.add_argument(
        "--direction", choices=("AtoB", "BtoA"), default="AtoB",
        help="of pairs",
    )
    parser.add_argument(
        "--check", action="store_true",
        help="decode every picture, to find those that break in the middle; "
        "a training at the same size then has them in its cache",
    )
    parser.add_argument(
        "--out", type=pathlib.Path, help="file of the contact sheet, a .png"
    )


def run(options):
    """Prints the summary and the skipped files; writes the sheet."""
    kinds = [options.kind] if options.kind else _KINDS
    dataset, kind, channels = first_that_fits(options, kinds)
    if options.check:
        check(dataset)
        dataset = load(options, kind, channels)
    print(f"read as     --kind={kind} --channels={channels}")
    print(f"data        {dataset.summary()}")
    if dataset.classes:
        print(f"classes     {listed(dataset)}")
    for line in dataset.notes:
        print(f"  {line}")
    for line in dataset.skipped:
        print(f"  skipped   {line}")
    out = options.out or pathlib.Path(
        f"{pathlib.Path(options.source).resolve().stem}-contact-sheet.png"
    )
    contact_sheet(dataset, out)
    print(f"sheet       {out}")


def first_that_fits(options, kinds):
    """(Dataset, kind, channels) for the first kind that fits the source."""
    for kind in kinds:
        try:
            channels = options.channels or (
                data.properties(options.source, kind)[0] or 3
            )
            return load(options, kind, channels), kind, channels
        except InputError:
            if kind == kinds[-1]:
                raise


def load(options, kind, channels):
    """The Dataset that the options ask for."""
    return data.load(
        options.source, kind, options.split, options.size, channels,
        direction=options.direction,
    )


def check(dataset, chunk=64):
    """Decodes everything; broken files are told as they are met."""
    for column in dataset.columns.values():
        for start in range(0, len(column), chunk):
            column[np.arange(start, min(start + chunk, len(column)))]


def listed(dataset):
    """The classes or attributes with their numbers of pictures."""
    label = dataset.columns["label"]
    counts = label.sum(0) if label.ndim == 2 else np.bincount(
        label, minlength=len(dataset.classes)
    )
    return ", ".join(
        f"{name} {count:,}" for name, count in zip(dataset.classes, counts)
    )


def contact_sheet(dataset, path):
    """Writes pictures from all over the data set; pairs side by side."""
    chosen = np.unique(np.linspace(0, len(dataset) - 1, _SHOWN).astype(int))
    columns = [
        values for values in dataset.take(chosen).values() if values.ndim == 4
    ]
    pictures = np.stack(columns, 1).reshape(-1, *columns[0].shape[1:])
    plot.grid(pictures, path, columns=8 * len(columns))
