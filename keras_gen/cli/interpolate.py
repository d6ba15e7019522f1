"""keras-gen interpolate: from one latent, or picture, to the next."""

from keras_gen.cli import _common, _latents

EXAMPLES = (
    "keras-gen interpolate dcgan_celeba --seeds 11 0 45 --gif",
    "keras-gen interpolate vae_celeba --pictures anna.jpg ben.jpg",
)


def add_arguments(parser):
    """The flags of `keras-gen interpolate`."""
    _common.add_model(parser)
    parser.add_argument(
        "--seeds", type=_latents.word, nargs="+", default=list(range(8)),
        metavar="SEED",
        help="a row goes from each to the next; 0 1 ... 7 by default. Also "
        "FILE.npz of keras-gen invert: all latents in it",
    )
    parser.add_argument(
        "--pictures", nargs="+", metavar="FILE",
        help="go between the codes of these pictures instead, files or "
        "folders, for models that encode",
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
    parser.checks.append(lambda options: _latents.check(options.seeds))
    parser.checks.append(lambda options: _common.check_files(options.pictures))


def run(options):
    """Writes the figure."""
    from keras_gen import explore

    model = _common.model_of(options.model, options.allow_code_of)
    if options.pictures:
        _, pictures = _common.read_fitting(model, options.pictures)
        latents, how = model.encode(pictures), "linear"
        label = options.label
    else:
        latents, how = _latents.given(model, options.seeds), "spherical"
        label = _latents.label_of(options.seeds, options.label)
    rows = explore.interpolate(
        model, latents, options.steps, options.how or how, label
    )
    _common.write_figure(
        options, model, rows, gif=rows if options.gif else None
    )
