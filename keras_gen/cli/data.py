"""keras-gen data: what would be read, as a summary and a contact sheet."""

import contextlib

import numpy as np

from keras_gen import atomic, data, plot
from keras_gen.cli import _common, _json
from keras_gen.data import account, croissant, kinds
from keras_gen.errors import InputError

_SHOWN = 64
_POINTS = 2048
EXAMPLES = (
    "keras-gen data my_pictures/ --size=64",
    "keras-gen data pairs.zip --kind=pairs --direction=BtoA --check",
)


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
        "--split", choices=data.SPLITS, default="train",
        help="which part of the data the contact sheet shows",
    )
    parser.add_argument(
        "--size", type=int, help="pixels, 64 by default, or voxels, 16"
    )
    parser.add_argument(
        "--channels", type=numbers, metavar="N",
        help="1 for grey or 3 for colour, or as many as the pictures have, of "
        "pairs also INPUT,TARGET; by default those of the source",
    )
    parser.add_argument(
        "--range", type=numbers, metavar="LOW,HIGH",
        help="the values that are black and white; by default those of the "
        "files' type",
    )
    parser.add_argument(
        "--bits", type=int, choices=(8, 16),
        help="of images and pairs, 8 by default; 16 keeps all levels",
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
    parser.add_argument(
        "--croissant", type=_common.path, metavar="FILE",
        help="write there what the data are, for machines: the JSON of "
        "MLCommons' Croissant 1.1; FILE is in FOLDER or one above",
    )
    _common.add_out(
        parser, "FOLDER-contact-sheet.png", "of the contact sheet"
    )
    _json.add(parser)
    parser.checks.append(lambda options: _common.check_out(options.croissant))


def run(options):
    """Prints the summary and the skipped files; writes the sheet."""
    tried = [options.kind] if options.kind else kinds.by_demand()
    dataset, kind, arguments = first_that_fits(options, tried)
    if options.check:
        check(dataset)
        dataset = load(options, kind, arguments)
    read_as = {
        name: value for name, value in {"kind": kind, **arguments}.items()
        if name in ("kind", "channels", "range", "bits")
    }
    others = other_splits(options, kind, arguments)
    if not options.json:
        print("read as     " + " ".join(
            f"--{name}={shown(value)}" for name, value in read_as.items()
        ))
        for line in account.told(dataset, others, everything=options.check):
            print(line)
    out = options.out or _common.unused(
        f"{atomic.local(options.source).resolve().stem}-contact-sheet.png"
    )
    drawn = contact_sheet(dataset, out)
    written = [out] * drawn
    if options.croissant:
        describe(options, kind)
        written.append(options.croissant)
    if options.json:
        _json.say({
            "read_as": read_as, "split": options.split,
            **account.facts(dataset, others), "written": written,
        })
        return
    for title, path in zip(("sheet",) * drawn + ("croissant",), written):
        print(f"{title:11} {path}")


def describe(options, kind):
    """Writes the Croissant file."""
    found = croissant.of_files(options.source, kind, options.croissant)
    try:
        with atomic.replacing(options.croissant) as aside:
            aside.write_text(croissant.text(found), "utf-8")
    except OSError as error:
        raise InputError(
            f"cannot write {options.croissant}: {atomic.why(error)}"
        ) from error


def numbers(text):
    """A number, or a list of those between commas, as recipes have them."""
    found = [
        float(word) if "." in word or "e" in word else int(word)
        for word in text.strip("[]").split(",")
    ]
    return found if len(found) > 1 else found[0]


def shown(value):
    """A value as its flag takes it."""
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return value


def first_that_fits(options, tried):
    """(Dataset, kind, arguments) for the first kind that fits the source.
    Where none does, the error is that of the kind that asks least of those
    that ask anything."""
    errors = []
    for kind in tried:
        try:
            arguments = arguments_for(options, kind)
            found = load(options, kind, arguments)
            if options.kind is None and kinds.named(kind).class_folders and (
                len(found.classes) == 1
            ):
                raise InputError(
                    f"one folder alone is no class: use --kind={kind} for it"
                )
            return found, kind, arguments
        except InputError as error:
            errors.append((kinds.named(kind).asks or np.inf, error))
    raise min(errors, key=lambda each: each[0])[1]


def arguments_for(options, kind):
    """Those of the options that a kind takes, and the source's channels."""
    takes = kinds.named(kind).arguments
    given = {
        name: getattr(options, name)
        for name in (
            "size", "channels", "range", "bits", "direction", "classes",
            "frames",
        )
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


def other_splits(options, kind, arguments):
    """The Datasets of the splits that the options do not ask for, of those
    that there are."""
    found = []
    for split in data.SPLITS:
        if split != options.split:
            with contextlib.suppress(InputError):
                found.append(
                    data.load(options.source, kind, split, **arguments)
                )
    return found


def check(dataset, chunk=64):
    """Decodes everything; broken files are told as they are met."""
    for column in dataset.columns.values():
        for start in range(0, len(column), chunk):
            column[np.arange(start, min(start + chunk, len(column)))]


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
