"""keras-gen invert: pictures of one's own into a generator's latents."""

from keras_gen import atomic
from keras_gen.cli import _common
from keras_gen.errors import InputError
from keras_gen.zoo import weights

EXAMPLES = (
    "keras-gen invert dcgan_celeba me.jpg --latents=me.npz",
    "keras-gen invert cgan_shapes drawn/ --label=ring --steps=100",
)


def add_arguments(parser):
    """The flags of `keras-gen invert`."""
    parser.description = (
        "Find latents from which a generator draws pictures like yours, and "
        "write them: keras-gen interpolate and arithmetic take the file "
        "where they take seeds. A model that encodes is asked for its codes."
    )
    _common.add_model(parser)
    parser.add_argument(
        "pictures", nargs="+", metavar="PICTURES",
        help="picture files, folders or .zip files",
    )
    parser.add_argument(
        "--latents", type=_common.path, metavar="FILE.npz",
        help="file of what is found, which is replaced: latents (number, "
        "length), labels of a conditional model, errors and names; by default "
        "a new NAME-latents.npz in this folder",
    )
    parser.add_argument(
        "--steps", type=int, default=300,
        help="updates of each start, 300 by default",
    )
    parser.add_argument(
        "--starts", type=int, default=4,
        help="random starts for each picture, of which the best counts, 4 by "
        "default",
    )
    parser.add_argument(
        "--seed", type=int, default=0,
        help="of the starts: the same one finds the same latents",
    )
    parser.add_argument(
        "--features", metavar="CLASSIFIER",
        help="a published classifier of pictures of the same size, whose "
        "inner maps are compared beside the pixels; by default pixels alone",
    )
    _common.add_figure(parser, "inverted")
    parser.checks.append(check)


def check(options):
    """Raises an InputError for impossible numbers, or what is not there."""
    if options.steps < 1 or options.starts < 1:
        raise InputError(
            "--steps and --starts must be at least 1, got "
            f"{options.steps} and {options.starts}"
        )
    _common.check_files(options.pictures)
    _common.check_out(options.latents)
    if options.features:
        _common.check_weights(options.features)


def run(options):
    """Writes the latents, and each picture beside what is made of them;
    prints how far these are apart."""
    import numpy as np

    from keras_gen import explore

    model = _common.model_of(options.model, options.allow_code_of)
    shape = _common.made_shape(model)
    names, pictures = _common.read_fitting(model, options.pictures, shape)
    say = _common.Progress()
    found = explore.invert(
        model, pictures, options.label, features_of(options.features),
        options.steps, options.starts, options.seed,
        say=lambda done, total: say.count(done, total, "steps"),
    )
    say.end()
    for name, error in zip(names, found.errors):
        print(f"{name}: {error:.1f} of 255 levels off, root mean square")
    out = options.latents or _common.unused(
        f"{weights.called(options.model)}-latents.npz"
    )
    write(out, found, names)
    rows = np.stack([pictures, found.made], 1)
    _common.write_figure(options, model, rows)


def features_of(name):
    """The network whose maps are compared, None without a name."""
    from keras_gen.abilities import Predicts

    if name is None:
        return None
    objective = _common.model_of(name)
    if not objective.can(Predicts):
        raise InputError(f"--features={name} is no classifier")
    return objective.generating().classifier


def write(path, found, names):
    """Writes the .npz and prints its path."""
    import numpy as np

    arrays = {"latents": found.latents, "errors": found.errors, "names": names}
    if found.labels is not None:
        arrays["labels"] = found.labels
    with atomic.replacing(path) as aside, open(aside, "wb") as file:
        np.savez_compressed(file, **arrays)
    print(path)
