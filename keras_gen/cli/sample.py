"""keras-gen sample: pictures from noise, as a grid or one by one."""

import pathlib
import shutil

from keras_gen.cli import _common
from keras_gen.errors import InputError

# Pictures made between two looks at the clock.
_CHUNK = 256


def add_arguments(parser):
    """The flags of `keras-gen sample`."""
    _common.add_model(parser)
    parser.add_argument(
        "--n", type=int,
        help="pictures: 64 by default, 8 of each of several truncations",
    )
    parser.add_argument(
        "--seed", type=int, default=0,
        help="of the first picture; picture i has the seed SEED + i",
    )
    parser.add_argument(
        "--truncation", type=float, nargs="+", metavar="T",
        help="largest absolute value of a latent's numbers, above 0; several "
        "give a row each, of the same seeds",
    )
    parser.add_argument(
        "--separate", type=pathlib.Path, metavar="FOLDER",
        help="write single pictures to this new folder instead, named after "
        "their seeds",
    )
    _common.add_figure(parser, "samples")


def run(options):
    """Writes the grid, or the folder."""
    bounds = options.truncation or [None]
    if options.separate:
        _common.refuse_existing(options.separate)
        if len(bounds) > 1:
            raise InputError("--separate takes one --truncation only")
    n = options.n
    if n is None:
        n = 8 if len(bounds) > 1 else 64
    if n < 1:
        raise InputError(f"--n must be at least 1, got {n}")
    from keras_gen import explore

    model = _common.model_of(options.model, options.allow_code_of)
    condition, columns = conditions(model, options.label, n)
    if len(bounds) > 1:
        pictures = explore.truncations(
            model, bounds, n, options.seed, **condition
        )
        _common.write_figure(options, model, pictures)
        return
    pictures = drawn(model, n, options.seed, bounds[0], condition)
    if options.separate:
        write_separate(pictures, options.separate, options.seed)
    else:
        _common.write_figure(options, model, pictures, columns)


def conditions(model, label, n):
    """(keywords of `generate`, columns of the grid): without a label one
    class a column."""
    import numpy as np

    from keras_gen.explore import decoding

    decoding.refuse_without_prior(model)
    columns = None
    if decoding.conditional(model) and label is None:
        label, columns = np.arange(n) % model.classes, model.classes
    label = decoding.labels(model, label, (n,))
    return ({} if label is None else {"label": label}), columns


def drawn(model, n, seed, truncation, condition):
    """uint8 (n, height, width, channels), with progress."""
    import numpy as np

    say, parts = _common.Progress(), []
    for start in range(0, n, _CHUNK):
        rows = slice(start, min(start + _CHUNK, n))
        say.count(start, n, "pictures")
        parts.append(model.generate(
            rows.stop - start, seed=seed + start, truncation=truncation,
            **{name: values[rows] for name, values in condition.items()},
        ))
    say.end()
    return np.concatenate(parts)


def write_separate(pictures, folder, seed):
    """Writes each picture as SEED.png; the folder appears when it is whole.
    """
    from keras_gen.data.pictures import as_image

    aside = folder.with_name(f"{folder.name}.aside")
    say = _common.Progress()
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(parents=True)
        for i, picture in enumerate(pictures):
            say.count(i, len(pictures), "pictures written")
            as_image(picture).save(aside / f"{seed + i:06}.png")
        aside.rename(folder)
    except OSError as error:
        raise InputError(
            f"cannot write {folder} ({error}): choose another --separate"
        ) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        say.end()
    print(folder)
