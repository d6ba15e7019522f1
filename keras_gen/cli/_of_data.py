"""What commands share whose figure shows pictures of a data set."""

from keras_gen.cli import _common
from keras_gen.errors import InputError


def add(parser, data):
    """--data, --out and --scale, and checks of them and of --n and --k.

    Args:
        parser: the command's.
        data: the help of --data.
    """
    parser.add_argument("--data", metavar="FOLDER", help=data)
    # No default: where pictures of a data set go is the user's business.
    parser.add_argument(
        "--out", type=_common.path, required=True,
        help="file of the figure, which shows pictures of the data",
    )
    _common.add_scale(parser)
    parser.checks.append(check)


def check(options):
    """Raises an InputError for impossible numbers, or what is not there."""
    if options.n < 1 or options.k < 1:
        raise InputError(
            f"--n and --k must be at least 1, got {options.n} and {options.k}"
        )
    _common.check_out(options.out)
    _common.check_data(options.data)


def recipe(options):
    """The model's recipe, of the data that are asked for."""
    found = _common.recipe_of(options.model, options.allow_code_of)
    if options.data is None:
        return found
    return found.override({"data.source": options.data})
