"""The models that the contract suite asks, and the server's configuration.

    python tests/serving/contract/models.py DIR [--base_path=/models]

DIR must be new. It becomes what a server is given: versions 1 and 2 of
`affine`, `kinds` with every dtype and string that the protocol treats in a
way of its own, three published models of keras_gen, and models.config,
which labels versions, monitoring.config and batching_parameters.txt.
"""

import argparse
import pathlib
import shutil

from keras_gen.zoo import weights

# The models of keras_gen that are served; the newest export of each.
PUBLISHED = ("dcgan_shapes", "cgan_shapes", "pix2pix_shapes")
# Version v of affine computes v * x @ KERNEL + 1.
KERNEL = [[1.0, 2.0], [3.0, 4.0]]
LABELS = {"stable": 1, "canary": 2}
DOCS = pathlib.Path(__file__).resolve().parents[3] / "docs"


def write(folder, base_path):
    """Writes all of it to the new `folder`, which the server sees as
    `base_path`."""
    folder.mkdir(parents=True)
    for version in (1, 2):
        affine(folder / "affine" / str(version), version)
    kinds(folder / "kinds" / "1")
    for name in PUBLISHED:
        source = newest(name)
        shutil.copytree(source, folder / name / source.name)
    names = ("affine", "kinds", *PUBLISHED)
    configs = "".join(config(name, base_path) for name in names)
    (folder / "models.config").write_text(
        f"model_config_list {{\n{configs}}}\n"
    )
    for name in ("monitoring.config", "batching_parameters.txt"):
        shutil.copy(DOCS / "serving" / name, folder)


def newest(name):
    """The folder of a published model's highest version."""
    folder = weights.home() / "saved_models" / name
    versions = [p for p in folder.iterdir() if p.name.isdecimal()]
    return max(versions, key=lambda p: int(p.name))


def config(name, base_path):
    """A model's entry in models.config."""
    more = ""
    if name == "affine":
        versions = " ".join(f"versions: {v}" for v in LABELS.values())
        more = f"    model_version_policy {{ specific {{ {versions} }} }}\n"
        for label, version in LABELS.items():
            more += (
                f'    version_labels {{ key: "{label}" value: {version} }}\n'
            )
    return (
        f'  config {{\n    name: "{name}"\n'
        f'    base_path: "{base_path}/{name}"\n'
        f'    model_platform: "tensorflow"\n{more}  }}\n'
    )


def affine(path, version):
    """One float input and output, and a signature with two outputs."""
    import tensorflow as tf

    module = tf.Module()
    module.kernel = tf.Variable(KERNEL)

    @tf.function(
        input_signature=[tf.TensorSpec((None, 2), tf.float32, name="x")]
    )
    def product(x):
        return {"y": version * x @ module.kernel + 1.0}

    @tf.function(
        input_signature=[tf.TensorSpec((None, 2), tf.float32, name="x")]
    )
    def both(x):
        y = x @ module.kernel
        return {"y": y, "total": tf.reduce_sum(y, 1)}

    tf.saved_model.save(module, str(path), signatures={
        "serving_default": product, "both": both,
    })


def kinds(path):
    """Four inputs and outputs of different dtypes; text and bytes; a
    signature of integers from 0 to 9."""
    import tensorflow as tf

    def spec(name, dtype):
        return tf.TensorSpec((None,), dtype, name=name)

    @tf.function(input_signature=[
        spec("count", tf.int64), spec("level", tf.uint8),
        spec("scale", tf.float32), spec("word", tf.string),
    ])
    def every(count, level, scale, word):
        return {
            "count": count + 1, "level": 255 - level,
            "logarithm": tf.math.log(scale), "word": word,
        }

    @tf.function(input_signature=[spec("contents", tf.string)])
    def same(contents):
        return {"contents_bytes": tf.identity(contents)}

    @tf.function(input_signature=[spec("digit", tf.int32)])
    def digit(digit):
        tf.debugging.Assert(
            tf.reduce_all((digit >= 0) & (digit <= 9)),
            ["digit must be from 0 to 9"],
        )
        return {"square": digit ** 2}

    tf.saved_model.save(tf.Module(), str(path), signatures={
        "serving_default": every, "same": same, "digit": digit,
    })


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="DIR", type=pathlib.Path)
    parser.add_argument("--base_path", default="/models")
    options = parser.parse_args()
    write(options.folder, options.base_path)
