"""SavedModels of generators, checked against the live model.

The folder is what TensorFlow Serving takes as one version of a model; it
needs neither Keras nor keras_gen to run. Every signature takes named inputs
with a free batch dimension and returns named float32 outputs; next to each
signature that makes pictures, `<name>_png` returns them as PNG files
(`image_bytes`), and `sample` itself returns uint8.
"""

import shutil
from pathlib import Path

import keras
import numpy as np

from keras_gen import golden
from keras_gen.errors import InputError


def write(objective, path):
    """Exports `objective.signatures()`, with the averaged networks where
    there are any, to the new folder `path`.

    It is written under another name, reloaded, compared with the model at
    batches of 1 and 7, and only then renamed.

    Raises:
        InputError: `path` exists, or the backend is not TensorFlow.
        RuntimeError: the export does not compute what the model does.
    """
    if keras.backend.backend() != "tensorflow":
        raise InputError(
            "SavedModels are written on TensorFlow: load the model's weights "
            "with KERAS_BACKEND=tensorflow and export there"
        )
    path = Path(path)
    if path.exists():
        raise InputError(f"{path} exists: export to a new folder")
    aside = path.with_name(f"{path.name}.aside")
    shutil.rmtree(aside, ignore_errors=True)
    aside.parent.mkdir(parents=True, exist_ok=True)
    objective = objective.generating()
    signatures = _served(objective.signatures())
    try:
        _write(signatures, aside)
        _check(signatures, aside, objective)
        aside.rename(path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _served(signatures):
    """The objective's signatures in the dtypes that are served."""
    served = {}
    for name, (function, inputs) in signatures.items():
        if name == "sample":
            served[name] = _uint8(function), inputs
            served[f"{name}_png"] = _png(function), inputs
        else:
            served[name] = function, inputs
    return served


def _uint8(function):
    import tensorflow as tf

    def call(*arguments):
        pictures = (function(*arguments)["image"] + 1.0) * 127.5
        return {
            "image": tf.cast(
                tf.clip_by_value(tf.round(pictures), 0, 255), tf.uint8
            )
        }

    return call


def _png(function):
    import tensorflow as tf

    pictures = _uint8(function)

    def call(*arguments):
        encoded = tf.map_fn(
            tf.io.encode_png,
            pictures(*arguments)["image"],
            fn_output_signature=tf.string,
        )
        return {"image_bytes": encoded}

    return call


def _write(signatures, path):
    import tensorflow as tf

    archive = keras.export.ExportArchive()
    for name, (function, inputs) in signatures.items():
        specs = [
            tf.TensorSpec(shape, dtype, name=key)
            for key, (shape, dtype) in inputs.items()
        ]
        archive.add_endpoint(name, function, input_signature=specs)
    # Not archive.track(model): Keras would store every variable twice.
    archive.write_out(str(path), verbose=False)


def _check(signatures, path, objective):
    import tensorflow as tf

    exact = all(
        layer.compute_dtype == "float32"
        for network in objective.networks.values()
        for layer in network.layers
    )
    # A graph may keep float32 where eager bfloat16 rounds between two ops.
    tolerance = 1e-5 if exact else 0.05
    loaded = tf.saved_model.load(str(path))
    for name, (function, inputs) in signatures.items():
        for n in (1, 7):
            arguments = {
                key: golden.example(n, objective.example_side, *spec)
                for key, spec in inputs.items()
            }
            live = function(*map(tf.constant, arguments.values()))
            tensors = {k: tf.constant(v) for k, v in arguments.items()}
            served = loaded.signatures[name](**tensors)
            for key, value in live.items():
                if not _equal(
                    value.numpy(), served[key].numpy(), tolerance
                ):
                    raise RuntimeError(
                        f"the export's signature {name!r} differs from the "
                        f"model in {key!r} at a batch of {n}; nothing was "
                        "written"
                    )


def _equal(live, served, tolerance):
    if live.dtype == object:
        # PNG files: `sample` has compared their pictures.
        return len(live) == len(served)
    if live.dtype == np.uint8:
        live, served = live / 127.5, served / 127.5
        # A value half way between two may be rounded either way.
        tolerance += 1 / 127.5
    return np.abs(live - served).max() <= tolerance
