"""keras-gen publish: makes a finished run the zoo's model of that name.

Writes the networks' weights, rounded to float16 values and compressed, and
the SavedModel of the same numbers to `saved_models/<name>/`, and draws the
card's pictures there (of a classifier, which makes none, no file). Records the
weights' hashes, the golden numbers and how they were trained in
`zoo/<name>.record.toml`. An average (`[ema]`) is published in its network's
place: pictures and the SavedModel come from it, fine-tuning begins with it.
Of a model that is published already it writes the SavedModel alone, which
then refuses what was measured since: see `keras_gen.zoo.truncation`. Run it
with the TensorFlow backend.
"""

import shutil
from pathlib import Path

from keras_gen.cli import _common

EXAMPLES = (
    "keras-gen publish runs/dcgan_shapes",
)


def add_arguments(parser):
    """The flags of `keras-gen publish`."""
    parser.add_argument(
        "workdir", metavar="RUN", type=_common.path,
        help="a finished work directory; or a published model's name, to "
        "write its SavedModel anew, with what was measured since",
    )
    parser.checks.append(check)


def check(options):
    """Raises an InputError where there is neither run nor model."""
    from keras_gen.errors import InputError

    workdir = options.workdir
    if not is_model(workdir) and not (workdir / "recipe.toml").is_file():
        raise InputError(
            f"{workdir} is no work directory of a training, for it has no "
            "recipe.toml, and no published model: keras-gen list shows these"
        )


def is_model(workdir):
    """Whether it is the name of a model of the zoo, and no folder."""
    from keras_gen import zoo

    return str(workdir) in zoo.names() and not workdir.is_dir()


def run(options):
    """Publishes the run, or the SavedModel again."""
    name = str(options.workdir)
    if is_model(options.workdir):
        renew(name)
    else:
        name = publish(options.workdir)
    print(f"published {name}")


def publish(workdir):
    """Publishes `workdir`; the recipe's name."""
    from keras_gen import zoo
    from keras_gen.zoo import compress, records
    from keras_gen.zoo.recipes import Recipe

    trained = Recipe.read(workdir / "recipe.toml")
    own = zoo.recipe(trained.name)
    file = zoo.home() / "zoo" / f"{own.name}.toml"
    records.refuse_alone(file)
    refuse_others(own, trained, workdir)
    objective = trained.override({"train.precision": "float32"}).build()
    for network, model in objective.networks.items():
        model.load_weights(exported(workdir, trained, network))
        model.set_weights([compress.rounded(w) for w in model.get_weights()])
    objective.restart_averages()
    write_files(objective, trained)
    values = own.values | described(objective, own, trained, workdir)
    # What was measured of other weights goes.
    values.pop("results", None)
    records.write(file, values)
    return own.name


def renew(name):
    """Writes the SavedModel of a published model anew."""
    from keras_gen import zoo

    target = zoo.home() / "saved_models" / name
    aside = target.with_name(f"{name}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    written = zoo.load(name).export(aside)
    shutil.rmtree(target / written.name, ignore_errors=True)
    written.rename(target / written.name)
    aside.rmdir()


def refuse_others(own, trained, workdir):
    """Raises an InputError unless `workdir` is a finished run of the zoo's
    own recipe."""
    from keras_gen.errors import InputError
    from keras_gen.training import run_folder
    from keras_gen.zoo import checking, checkpoint

    if "unpublished" in own.values:
        raise InputError(
            f"zoo/{own.name}.toml says why it is not published "
            f"({own['unpublished']}): take that out first"
        )
    steps = trained["train"]["steps"]
    if own["train"]["precision"] == checking.AUTO:
        own = own.override({"train.precision": trained["train"]["precision"]})
    different = run_folder.differences(own.pinned().values, trained.values)
    if own["train"]["steps"] != steps:
        different.append("train.steps")
    # A run that goes on keeps the weights of its earlier end until the next.
    files = checkpoint.files(workdir / "checkpoints")
    done = max(map(checkpoint.step, files), default=0)
    if done != steps:
        different.append(f"it has done {done} of {steps} steps")
    files = [exported(workdir, trained, n) for n in own.network_names]
    if different or not all(file.is_file() for file in files):
        raise InputError(
            f"{workdir} is unfinished or not a run of zoo/{own.name}.toml as "
            f"it is: {'; '.join(different) or 'no weights in export/'}"
        )


def exported(workdir, trained, network):
    """The file with a network's weights, or with its average's."""
    averaged = network in trained.values.get("ema", {}).get("networks", ())
    return workdir / f"export/{network}{'_ema' * averaged}.weights.h5"


def write_files(objective, recipe):
    """Puts weights, SavedModel and pictures into saved_models/."""
    import numpy as np

    from keras_gen import data, zoo
    from keras_gen.zoo import compress

    target = zoo.home() / "saved_models" / recipe.name
    aside = target.with_name(f"{recipe.name}.tmp")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    for name, network in objective.networks.items():
        file = aside / f"{name}.weights.h5"
        network.save_weights(file)
        compress.compress(file)
    objective.export(aside)
    # Of the built-in data, which are free, what training shows; of any other
    # nothing but what the model makes.
    test = recipe.dataset("test")
    objective.card_pictures(
        aside, test.take(np.arange(min(1000, len(test)))),
        with_data=data.built_in(recipe["data"]["source"]),
    )
    shutil.rmtree(target, ignore_errors=True)
    aside.rename(target)


def described(objective, own, trained, workdir):
    """The recipe's tables about this run and its weights."""
    from keras_gen import zoo
    from keras_gen.export import golden

    run = trained["run"]
    card = {k: v for k, v in own["card"].items() if k != "measured"}
    frozen = {"frozen": trained["frozen"]} if "frozen" in trained.values else {}
    return frozen | {
        "card": card | {"trained": {
            "command": command(own, run),
            "backend": run["backend"],
            "device": run["device"],
            "precision": trained["train"]["precision"],
            "date": run["date"][:10],
            "minutes": minutes(workdir / "tensorboard"),
            "weights": "rounded to float16 values",
        }},
        "weights": {
            network: zoo.sha256(zoo.weights_file(own.name, network))
            for network in objective.networks
        },
        "parameters": {
            network: model.count_params()
            for network, model in objective.networks.items()
        },
        "golden": golden.numbers(objective),
    }


def command(own, run):
    """What trains it: of a run that started from a work directory, with that
    folder's name."""
    start = run["init_from"] and f" --init_from={Path(run['init_from']).name}"
    return f"python train/main.py --model={own.name}{start}"


def minutes(events):
    """How long a run took, without the time that it was stopped for: each
    start writes an event file of its own."""
    from tensorboard.backend.event_processing import event_file_loader

    seconds = 0
    for path in events.iterdir():
        loader = event_file_loader.TimestampedEventFileLoader(str(path))
        times = [time for time, _ in loader.Load()]
        seconds += max(times) - min(times)
    return round(seconds / 60)
