"""keras-gen classes: a conditional model's classes, and what is between."""

from keras_gen.cli import _common
from keras_gen.errors import InputError

EXAMPLES = (
    "keras-gen classes cgan_shapes --n=8",
    "keras-gen classes cgan_shapes --from=ring --to=cross --gif",
)


def add_arguments(parser):
    """The flags of `keras-gen classes`."""
    _common.add_model(parser)
    parser.add_argument(
        "--n", type=int, default=10,
        help="seeds: columns of the grid of all classes, rows between two",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the first")
    parser.add_argument(
        "--from", dest="first", metavar="CLASS",
        help="with --to: go from this class, by its name or number, to the "
        "other",
    )
    parser.add_argument(
        "--to", dest="last", metavar="CLASS", help="where --from goes"
    )
    parser.add_argument(
        "--steps", type=int, default=9,
        help="pictures from one class to the other, 9 by default",
    )
    _common.add_gif(parser)
    _common.add_figure(parser, "classes", label=False)
    parser.checks.append(check)


def check(options):
    """Raises an InputError for options that do not belong together."""
    between = options.first is not None
    if between != (options.last is not None):
        raise InputError("--from and --to belong together: give both")
    if options.gif and not between:
        raise InputError("--gif shows the way between two: give --from, --to")
    if options.n < 1:
        raise InputError(f"--n must be at least 1, got {options.n}")


def run(options):
    """Writes the figure."""
    from keras_gen import explore

    model = _common.model_of(options.model, options.allow_code_of)
    seeds = range(options.seed, options.seed + options.n)
    if options.first is not None:
        rows = explore.class_interpolation(
            model, options.first, options.last, seeds, options.steps
        )
    else:
        rows = explore.class_grid(model, seeds)
    _common.write_figure(
        options, model, rows, gif=rows if options.gif else None
    )
