"""ONNX and LiteRT files, for runtimes other than TensorFlow's.

Keras' own exporters write them (`keras.Model.export`), from TensorFlow. What
is added here: which networks, with which names, in float32 and with averaged
weights; and that a file is compared with the model, in the runtime that it is
for, before it gets its name.
"""

import importlib.util
import sys
import warnings
from pathlib import Path

import keras
import numpy as np

from keras_gen import atomic
from keras_gen.errors import InputError
from keras_gen.export import golden
from keras_gen.export.noise_inputs import is_noise
from keras_gen.export.signature import Input

# The largest difference from the model, in units of a picture in [-1, 1] or
# of the largest number that a network gives.
_TOLERANCE = 1e-4
# Batches that a file is compared at.
_BATCHES = (1, 7)


def write(objective: keras.Model, path: str | Path, format: str) -> list[Path]:
    """Writes each network of `objective.functions()` to a file of its own,
    `<network>.onnx` or `<network>.tflite`, in the new folder `path`.

    Inputs and outputs are named, float32 (a label int32), and have a free
    batch dimension; those of translators have free heights and widths, too,
    which must be multiples of the networks' strides
    (`keras_gen.networks.sizes.multiple`). One that draws dropout takes
    pictures of one size, and beside them the uniform numbers that it draws
    (`keras_gen.export.noise_inputs`).

    | network | inputs | outputs |
    |---|---|---|
    | generator, decoder | latent (n, latent_dim), label (n,) | image |
    | encoder | image | latent, a VAE's mean |
    | of a translator | input, and noise_0, ... | image |
    | classifier | image | features, probabilities |

    Pictures are (n, height, width, channels) in [-1, 1]. A generator of
    another type calls its output "points" (n, 2), "video" (n, time, height,
    width, channels) or "voxels" (n, depth, height, width, 1) instead. A VAE's
    prior is in no file: `keras_gen.explore.latents` draws its latents.

    The folder is written under another name, compared with the model at
    batches of 1 and 7, and only then renamed. Where the format's runtime is
    not installed, a line on stderr says that nothing was compared.

    Args:
        objective: an `Objective`, of any precision.
        path: of the folder.
        format: "onnx" or "litert".

    Returns:
        The files, a list of `Path`.

    Raises:
        InputError: another format or backend, a package is missing, `path`
            exists or cannot be written, or the format cannot express the
            network.
        RuntimeError: a file does not compute what the model does.
    """
    _kind(format)
    # These formats and their runtimes lack other precisions.
    objective = objective.in_precision("float32")
    return write_models(
        networks(objective), path, format, objective.example_side,
        objective.counts,
    )


def networks(objective: keras.Model) -> dict[str, keras.Model]:
    """{name: network} that files are written of: functional models from
    named inputs to named outputs."""
    return {
        name: function if isinstance(function, keras.Model)
        else _model(getattr(objective, name), function)
        for name, function in objective.functions().items()
    }


def write_models(
    models: dict[str, keras.Model], path: str | Path, format: str,
    side: int = 64, counts: dict[str, int] | None = None,
) -> list[Path]:
    """As `write`, of any functional models with named inputs and outputs.

    Args:
        models: {name of a file: model in float32}.
        path, format: as of `write`.
        side: of pictures at which a model with free sizes is compared.
        counts: {input of whole numbers: how many there are}.
    """
    kind = _kind(format)
    path = atomic.local(path)
    atomic.refuse_existing(path)
    if not _installed(kind.runtime):
        print(
            f"the {format} files are not compared with the model: pip install "
            f"{kind.runtime.replace('_', '-')} for that", file=sys.stderr,
        )
    with atomic.new_folder(path) as aside:
        for name, model in models.items():
            file = aside / f"{name}{kind.ending}"
            _convert(model, file, format, kind)
            _check(model, file, kind, side, counts or {})
    return [path / f"{name}{kind.ending}" for name in models]


