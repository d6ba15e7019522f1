"""keras-gen translate: the user's own pictures through a translator."""


from keras_gen import atomic, seeds
from keras_gen.cli import _common
from keras_gen.errors import InputError

EXAMPLES = (
    "keras-gen translate pix2pix_facades drawn_maps/ facades/",
)


def add_arguments(parser):
    """The flags of `keras-gen translate`."""
    _common.add_model(parser)
    parser.add_argument(
        "sources", nargs="+", metavar="IN",
        help="picture files, .npy and TIFF of several channels among them, "
        "folders or .zip files",
    )
    parser.add_argument(
        "out", type=_common.path, metavar="OUT",
        help="folder for the translations, PNG files of the same names; .npy "
        "files of what a PNG does not hold",
    )
    parser.add_argument(
        "--to", choices=("a", "b"),
        help="of models that translate both ways, between pictures A and B: "
        "which to make; b by default",
    )
    parser.add_argument(
        "--size", type=size, metavar="PIXELS",
        help="scale the short side to it first, 'own' to leave it; by "
        "default the size of the training pictures, which the model knows, "
        "and 'own' of models that enlarge and with --tile",
    )
    parser.add_argument(
        "--tile", type=int, metavar="PIXELS",
        help="translate tile by tile, of so many pixels a side, what is too "
        "large for the memory; what sees a whole picture (instance "
        "normalization, a U-Net) sees its tile then, so that contrast may "
        "differ from the whole picture's, without seams",
    )
    parser.add_argument(
        "--overlap", type=int, default=64, metavar="PIXELS",
        help="that neighbouring tiles share (64)",
    )
    parser.add_argument(
        "--seed", type=int, default=0,
        help="of models that keep dropout on; each picture has its own of it, "
        "by its name",
    )
    parser.add_argument(
        "--compare", action="store_true",
        help="write each picture with its translation to the right, enlarged "
        "to its size",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace files in OUT"
    )
    parser.checks.append(check)


def size(text):
    """Pixels, or 0 for "own"."""
    pixels = 0 if text == "own" else int(text)
    if text != "own" and pixels < 1:
        raise ValueError
    return pixels


def check(options):
    """Raises an InputError for sources that are not there, or translations
    that are."""
    from keras_gen.data import picture_files

    found = picture_files.find(options.sources, tell=False)
    channels = _common.document(options.model)["data"].get("channels")
    # Others are written as a PNG or not: `ending` asks the model.
    if options.compare or channels in (1, 3):
        outputs(found, options.out, options.overwrite)


def run(options):
    """Writes the translations and prints where and how many."""
    from keras_gen.data import picture_files
    from keras_gen.layers.label_colours import colours_of

    model = _common.model_of(options.model, options.allow_code_of)
    to = translator(model, options.to)
    short = options.size
    if short is None:
        short = None if options.tile else model.fitted_side(to)
    found = picture_files.find(options.sources)
    paths = outputs(
        found, options.out, options.overwrite,
        ".png" if options.compare else ending(model, to),
    )
    network = getattr(model, model.translators[to])
    reading = _common.reading_of(
        model, network.input_shape[-1], model.source(to),
        colours_of(network),
    )
    say, written = _common.Progress(), 0
    readable = picture_files.images(found, reading)
    for number, name, opened in readable:
        say.count(number, len(found), "pictures")
        picture = reading.scaled(opened, short)
        try:
            made = model.translate(
                picture[None], to=to, seed=seeds.named(options.seed, name),
                tile=options.tile, overlap=options.overlap,
            )[0]
        except InputError as error:
            picture_files.skip(name, error)
            continue
        make_folder(paths[number].parent)
        if options.compare:
            compared(picture, made, paths[number])
        else:
            model.made.save(made, paths[number])
        written += 1
    say.end()
    tell(options.out, len(found), written)


def tell(folder, found, written):
    """Prints where and how many; InputError if there is not one."""
    if not written:
        raise InputError("not one picture was translated")
    print(f"{folder}: {written} translated, {found - written} skipped")


def translator(model, to):
    """The model's translator, a key of `translators`."""
    from keras_gen.abilities import Translates

    Translates.require(model)
    if to is None:
        return next(iter(model.translators))
    if len(model.translators) == 1:
        raise InputError(
            f"{model.name} translates one way only: leave --to out"
        )
    return to


def ending(model, to):
    """Of the files of the translations."""
    import numpy as np

    network = getattr(model, model.translators[to])
    return model.made.ending_of(
        np.empty((1, 1, network.output_shape[-1]), model.made.dtype)
    )


def outputs(found, folder, overwrite, ending=".png"):
    """The path of each translation; InputError where two are the same, or
    one is there already."""
    paths = [(folder / name).with_suffix(ending) for name, _ in found]
    known = {}
    for path, (name, _) in zip(paths, found):
        if path in known:
            raise InputError(
                f"{known[path]} and {name} would both become {path}: "
                "translate them into different folders"
            )
        known[path] = name
    there = [path for path in paths if path.exists()]
    if there and not overwrite:
        raise InputError(
            f"{len(there)} of the files to write exist, such as {there[0]}: "
            "choose another folder, or --overwrite"
        )
    return paths


def compared(picture, made, path):
    """Writes a picture with its translation to the right."""
    from keras_gen import plot
    from keras_gen.objectives.base.translator import side_by_side

    pictures, columns = side_by_side(picture[None], made[None])
    plot.grid(pictures, path, columns=columns)


def write(image, path):
    """Writes a PIL image whole."""
    from keras_gen import plot

    make_folder(path.parent)
    plot.save(image, path)


def make_folder(path):
    """Makes a folder where it is not there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot make the folder {path}: {atomic.why(error)}"
        ) from error
