"""Rounds a published model's weights to float16 values.

    python train/round.py --model=pix2pix_shapes

The files stay float32, so that nothing else changes, but compress to two
thirds: in the repository, and in the wheel, which has a limit. The SavedModel
is written anew from the same numbers, and the recipe gets the new hashes and
golden numbers; what was measured of the other weights goes, so measure the
model again. Run it with the TensorFlow backend.
"""

import shutil
import sys

import numpy as np
from absl import app, flags

_MODEL = flags.DEFINE_string("model", None, "A published model's name.")
flags.mark_flag_as_required("model")


def rounded(values):
    """An array with the nearest float16 values, in its own type."""
    if values.dtype.kind != "f":
        return values
    with np.errstate(over="ignore"):
        near = values.astype("float16").astype(values.dtype)
    if not np.isfinite(near).all():
        from keras_gen.errors import InputError

        raise InputError("a weight is beyond float16: publish it as it is")
    return near


def publish(name):
    """Rounds the model `name` in `saved_models/` and its recipe."""
    from keras_gen import golden, zoo
    from keras_gen.recipe import Recipe

    own, objective = zoo.recipe(name), zoo.load(name)
    for network in (objective.networks | objective.averages).values():
        network.set_weights([rounded(w) for w in network.get_weights()])
    target = zoo.home() / "saved_models" / own.name
    aside = target.with_name(f"{own.name}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    # The grid of samples is the same to the eye.
    shutil.copytree(target, aside, ignore=shutil.ignore_patterns("1", "*.h5"))
    objective.save_networks(aside)
    objective.export(aside / "1")
    shutil.rmtree(target)
    aside.rename(target)
    card = {k: v for k, v in own["card"].items() if k != "measured"}
    trained = card["trained"] | {"weights": "rounded to float16 values"}
    values = own.values | {
        "card": card | {"trained": trained},
        "weights": {
            network: zoo.sha256(target / f"{network}.weights.h5")
            for network in own["weights"]
        },
        "golden": golden.numbers(objective),
    }
    values.pop("results", None)
    text = Recipe(values, own.origin).to_toml()
    (zoo.home() / "zoo" / f"{own.name}.toml").write_text(text, "utf-8")


def main(_):
    from keras_gen.errors import InputError

    try:
        publish(_MODEL.value)
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    app.run(main)
