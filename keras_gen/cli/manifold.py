"""keras-gen manifold: a sheet of pictures over a surface of latents."""

from keras_gen.cli import _common

EXAMPLES = (
    "keras-gen manifold vae_mnist_2d --side=20",
)


def add_arguments(parser):
    """The flags of `keras-gen manifold`."""
    _common.add_model(parser)
    parser.add_argument(
        "--side", type=int, default=20,
        help="pictures along each side, 20 by default",
    )
    parser.add_argument(
        "--corners", type=int, nargs=4, metavar="SEED",
        help="seeds of the corners: top left, top right, bottom left, bottom "
        "right; by default 0 1 2 3, or with two latents the quantiles of the "
        "normal distribution",
    )
    _common.add_figure(parser, "manifold")


def run(options):
    """Writes the figure."""
    from keras_gen import explore

    model = _common.model_of(options.model, options.allow_code_of)
    rows = explore.manifold(
        model, options.side, options.corners, options.label
    )
    _common.write_figure(options, model, rows)
