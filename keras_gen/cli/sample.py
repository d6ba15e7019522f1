"""keras-gen sample: pictures, or what else a model makes, from noise."""


from keras_gen import atomic
from keras_gen.cli import _common
from keras_gen.errors import InputError

# Items made between two looks at the clock.
_CHUNK = 256
EXAMPLES = (
    "keras-gen sample dcgan_celeba --n=16 --seed=7 --out=faces.png",
    "keras-gen sample cgan_shapes --label=ring --truncation 1",
)


def add_arguments(parser):
    """The flags of `keras-gen sample`."""
    _common.add_model(parser)
    parser.add_argument(
        "--n", type=int,
        help="how many; by default what a figure shows well, 64 pictures, and "
        "an eighth of it of each of several truncations",
    )
    parser.add_argument(
        "--seed", type=int, default=0,
        help="of the first; number i has the seed SEED + i",
    )
    parser.add_argument(
        "--truncation", type=float, nargs="+", metavar="T",
        help="largest absolute value of a latent's numbers, above 0, that the "
        "model bears (keras-gen show NAME); several give a row each, of the "
        "same seeds",
    )
    parser.add_argument(
        "--separate", type=_common.path, metavar="FOLDER",
        help="write single files to this new folder instead, named after "
        "their seeds (points: all in one table)",
    )
    parser.add_argument(
        "--gif", action="store_true",
        help="of what moves (videos, solids): also write an animation, under "
        "the same name with .gif",
    )
    _common.add_precision(parser)
    _common.add_figure(parser, "samples")
    parser.checks.append(check)


def check(options):
    """Raises an InputError for options that do not belong together."""
    if options.separate:
        atomic.refuse_existing(options.separate)
        if len(options.truncation or ()) > 1:
            raise InputError("--separate takes one --truncation only")
        if options.gif:
            raise InputError("--gif goes beside a figure, not --separate")
    if options.n is not None and options.n < 1:
        raise InputError(f"--n must be at least 1, got {options.n}")


def run(options):
    """Writes the figure, or the folder."""
    from keras_gen import explore
    from keras_gen.abilities import DrawsLatents

    bounds = options.truncation or [None]
    model = _common.model_of(options.model, options.allow_code_of)
    DrawsLatents.require(model)
    model = model.in_precision(options.precision)
    made = model.made
    if options.gif and not made.moving:
        raise InputError(f"{made.plural} do not move: leave --gif out")
    n = options.n or made.shown // (8 if len(bounds) > 1 else 1)
    condition, columns = conditions(model, options.label, n)
    if len(bounds) > 1:
        items = explore.truncations(
            model, bounds, n, options.seed, **condition
        )
    else:
        items = drawn(model, n, options.seed, bounds[0], condition)
    if options.separate:
        write_separate(made, items, options.separate, options.seed)
        return
    out = _common.write_figure(options, model, items, columns)
    if options.gif:
        _common.write_items(made, items, out.with_suffix(".gif"), columns)


def conditions(model, label, n):
    """(keywords of `generate`, columns of the grid): without a label one
    class a column, whatever the seed."""
    import numpy as np

    from keras_gen.abilities import TakesLabels

    if not model.can(TakesLabels):
        if label is not None:
            raise InputError(f"{model.name} takes no label: leave it out")
        return {}, None
    if label is None:
        return {"label": model.each_class(np.arange(n))}, model.classes
    return {"label": model.labels(label, (n,))}, None


def drawn(model, n, seed, truncation, condition):
    """n items of the model, with progress."""
    import numpy as np

    say, parts = _common.Progress(), []
    for start in range(0, n, _CHUNK):
        rows = slice(start, min(start + _CHUNK, n))
        say.count(start, n, model.made.plural)
        parts.append(model.generate(
            rows.stop - start, seed=seed + start, truncation=truncation,
            **{name: values[rows] for name, values in condition.items()},
        ))
    say.end()
    return np.concatenate(parts)


def write_separate(made, items, folder, seed):
    """Writes each item as SEED with its type's ending, or all in one file;
    the folder appears when it is whole."""
    say = _common.Progress()
    with atomic.new_folder(folder) as aside:
        if made.saves_together:
            made.save(items, aside / f"{made.column}{made.ending}")
            items = ()
        for i, item in enumerate(items):
            say.count(i, len(items), f"{made.plural} written")
            made.save(item, aside / f"{seed + i:06}{made.ending_of(item)}")
    say.end()
    print(folder)
