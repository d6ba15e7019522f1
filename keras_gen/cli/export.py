"""keras-gen export: a model for programs that know nothing of Keras."""


from keras_gen import atomic
from keras_gen.cli import _common
from keras_gen.errors import InputError

EXAMPLES = (
    "keras-gen export dcgan_celeba models/faces",
    "keras-gen export pix2pix_shapes edges --format=onnx",
)


def add_arguments(parser):
    """The flags of `keras-gen export`."""
    _common.add_model(parser)
    parser.add_argument(
        "folder", type=_common.path, metavar="DIR",
        help="of this model's versions: the next one, DIR/1, DIR/2, ..., is "
        "written beside those that are there; of other formats a new folder",
    )
    parser.add_argument(
        "--format", choices=("saved_model", "onnx", "litert"),
        default="saved_model",
        help="saved_model, for TensorFlow Serving, by default; see "
        "docs/formats.md for the others",
    )
    _common.add_precision(parser)
    parser.checks.append(check)


def check(options):
    """Raises an InputError where the files cannot go."""
    folder = options.folder
    if options.format != "saved_model":
        if options.precision == "bfloat16":
            raise InputError(
                f"{options.format} files are in float32: leave --precision out"
            )
        atomic.refuse_existing(folder)
    elif folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: give a folder")


def run(options):
    """Writes the version, or the files, and prints where."""
    from keras_gen.export import difference, onnx_litert

    model = _common.model_of(options.model, options.allow_code_of)
    say = _common.Progress()
    say(f"exporting {model.name} and comparing it with the model")
    try:
        if options.format == "saved_model":
            written = [model.export(options.folder, options.precision)]
        else:
            written = onnx_litert.write(model, options.folder, options.format)
    finally:
        say.end()
    for path in written:
        print(path)
        label = difference.read(path)
        for line in difference.lines(label) if label else ():
            print(f"{label['precision']}  {line}")
