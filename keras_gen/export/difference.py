"""What an export in another precision than float32 says of itself: how far
its outputs are from those of the float32 model.

    assets.extra/precision.json     {"precision": "bfloat16", "rows": 16,
        "differences": {"sample": {"image": {"max": 6, "mean": 0.18,
        "of": 255}}}}

TensorFlow Serving leaves such a file alone. An export in float32 has none.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from keras_gen import atomic
from keras_gen.export import picture_files
from keras_gen.export.signature import WHOLE

FILE = "assets.extra/precision.json"


def write(folder: Path, signatures: dict, examples: dict) -> None:
    """Compares a version in bfloat16 with the model in float32, and labels
    it.

    Args:
        folder: of the version.
        signatures: {name: (function, inputs)} of the model in float32.
        examples: {signature: {input: array of n rows}}; of latents those that
            are drawn take the place.
    """
    import tensorflow as tf

    loaded, differences = tf.saved_model.load(str(folder)), {}
    for name, (function, _) in signatures.items():
        tensors = {
            key: tf.constant(_drawn(key, value))
            for key, value in examples[name].items()
        }
        made = loaded.signatures[name](**tensors)
        found = {
            key: between(_values(exact), _values(made[key]))
            for key, exact in function(*tensors.values()).items()
            if exact.dtype != tf.int32  # a label
        }
        if found:
            differences[name] = found
    rows = max(len(x) for values in examples.values() for x in values.values())
    label = {"precision": "bfloat16", "rows": rows, "differences": differences}
    file = folder / FILE
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(label, indent=1) + "\n")


def _drawn(name, value):
    """What an input is where nobody asks for anything: n different latents,
    whole."""
    usual = {
        "seed": lambda: np.arange(len(value)),
        "latent": lambda: np.random.default_rng(0).normal(size=value.shape),
        "truncation": lambda: np.full(len(value), WHOLE),
    }
    return usual[name]().astype(value.dtype) if name in usual else value


def _values(output):
    """All numbers of an output, of picture files their pixels."""
    if output.dtype != "string":
        return np.ravel(output)
    return np.concatenate([
        np.ravel(picture_files.pixels(file)) for file in output
    ])


def read(folder: str | Path) -> dict | None:
    """The label of a version; None where it has none, as what computes in
    float32, and files of other formats."""
    try:
        return json.loads((atomic.local(folder) / FILE).read_text())
    except (FileNotFoundError, NotADirectoryError):
        return None


def lines(label: dict) -> Iterator[str]:
    """A label in words, a line for each output."""
    for signature, outputs in label["differences"].items():
        for output, found in outputs.items():
            of = f" of {found['of']}" if "of" in found else ""
            yield (
                f"{signature} {output}: from float32 at most "
                f"{found['max']:g}, on average {found['mean']:.2g}{of}"
            )


def between(exact: np.ndarray, rounded: np.ndarray) -> dict:
    """{"max", "mean"} of the absolute differences of two arrays; of whole
    numbers, which are levels of grey or colour, also what they are "of"."""
    gap = np.abs(exact.astype("float64") - rounded)
    found = {
        "max": float(f"{gap.max():.3g}"), "mean": float(f"{gap.mean():.3g}"),
    }
    if exact.dtype.kind == "u":
        found |= {"max": int(gap.max()), "of": int(np.iinfo(exact.dtype).max)}
    return found
