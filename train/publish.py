"""Publishes a finished work directory as the zoo's model of that name.

    python train/publish.py --workdir=runs/dcgan_shapes

Copies the networks' weights, the SavedModel and the last sample grid (of a
classifier, which can only show the data's own pictures, none) to
`saved_models/<name>/`, and records the weights' hashes and how they were
trained in `zoo/<name>.toml`. Averages (`[ema]`) are published beside their
networks: fine-tuning goes on from the networks, pictures and the SavedModel
come from the averages. Run it with the TensorFlow backend.
"""

import datetime
import shutil
import sys
from pathlib import Path

from absl import app, flags

_WORKDIR = flags.DEFINE_string("workdir", None, "A finished work directory.")
flags.mark_flag_as_required("workdir")

# How a machine's files and runs are named is no part of the training.
_LOCAL = ("data.source =",)


def publish(workdir):
    """Publishes `workdir`; the recipe's name."""
    from keras_gen import run_folder, zoo
    from keras_gen.errors import InputError
    from keras_gen.recipe import Recipe

    trained = Recipe.read(workdir / "recipe.toml")
    own = zoo.recipe(trained.name)
    different = [
        d for d in run_folder.differences(own.values, trained.values)
        if not d.startswith(_LOCAL)
    ]
    if own["train"]["steps"] != trained["train"]["steps"]:
        different.append("train.steps")
    if different or not (workdir / "export/1/saved_model.pb").exists():
        raise InputError(
            f"{workdir} is unfinished or not a run of zoo/{own.name}.toml as "
            f"it is: {'; '.join(different) or 'no export/1'}"
        )
    target = zoo.home() / "saved_models" / own.name
    aside = target.with_name(f"{own.name}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(workdir / "export", aside)
    if own.build().makes_pictures:
        grids = sorted((workdir / "samples").glob("step-*.png"))
        shutil.copy(grids[-1], aside / "samples.png")
    shutil.rmtree(target, ignore_errors=True)
    aside.rename(target)
    run = trained["run"]
    card = own["card"] | {"trained": {
        "command": f"python train/main.py --model={own.name}",
        "backend": run["backend"],
        "device": run["device"],
        "date": datetime.date.fromisoformat(run["date"][:10]).isoformat(),
    }}
    averages = own.values.get("ema", {}).get("networks", ())
    weights = {
        network: zoo.sha256(target / f"{network}.weights.h5")
        for network in [*own["networks"], *(f"{n}_ema" for n in averages)]
    }
    values = own.values | {"card": card, "weights": weights}
    text = Recipe(values, own.origin).to_toml()
    (zoo.home() / "zoo" / f"{own.name}.toml").write_text(text, "utf-8")
    return own.name


def main(_):
    from keras_gen.errors import InputError

    try:
        print(f"published {publish(Path(_WORKDIR.value))}")
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    app.run(main)
