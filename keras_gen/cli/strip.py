"""keras-gen strip: a training over its steps, or models over their years."""

from keras_gen.cli import _common
from keras_gen.errors import InputError

EXAMPLES = (
    "keras-gen strip runs/mine",
    "keras-gen strip --models gan_shapes wgan_shapes --out=years.png",
)


def add_arguments(parser):
    """The flags of `keras-gen strip`."""
    parser.description = (
        "Draw how a training came along, a row of the same latents for each "
        "of its steps; or what models draw of the same seeds, a column for "
        "each in the order of their papers, with its distance below."
    )
    parser.add_argument(
        "folder", metavar="RUN", nargs="?", type=_common.path,
        help="the work directory of a training",
    )
    parser.add_argument(
        "--models", nargs="+", metavar="NAME", dest="names",
        help="published models or runs that draw pictures, instead of a RUN",
    )
    parser.add_argument(
        "--rows", type=int, default=8,
        help="steps of a RUN, at most, or pictures of each model, 8",
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="of each model's first picture"
    )
    _common.add_out(parser, "NAME-strip.png", "of the figure")
    _common.add_allow_code_of(parser)
    parser.checks.append(check)


def check(options):
    """Raises an InputError unless there is one thing to draw."""
    if (options.folder is None) == (options.names is None):
        raise InputError(
            "give the work directory of a training, or --models NAME ..."
        )
    if options.rows < 1:
        raise InputError(f"--rows must be at least 1, got {options.rows}")
    for name in options.names or ():
        _common.check_weights(name)
    if options.folder and not (options.folder / "recipe.toml").is_file():
        raise InputError(
            f"{options.folder} is no work directory of a training, for it has "
            "no recipe.toml; models by name are for --models"
        )


def run(options):
    """Writes the strip and tells where."""
    from keras_gen import explore, plot

    if options.names:
        name = "models"
        strip = explore.strip_of_models(
            options.names, options.rows, options.seed, options.allow_code_of
        )
    else:
        name = options.folder.resolve().name
        strip = explore.strip_of_run(options.folder, options.rows)
    out = options.out or _common.unused(f"{name}-strip.png")
    plot.save(strip, out)
    print(out)
