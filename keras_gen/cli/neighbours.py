"""keras-gen neighbours: samples beside the training pictures like them."""

from keras_gen.cli import _common, _json, _of_data
from keras_gen.errors import InputError

EXAMPLES = (
    "keras-gen neighbours gan_shapes --n=4 --out=near.png",
)


def add_arguments(parser):
    """The flags of `keras-gen neighbours`."""
    _common.add_model(parser)
    _of_data.add(
        parser, "a folder, .zip or .npz of training pictures, instead of the "
        "recipe's data",
    )
    parser.add_argument(
        "--features",
        help="feature network; by default the one that the recipe is measured "
        "with, if any",
    )
    parser.add_argument("--n", type=int, default=8, help="samples")
    parser.add_argument("--k", type=int, default=8, help="neighbours of each")
    parser.add_argument("--seed", type=int, default=0, help="of the first")
    _common.add_label(parser)
    _json.add(parser)
    parser.checks.append(
        lambda options: _common.check_features(options.features)
    )


def run(options):
    """Writes the figure: each sample with its neighbours by pixels and, below
    them, those by features. Prints the distances to the nearest."""
    import numpy as np

    from keras_gen import evaluation, explore

    recipe = _of_data.recipe(options)
    model = _common.model_of(options.model, options.allow_code_of)
    latents = explore.latents(
        model, range(options.seed, options.seed + options.n)
    )
    if model.made.rank == 1:
        raise InputError(
            f"{model.name} makes {model.made.plural}, which cannot be shown "
            "beside each other: keras-gen evaluate tells near_copies"
        )
    samples = explore.decode(model, latents, options.label)
    shape = samples.shape[1:]
    say = _common.Progress()
    say(f"reading the training {model.made.plural}")
    side = evaluation.prepare(model, recipe, features=options.features)
    samples = side.watched(samples)
    spaces = {"pixels": None}
    if side.network:
        spaces[side.network.name] = lambda x: side.network(x).features
    found = {}
    for name, see in spaces.items():
        say(f"comparing with {len(side.known):,} of them by {name}")
        found[name] = explore.neighbours(samples, side.known, options.k, see)
    say.end()
    nearest = {
        name: distances[:, 0] for name, (_, distances) in found.items()
    }
    rows = np.stack([rows for rows, _ in found.values()], 1)
    rows = rows.reshape(-1, options.k + 1, *shape)
    if options.json:
        written = []
        _common.write_figure(options, model, rows, tell=written.append)
        _json.say({
            "model": model.name, "seed": options.seed, "nearest": nearest,
            "written": written,
        })
        return
    for name, distances in nearest.items():
        told = " ".join(f"{d:.3g}" for d in distances)
        print(f"nearest by {name}: {told}")
    _common.write_figure(options, model, rows)
