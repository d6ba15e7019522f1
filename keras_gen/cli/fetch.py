"""keras-gen fetch: weights downloaded ahead of time."""

import os

from keras_gen import atomic
from keras_gen.errors import InputError
from keras_gen.zoo import weights

EXAMPLES = (
    "keras-gen fetch dcgan_celeba vae_celeba",
)


def add_arguments(parser):
    """The flags of `keras-gen fetch`."""
    parser.add_argument(
        "names", metavar="NAME", nargs="+", help="a published model",
    )
    parser.add_argument(
        "--from", dest="place", metavar="PLACE",
        help="where the weights are: the address of a host, or a folder, laid "
        "out like saved_models/ in a checkout of keras_gen; by default what "
        "KERAS_GEN_WEIGHTS_URL says",
    )


def run(options):
    """Fetches what is not here yet; prints where all of it is."""
    if options.place:
        os.environ["KERAS_GEN_WEIGHTS_URL"] = address(options.place)
    # A mistyped name is told before the first download.
    files = [weights.recipe_file(name) for name in options.names]
    for file in files:
        values = weights.document(file)
        for path in weights.files(values).values():
            print(path)
        for borrowed in values.get("frozen", {}).values():
            print(weights.borrowed_file(borrowed))


def address(place):
    """A folder as an address, an address as it is."""
    if "://" in place:
        return place
    folder = atomic.local(place)
    if not folder.is_dir():
        raise InputError(
            f"there is no folder {place}: give one laid out like "
            "saved_models/, or an address that begins with https://"
        )
    return folder.resolve().as_uri()
