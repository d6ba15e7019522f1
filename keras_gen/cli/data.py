"""keras-gen data: what would be read, as a summary and a contact sheet."""

import contextlib
import pathlib

import numpy as np

from keras_gen import data, plot
from keras_gen.cli import _common
from keras_gen.data import kinds
from keras_gen.errors import InputError

_SHOWN = 64
_POINTS = 2048


def add_arguments(parser):
    """The flags of `keras-gen data`."""
    parser.add_argument(
        "source", metavar="FOLDER",
        help="a folder, a .zip, an .npz, a .csv, 'shapes' or a TensorFlow "
        "Datasets name",
    )
    parser.add_argument(
        "--kind", choices=kinds.names(),
        help="how to read it; by default the one that fits and asks most",
    )
    parser.add_argument(
        "--split", choices=("train", "test"), default="train"
    )
    parser.add_argument(
        "--size", type=int, help="pixels, 64 by default, or voxels, 16"
    )
    parser.add_argument(
        "--channels", type=int, choices=(1, 3),
        help="by default 1 where every picture is grey, else 3",
    )
    parser.add_argument(
        "--direction", choices=("AtoB", "BtoA"),
        help="of pairs, AtoB by default",
    )
    parser.add_argument(
        "--classes", type=int, help="of label ids, how many there are"
    )
    parser.add_argument(
        "--frames", type=int, help="of videos, 16 by default"
    )
    parser.add_argument(
        "--check", action="store_true",
        help="decode every picture, to find those that break in the middle; "
        "a training at the same size then has them in its cache",
    )
    _common.add_out(
        parser, "FOLDER-contact-sheet.png", "of the contact sheet"
    )


def run(options):
    """Prints the summary and the skipped files; writes the sheet."""
    tried = [options.kind] if options.kind else kinds.by_demand()
    dataset, kind, arguments = first_that_fits(options, tried)
    if options.check:
        check(dataset)
        dataset = load(options, kind, arguments)
    print("read as     " + " ".join(
        f"--{name}={value}" for name, value in
        {"kind": kind, **arguments}.items() if name in ("kind", "channels")
    ))
    print(f"data        {dataset.summary()}")
    if dataset.classes:
        print(f"classes     {listed(dataset)}")
    for line in dataset.notes:
        print(f"  {line}")
    for line in dataset.skipped:
        print(f"  skipped   {line}")
    out = options.out or _common.unused(
        f"{pathlib.Path(options.source).resolve().stem}-contact-sheet.png"
    )
    if contact_sheet(dataset, out):
        print(f"sheet       {out}")


def first_that_fits(options, tried):
    """(Dataset, kind, arguments) for the first kind that fits the source.
    Where none does, the error is that of the kind that asks least of those
    that ask anything."""
    errors = []
    for kind in tried:
        try:
            arguments = arguments_for(options, kind)
            return load(options, kind, arguments), kind, arguments
        except InputError as error:
            errors.append((kinds.named(kind).asks or np.inf, error))
    raise min(errors, key=lambda each: each[0])[1]


def arguments_for(options, kind):
    """Those of the options that a kind takes, and the source's channels."""
    takes = kinds.named(kind).arguments
    given = {
        name: getattr(options, name)
        for name in ("size", "channels", "direction", "classes", "frames")
        if getattr(options, name) is not None
        and (options.kind or name in takes)
    }
    if "channels" in takes and "channels" not in given:
        others = {k: v for k, v in given.items() if k != "size"}
        found = data.properties(options.source, kind, **others)
        given["channels"] = found.channels or 3
    return given


def load(options, kind, arguments):
    """The Dataset that the options ask for."""
    return data.load(options.source, kind, options.split, **arguments)


def check(dataset, chunk=64):
    """Decodes everything; broken files are told as they are met."""
    for column in dataset.columns.values():
        for start in range(0, len(column), chunk):
            column[np.arange(start, min(start + chunk, len(column)))]


def listed(dataset):
    """The classes or attributes with their numbers of pictures; the names
    alone where there is no label for each."""
    if "label" not in dataset.columns:
        return ", ".join(dataset.classes)
    label = dataset.columns["label"]
    counts = label.sum(0) if label.ndim == 2 else np.bincount(
        label[label >= 0], minlength=len(dataset.classes)
    )
    shown = [
        f"{name} {count:,}" for name, count in zip(dataset.classes, counts)
    ]
    unknown = (label == dataset.types["label"].missing).sum()
    return ", ".join(shown + ([f"unknown {unknown:,}"] if unknown else []))


def contact_sheet(dataset, path):
    """Writes items from all over the data set, columns side by side; whether
    there is anything to draw."""
    together = any(type_.saves_together for type_ in dataset.types.values())
    chosen = np.unique(np.linspace(
        0, len(dataset) - 1, _POINTS if together else _SHOWN
    ).astype(int))
    sheets = []
    for name, items in dataset.take(chosen).items():
        type_ = dataset.types[name]
        with contextlib.suppress(InputError):  # labels cannot be drawn
            sheets.append(type_.sheet(items, None if type_.moving else 8))
    if len(sheets) == 1:
        plot.grid(sheets[0][0], path, columns=sheets[0][1])
    elif sheets:
        pictures = alike([pictures for pictures, _ in sheets])
        plot.grid(
            np.stack(pictures, 1).reshape(-1, *pictures[0].shape[1:]), path,
            columns=8 * len(pictures),
        )
    return bool(sheets)


def alike(sheets):
    """Pictures in colour where one is, the small ones enlarged."""
    height, width, channels = np.max([each.shape[1:] for each in sheets], 0)
    return [
        np.broadcast_to(
            each.repeat(height // each.shape[1], 1).repeat(
                width // each.shape[2], 2
            ), (len(each), height, width, channels),
        ) for each in sheets
    ]
