"""keras-gen export: a model for programs that know nothing of Keras."""

import pathlib

from keras_gen.cli import _common


def add_arguments(parser):
    """The flags of `keras-gen export`."""
    _common.add_model(parser)
    parser.add_argument(
        "folder", type=pathlib.Path, metavar="DIR",
        help="of this model's versions: the next one, DIR/1, DIR/2, ..., is "
        "written beside those that are there",
    )


def run(options):
    """Writes the version and prints where."""
    model = _common.model_of(options.model, options.allow_code_of)
    say = _common.Progress()
    say(f"exporting {model.name} and comparing it with the model")
    try:
        path = model.export(options.folder)
    finally:
        say.end()
    print(path)