class _Onnx:
    """Open Neural Network Exchange, https://onnx.ai."""

    ending = ".onnx"
    exporters = ("onnx", "tf2onnx")
    runtime = "onnxruntime"

    @staticmethod
    def options():
        return {}

    @staticmethod
    def finish(file):
        """Names the free dimensions, which tf2onnx numbers, and refuses
        operations that ONNX does not have."""
        import onnx

        model = onnx.load(file)
        for value in [*model.graph.input, *model.graph.output]:
            names = ("batch", "height", "width")
            for axis, name in zip(value.type.tensor_type.shape.dim, names):
                if axis.dim_param:
                    axis.dim_param = name
        onnx.checker.check_model(model)
        onnx.save(model, file)

    @staticmethod
    def opened(file):
        import onnxruntime

        session = onnxruntime.InferenceSession(
            file, providers=["CPUExecutionProvider"]
        )
        names = [output.name for output in session.get_outputs()]
        return lambda inputs: dict(zip(names, session.run(names, inputs)))


class _LiteRT:
    """TensorFlow Lite's new name, https://ai.google.dev/edge/litert."""

    ending = ".tflite"
    exporters = ()
    runtime = "ai_edge_litert"

    @staticmethod
    def options():
        import tensorflow as tf

        # Keras also allows TensorFlow's operations, which phones lack.
        builtins = [tf.lite.OpsSet.TFLITE_BUILTINS]
        return {"target_spec": {"supported_ops": builtins}}

    @staticmethod
    def finish(file):
        pass

    @staticmethod
    def opened(file):
        from ai_edge_litert.interpreter import Interpreter

        runner = Interpreter(str(file)).get_signature_runner()
        return lambda inputs: runner(**inputs)


_KINDS = {"onnx": _Onnx, "litert": _LiteRT}
FORMATS = tuple(_KINDS)


def require(format: str) -> None:
    """Raises an InputError where files of a format cannot be written here."""
    _kind(format)


def _kind(format):
    if format not in _KINDS:
        raise InputError(
            f"there is no format {format!r}: choose one of "
            f"{', '.join(FORMATS)}"
        )
    if keras.backend.backend() != "tensorflow":
        raise InputError(
            f"{format} files are written on TensorFlow: load the model's "
            "weights with KERAS_BACKEND=tensorflow and export there"
        )
    if not all(map(_installed, _KINDS[format].exporters)):
        raise InputError(
            f"{format} needs {' and '.join(_KINDS[format].exporters)}: pip "
            f"install 'keras_gen[{format}]'"
        )
    return _KINDS[format]


def _installed(package):
    return importlib.util.find_spec(package) is not None


def _model(network, function):
    """A `keras.Model` from the network's inputs to named outputs."""
    inputs = keras.tree.map_structure(
        lambda x: keras.Input(x.shape[1:], dtype=x.dtype, name=x.name),
        network.input,
    )
    return keras.Model(inputs, function(inputs))


def _convert(model, file, format, kind):
    signature = keras.tree.map_structure(
        lambda x: keras.InputSpec(shape=x.shape, dtype=x.dtype, name=x.name),
        model.input,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            model.export(
                file, format=format, verbose=False,
                input_signature=[signature], **kind.options(),
            )
        kind.finish(file)
    except OSError:
        raise
    except Exception as error:  # the converters raise all kinds
        # LiteRT's line begins with where in the graph it happened.
        reason = str(error).strip().splitlines()[0].rpartition(": ")[2]
        raise InputError(
            f"{format} cannot express the {file.stem}: {reason}; export a "
            "SavedModel"
        ) from error


def _check(model, file, kind, side, counts):
    """Compares a file with the model that it was made of, if its runtime is
    installed."""
    if not _installed(kind.runtime):
        return
    run = kind.opened(file)
    for n in _BATCHES:
        inputs = {
            x.name: golden.example(n, side, Input(
                x.shape, x.dtype,
                0 if x.name in counts or is_noise(x.name) else None,
                counts[x.name] - 1 if x.name in counts else None,
            ))
            for x in model.inputs
        }
        found = run(inputs)
        live = model(
            inputs if isinstance(model.input, dict) else [*inputs.values()][0]
        )
        for name, value in live.items():
            value = keras.ops.convert_to_numpy(value)
            scale = max(1, np.abs(value).max())
            # Written so that what is not a number is refused too.
            if not np.abs(found[name] - value).max() <= _TOLERANCE * scale:
                raise RuntimeError(
                    f"{file.name} differs from the model in {name!r} at a "
                    f"batch of {n}; nothing was written"
                )
