"""keras-gen reconstruct: pictures through the code and back."""


from keras_gen import atomic
from keras_gen.cli import _common

EXAMPLES = (
    "keras-gen reconstruct vae_celeba my_faces/ --codes=codes.npz",
)


def add_arguments(parser):
    """The flags of `keras-gen reconstruct`."""
    _common.add_model(parser)
    parser.add_argument(
        "pictures", nargs="+", metavar="PICTURES",
        help="picture files, folders or .zip files",
    )
    parser.add_argument(
        "--codes", type=_common.path, metavar="FILE.npz",
        help="also write the codes: codes (number, length) and names",
    )
    _common.add_figure(parser, "reconstructions", label=False)
    parser.checks.append(lambda options: _common.check_files(options.pictures))
    parser.checks.append(lambda options: _common.check_out(options.codes))


def run(options):
    """Writes the figure: each picture with its reconstruction below."""
    import numpy as np

    model = _common.model_of(options.model, options.allow_code_of)
    names, pictures = _common.read_fitting(model, options.pictures)
    rows = np.stack([pictures, model.reconstruct(pictures)])
    # Rows of 16 pictures, white where the last one has none.
    width = min(len(pictures), 16)
    rows = np.pad(
        rows, [(0, 0), (0, -len(pictures) % width), *[(0, 0)] * 3],
        constant_values=model.made.blank,
    )
    parts = np.split(rows, rows.shape[1] // width, axis=1)
    _common.write_figure(options, model, np.concatenate(parts))
    if options.codes:
        write_codes(options.codes, model.encode(pictures), names)


def write_codes(path, codes, names):
    """Writes the .npz."""
    import numpy as np

    with atomic.replacing(path) as aside, open(aside, "wb") as file:
        np.savez_compressed(file, codes=codes, names=names)
    print(path)
