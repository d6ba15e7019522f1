"""keras-gen units: the pictures that excite units of a network most."""

from keras_gen.cli import _common, _json, _of_data

EXAMPLES = (
    "keras-gen units classifier_shapes --out=units.png",
    "keras-gen units gan_shapes --layer=maps_8 --n=4 --out=judge.png",
)
_MOST = 4096


def add_arguments(parser):
    """The flags of `keras-gen units`."""
    parser.description = (
        "Draw, for units of a classifier or of a GAN's discriminator, a row "
        "of the pictures at which each answers most."
    )
    _common.add_model(parser)
    _of_data.add(
        parser, "a folder, .zip or .npz of pictures to look through, instead "
        "of the test split of the recipe's data",
    )
    parser.add_argument(
        "--layer", metavar="LAYER",
        help="whose units; by default the last maps of the network",
    )
    parser.add_argument(
        "--n", type=int, default=8, help="units, evenly chosen, 8"
    )
    parser.add_argument("--k", type=int, default=8, help="pictures of each, 8")
    _json.add(parser)


def run(options):
    """Writes the figure; prints the answers of each unit."""
    import numpy as np

    from keras_gen import explore, values

    recipe = _of_data.recipe(options)
    model = _common.model_of(options.model, options.allow_code_of)
    (column,) = model.takes[explore.looking(model)]
    test = recipe.dataset("test")
    pictures = test.take(np.arange(min(_MOST, len(test))))[column]
    rows, answers = explore.exciting(
        model, pictures, options.layer, options.n, options.k
    )
    written = []
    shape = (-1, *rows.shape[2:])
    _common.write_items(
        values.named("picture"), rows.reshape(shape), options.out, options.k,
        options.scale, written.append,
    )
    if options.json:
        _json.say({
            "model": model.name, "pictures": len(pictures),
            "answers": answers, "written": written,
        })
        return
    for unit in answers:
        print(" ".join(f"{answer:.3g}" for answer in unit))
    print(*written, sep="\n")
