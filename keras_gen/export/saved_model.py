"""SavedModels of generators, checked against the live model.

`write` makes one version of a model as TensorFlow Serving takes it; it needs
neither Keras nor keras_gen to run. Every signature takes named inputs with a
free batch dimension, row i of its outputs depends on row i of its inputs
alone, and nothing is drawn but from the seeds that it is given. See
`keras_gen.export.in_graph` for the signatures.
"""

import contextlib
import re
import shutil
from pathlib import Path

import keras
import numpy as np

from keras_gen import atomic
from keras_gen.errors import InputError
from keras_gen.export import (
    difference,
    golden,
    in_graph,
    lint,
    picture_files,
    warm_up,
)

# Batches that an export is compared at.
_BATCHES = (1, 7)
# Rows that the distance of another precision is measured with.
_MEASURED = 16


def write(
    objective: keras.Model, folder: str | Path, precision: str | None = None
) -> Path:
    """Exports what an objective serves, with the averaged networks where
    there are any, as the next version in `folder`.

    It is written under another name, reloaded, compared with the model
    signature by signature, and only then renamed: a server that watches the
    folder never sees half a version.

    One that does not compute in float32 is compared with the model that does,
    too, and says so in the version: see `keras_gen.export.difference`. It takes
    and gives float32 all the same, and keeps its variables so.

    Args:
        objective: an `Objective`.
        folder: of this model's versions, 1, 2, ...; made where it is not
            there. TensorFlow Serving's base path.
        precision: what is computed in, as of `Objective.in_precision`.

    Returns:
        Path of the version, `folder/<number>`.

    Raises:
        InputError: the backend is not TensorFlow, another precision, or
            `folder` is a file or a version itself, or cannot be made.
        RuntimeError: the export does not compute what the model does, or a
            server could not run it (see `export_lint`).
    """
    if keras.backend.backend() != "tensorflow":
        raise InputError(
            "SavedModels are written on TensorFlow: load the model's weights "
            "with KERAS_BACKEND=tensorflow and export there"
        )
    folder = atomic.local(folder)
    if folder.is_file() or (folder / "saved_model.pb").exists():
        raise InputError(
            f"{folder} is no folder of versions: give the one above, or a new "
            "one"
        )
    version = folder / str(max(versions(folder), default=0) + 1)
    aside = folder / f"{version.name}.aside"
    shutil.rmtree(aside, ignore_errors=True)
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot make the folder {folder}: {atomic.why(error)}"
        ) from error
    exact = objective.in_precision("float32")
    objective = objective.in_precision(precision)
    signatures = _compiled(in_graph.signatures(objective))
    examples = [
        {
            name: _example(n, objective.example_side, inputs)
            for name, (_, inputs) in signatures.items()
        } for n in _BATCHES
    ]
    try:
        with _disk_errors(version):
            _write(signatures, aside)
            for batch in examples:
                _check(signatures, aside, batch, _tolerance(objective))
            lint.check(aside)
            warm_up.write(aside, objective.name, examples[0])
            if objective is not exact:
                difference.write(
                    aside, _compiled(in_graph.signatures(exact)), {
                        name: _example(_MEASURED, exact.example_side, inputs)
                        for name, (_, inputs) in signatures.items()
                    },
                )
            aside.rename(version)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        if made and not version.exists():
            folder.rmdir()
    return version


def versions(folder: Path) -> list[int]:
    """The numbers of the versions in a folder, ascending."""
    if not folder.is_dir():
        return []
    return sorted(
        int(path.name) for path in folder.iterdir()
        if re.fullmatch(r"[0-9]+", path.name)
    )


@contextlib.contextmanager
def _disk_errors(version):
    """Turns what the disk refuses, Python or TensorFlow, into an
    `InputError`."""
    import tensorflow as tf

    try:
        yield
    except OSError as error:
        raise InputError(
            f"cannot write {version}: {atomic.why(error)}"
        ) from error
    except (
        tf.errors.PermissionDeniedError, tf.errors.ResourceExhaustedError,
        tf.errors.OutOfRangeError,  # a file that may not grow
    ) as error:
        raise InputError(
            f"cannot write {version}: {error.message.splitlines()[0]}"
        ) from error


def _compiled(signatures):
    """Each function as a `tf.function`, the same one where two signatures
    share it: traced once, and run as fast as it is served."""
    import tensorflow as tf

    compiled = {}
    for function, inputs in signatures.values():
        if function not in compiled:
            compiled[function] = tf.function(
                function, autograph=False, input_signature=[
                    tf.TensorSpec(x.shape, x.dtype, name=name)
                    for name, x in inputs.items()
                ],
            )
            compiled[function].get_concrete_function()
    return {
        name: (compiled[function], inputs)
        for name, (function, inputs) in signatures.items()
    }


def _write(signatures, path):
    archive = keras.export.ExportArchive()
    for name, (function, _) in signatures.items():
        archive.add_endpoint(name, function)
    # Not archive.track(model): Keras would store every variable twice.
    archive.write_out(str(path), verbose=False)


def _tolerance(objective):
    exact = all(
        layer.compute_dtype == "float32"
        for network in objective.networks.values()
        for layer in network.layers
    )
    # A graph may keep float32 where eager bfloat16 rounds between two ops.
    return 1e-5 if exact else 0.05


def _check(signatures, path, examples, tolerance):
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    for name, (function, _) in signatures.items():
        tensors = {k: tf.constant(v) for k, v in examples[name].items()}
        live = function(*tensors.values())
        exported = loaded.signatures[name](**tensors)
        for key, value in live.items():
            if not _equal(value, exported[key], tolerance):
                raise RuntimeError(
                    f"the export's signature {name!r} differs from the model "
                    f"in {key!r}, for {_rows(tensors)} rows; nothing was "
                    "written"
                )


def _rows(tensors):
    return next(iter(tensors.values())).shape[0]


def _example(n, side, inputs):
    """Arrays of n rows for a signature; picture files of n sizes."""
    return {
        name: golden.example(n, side, x) if x.dtype != "string"
        else np.resize(x.words, n) if x.words else _files(n, side)
        for name, x in inputs.items()
    }


def _files(n, side):
    """n PNG files, the first of them `side` x `side` pixels."""
    import tensorflow as tf

    random = np.random.default_rng(0)
    return np.array([
        tf.io.encode_png(
            random.integers(0, 256, (side + 3 * i, side + i, 3), np.uint8)
        ).numpy() for i in range(n)
    ])


def _equal(live, exported, tolerance):
    import tensorflow as tf

    if live.dtype == tf.string:
        pairs = zip(live, exported)
        return len(live) == len(exported) and all(
            _equal(*map(picture_files.pixels, pair), tolerance)
            for pair in pairs
        )
    if live.shape != exported.shape:
        return False
    live, exported = live.numpy(), exported.numpy()
    if live.dtype in (np.uint8, np.uint16):
        half = np.iinfo(live.dtype).max / 2
        live, exported = live / half, exported / half
        # A value half way between two may be rounded either way.
        tolerance += 1 / half
    # Points and codes have no bound.
    scale = max(1, np.abs(live).max())
    return np.abs(live - exported).max() <= tolerance * scale
