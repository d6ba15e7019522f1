"""One picture at once, and many: our ways to draw against ONNX Runtime.

    python benchmarks/drawing.py [--models=dcgan_celeba,...] [--seconds=10]

Of each model, at 1, 16 and 64 rows, all sides in turn, a few calls each, in one
process: `generate` (of a translator `translate`), the signature of the export
that is written here from the same weights, on arrays of NumPy in and out, the
network as it is, layer by layer, in a compiled function, and ONNX Runtime on
the file of `keras_gen.export.onnx_litert`, with its own defaults. Read the
ratios to ONNX Runtime, of medians, and of the fastest tenth of the calls, which
means more on a busy machine. Needs the extras `onnx` and `test`.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
sys.path[:0] = [str(Path(__file__).parent / "sides")]

import numpy as np  # noqa: E402
import onnxruntime  # noqa: E402
import tensorflow as tf  # noqa: E402
from machine import described  # noqa: E402

from keras_gen import zoo  # noqa: E402
from keras_gen.abilities import Translates  # noqa: E402
from keras_gen.backend import gradients  # noqa: E402
from keras_gen.export import onnx_litert  # noqa: E402

BATCHES = (1, 16, 64)
# Calls of a side in a row: of the first of them ONNX Runtime's threads, which
# wait for more work a while before they sleep, would take half of a processor.
DROPPED, KEPT = 2, 8
PAUSE = 0.05


def options():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--models", type=lambda x: x.split(","),
        default=["dcgan_celeba", "wgan_gp_celeba", "cgan_fashion_mnist"],
        help="published models that make pictures",
    )
    parser.add_argument(
        "--rows", type=lambda x: [int(n) for n in x.split(",")],
        default=BATCHES,
    )
    parser.add_argument(
        "--seconds", type=float, default=10, help="of each model and batch"
    )
    return parser.parse_args()


def inputs(model, rows):
    """(network, what it takes, what its signature takes, a function that
    draws as much), the two as {name: array}."""
    random = np.random.default_rng(0)
    if model.can(Translates):
        network = getattr(model, next(iter(model.translators.values())))
        side = model.picture_size or model.example_side
        shape = (rows, side, side, network.input_shape[-1])
        pictures = random.integers(0, 256, shape, "uint8")
        floats = (pictures / 127.5 - 1).astype("float32")
        names = {network.input.name: floats}, {"image": floats}
        return network, *names, lambda: model.translate(pictures)
    latent = random.normal(size=(rows, model.latent_dim)).astype("float32")
    given = {"latent": latent}
    if model.classes:
        given["label"] = np.arange(rows, dtype="int32") % model.classes
    return model.generator, given, given, lambda: model.generate(rows, seed=0)


def sides(model, exported, session, rows):
    """The ways to draw, {name: function}."""
    network, given, by_name, draw = inputs(model, rows)
    signature = exported.signatures["serving_default"]
    plain = gradients.compiled(network)

    def tensors(arrays):
        return {name: tf.constant(x) for name, x in arrays.items()}

    def served():
        (found,) = signature(**tensors(by_name)).values()
        return found.numpy()

    def layers():
        taken = tensors(given)
        if not isinstance(network.input, dict):
            (taken,) = taken.values()
        return plain(taken).numpy()

    found = {
        "ONNX Runtime": lambda: session.run(None, given)[0],
        "generate": draw, "signature": served, "layer by layer": layers,
    }
    wanted = found["ONNX Runtime"]()
    for name in ("signature", "layer by layer"):
        assert np.abs(found[name]() - wanted).max() < 1e-4, name
    return found


def compare(found, seconds):
    """Runs all sides in turn and prints their times and ratios."""
    times = {name: [] for name in found}
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or not times["generate"]:
        for name, side in found.items():
            # The threads of the side before wait for more, awake.
            time.sleep(PAUSE)
            for call in range(DROPPED + KEPT):
                begin = time.perf_counter()
                side()
                if call >= DROPPED:
                    times[name].append(1e3 * (time.perf_counter() - begin))
    tenths = {name: np.percentile(t, (10, 50)) for name, t in times.items()}
    for name, values in tenths.items():
        fast, middle = values / tenths["ONNX Runtime"]
        print(
            f"  {name:16} {values[1]:8.2f} ms  ratio {middle:5.2f}  fastest "
            f"tenth {values[0]:8.2f} ms  ratio {fast:5.2f}", flush=True,
        )


def main():
    chosen = options()
    print(
        f"{described()}, load {os.getloadavg()[0]:.1f}; TensorFlow "
        f"{tf.__version__}, ONNX Runtime {onnxruntime.__version__}",
        flush=True,
    )
    for name in chosen.models:
        model = zoo.load(name)
        with tempfile.TemporaryDirectory() as folder:
            files = onnx_litert.write(model, Path(folder) / "onnx", "onnx")
            session = onnxruntime.InferenceSession(
                files[0], providers=["CPUExecutionProvider"]
            )
            exported = tf.saved_model.load(
                str(model.export(Path(folder) / "served"))
            )
            for rows in chosen.rows:
                print(f"{name}, {rows} rows", flush=True)
                compare(sides(model, exported, session, rows), chosen.seconds)


if __name__ == "__main__":
    main()
