"""keras-gen pull: a model that others have put somewhere, in a folder."""

import pathlib

from keras_gen import atomic
from keras_gen.cli import _common
from keras_gen.errors import InputError
from keras_gen.zoo import pulled

EXAMPLES = (
    "keras-gen pull hf://me/faces",
    "keras-gen pull https://example.org/dcgan_shapes runs/theirs",
)


def add_arguments(parser):
    """The flags of `keras-gen pull`."""
    parser.description = (
        "Copy a model that keras-gen push has put somewhere into a folder, "
        "which every command takes like the work directory of a run. What "
        "comes must be what its recipe names by sha256, and may call nothing "
        "but keras_gen."
    )
    parser.add_argument(
        "address", metavar="ADDRESS",
        help="hf://USER/NAME, also @REVISION, or https:// of a static host",
    )
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", type=_common.path,
        help="a new folder; by default the model's name, in this one",
    )
    parser.checks.append(check)


def check(options):
    """Raises an InputError for what is no address, or a folder that is
    there."""
    if not pulled.is_address(options.address):
        raise InputError(
            f"{options.address} is no address: give hf://USER/NAME, or that "
            "of a static host, https://..."
        )
    if options.folder is None:
        options.folder = pathlib.Path(pulled.called(options.address))
    atomic.refuse_existing(options.folder)


def run(options):
    """Fetches it; prints the folder."""
    pulled.pull(options.address, options.folder)
    print(options.folder)
