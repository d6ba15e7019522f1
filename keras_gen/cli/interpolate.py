"""keras-gen interpolate: from one latent, or picture, to the next."""

from keras_gen.cli import _common
from keras_gen.errors import InputError


def add_arguments(parser):
    """The flags of `keras-gen interpolate`."""
    _common.add_model(parser)
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=list(range(8)),
        help="a row goes from each to the next; 0 1 ... 7 by default",
    )
    parser.add_argument(
        "--pictures", nargs="+", metavar="FILE",
        help="go between these pictures' codes instead, for models that "
        "encode",
    )
    parser.add_argument(
        "--steps", type=int, default=9, help="pictures in a row, 9 by default"
    )
    parser.add_argument(
        "--how", choices=("spherical", "linear"),
        help="spherical by default between seeds, linear between pictures",
    )
    _common.add_gif(parser)
    _common.add_figure(parser, "interpolation")


def run(options):
    """Writes the figure."""
    ends = options.pictures or options.seeds
    if len(ends) < 2 or options.steps < 2:
        raise InputError(
            "an interpolation needs two ends or more and two --steps or "
            f"more, got {len(ends)} and {options.steps}"
        )
    from keras_gen import explore

    model = _common.model_of(options.model)
    if options.pictures:
        _, pictures = _common.read_fitting(model, options.pictures)
        latents, how = model.encode(pictures), "linear"
    else:
        latents, how = explore.latents(model, ends), "spherical"
    rows = explore.interpolate(
        model, latents, options.steps, options.how or how, options.label
    )
    _common.write_figure(
        options, model, rows, gif=rows if options.gif else None
    )
