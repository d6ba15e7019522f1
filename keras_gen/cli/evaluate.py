"""keras-gen evaluate: a model's numbers, with floor and ceiling."""

import datetime
import json
import pathlib

from keras_gen import atomic
from keras_gen.cli._common import (
    Progress,
    add_allow_code_of,
    add_out,
    called,
    check_data,
    check_features,
    check_weights,
    model_of,
    recipe_of,
    unused,
)
from keras_gen.errors import InputError


def add_arguments(parser):
    """The flags of `keras-gen evaluate`."""
    parser.add_argument(
        "model", metavar="NAME",
        help="a published model's name, the work directory of a run, or a "
        "folder, .zip or .npz of pictures that a model has made",
    )
    parser.add_argument(
        "--data",
        help="a folder, .zip or .npz of real pictures, instead of the "
        "recipe's data",
    )
    parser.add_argument(
        "--metrics", type=lambda text: text.split(","),
        help="names, separated by commas; --metrics=help lists them",
    )
    parser.add_argument("--n", type=int, help="samples of the model")
    parser.add_argument(
        "--features",
        help="feature network: a classifier of the zoo, 'keras-inceptionv3', "
        "or the file of the 2015 Inception graph",
    )
    parser.add_argument(
        "--beside", action="append", default=[], metavar="NAME",
        help="another translator, measured likewise, for instance the work "
        "directory of one trained without a loss; may be repeated",
    )
    parser.add_argument(
        "--size", type=int, default=64, help="pixels to read pictures at"
    )
    parser.add_argument("--seed", type=int, default=0)
    add_allow_code_of(parser)
    add_out(parser, "NAME-results.json", "of JSON")
    parser.checks.append(check)
    parser.add_argument(
        "--record", action="store_true",
        help="also write the numbers into the recipe's record, for keras-gen "
        "table",
    )


def check(options):
    """Raises an InputError for options that do not belong together, or name
    what is not there."""
    if options.n is not None and options.n < 2:
        raise InputError(f"--n must be at least 2, got {options.n}")
    if options.record and options.metrics:
        raise InputError(
            "--record replaces all numbers of the recipe: leave --metrics out"
        )
    if options.record and pathlib.Path(options.model).exists():
        raise InputError(
            "--record is for published models: publish a run first"
        )
    check_data(options.data)
    check_features(options.features)
    listing = options.metrics == ["help"]
    if not are_pictures(options.model):
        if not listing:
            check_weights(options.model)
    elif not options.data and not listing:
        raise InputError(
            f"{options.model} holds pictures: give real ones to measure them "
            "by, --data=FOLDER"
        )
    for other in options.beside:
        check_weights(other)


def are_pictures(name):
    """Whether it is a path, and of no work directory."""
    path = pathlib.Path(name)
    return path.exists() and not (path / "recipe.toml").is_file()


def run(options):
    """Measures, prints the table, writes the records."""
    from keras_gen.evaluation import tables

    measure = of_pictures if are_pictures(options.model) else of_model
    say = Progress()
    name, records = measure(options, say)
    say.end()
    if options.metrics == ["help"]:
        print("\n".join(records))
        return
    print(tables.text(records))
    out = options.out or unused(f"{name}-results.json")
    write_json(out, name, records)
    print(f"\nwritten to {out}")
    if options.record:
        print(f"and to {record(records, options)}")


def of_model(options, say):
    """(name, records) of a published model or a run."""
    from keras_gen import evaluation

    allowed, name = options.allow_code_of, called(options.model)
    recipe = recipe_of(options.model, allowed)
    if options.data:
        recipe = recipe.override({"data.source": options.data})
    kind = recipe.code("objective", recipe["objective"]["class"])
    if options.metrics == ["help"]:
        return name, evaluation.names(kind)
    return name, evaluation.evaluate(
        model_of(options.model, allowed), recipe, metrics=options.metrics,
        features=options.features, n=options.n, seed=options.seed, say=say,
        beside={
            pathlib.Path(other).name: model_of(other, allowed)
            for other in options.beside
        },
    )


def of_pictures(options, say):
    """(name, records) of pictures in files."""
    from keras_gen import evaluation
    from keras_gen.objectives.base.latent import LatentObjective

    name = pathlib.Path(options.model).resolve().stem
    if options.metrics == ["help"]:
        return name, evaluation.names(LatentObjective)
    return name, evaluation.compare(
        options.model, options.data, features=options.features,
        metrics=options.metrics, size=options.size, n=options.n or 10_000,
        seed=options.seed, say=say,
    )


def write_json(path, name, records):
    """Writes the records aside and renames the file."""
    values = {"model": name, "results": [r.as_dict() for r in records]}
    with atomic.replacing(path) as aside:
        aside.write_text(json.dumps(values, indent=2) + "\n", "utf-8")


def record(records, options):
    """Puts the records in the place of those beside a recipe of the zoo; the
    file that has them."""
    from keras_gen import zoo
    from keras_gen.zoo import records as recorded
    from keras_gen.zoo import results

    recipe = zoo.recipe(options.model)
    given = {
        # Where the data lie on this machine is nobody's business.
        "data": options.data and pathlib.Path(options.data).name,
        "features": options.features, "n": options.n,
        "seed": options.seed or None,
    }
    flags = [f"--{k}={v}" for k, v in given.items() if v is not None]
    flags += [
        f"--beside={f'runs/{other.name}' if other.is_dir() else other}"
        for other in map(pathlib.Path, options.beside)
    ]
    measured = {
        "command": " ".join(["keras-gen evaluate", recipe.name, *flags]),
        "date": datetime.date.today().isoformat(),
    }
    values = recipe.values | {
        "card": recipe["card"] | {"measured": measured},
        "results": results.grouped(r.as_dict() for r in records),
    }
    return recorded.write(zoo.home() / "zoo" / f"{recipe.name}.toml", values)
