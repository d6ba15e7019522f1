"""keras-gen fetch: weights downloaded ahead of time."""

from keras_gen.zoo import weights


def add_arguments(parser):
    """The flags of `keras-gen fetch`."""
    parser.add_argument(
        "names", metavar="NAME", nargs="+",
        help="a published model; where its weights come from is set in "
        "KERAS_GEN_WEIGHTS_URL",
    )


def run(options):
    """Fetches what is not here yet; prints where all of it is."""
    # A mistyped name is told before the first download.
    files = [weights.recipe_file(name) for name in options.names]
    for file in files:
        values = weights.document(file)
        for path in weights.files(values).values():
            print(path)
        for borrowed in values.get("frozen", {}).values():
            print(weights.borrowed_file(borrowed))
