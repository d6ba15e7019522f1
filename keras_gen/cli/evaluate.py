"""keras-gen evaluate: a model's numbers, with floor and ceiling."""

import datetime
import json
import pathlib

from keras_gen import atomic
from keras_gen.cli import _common, _json
from keras_gen.errors import InputError
from keras_gen.zoo import weights

# Of samples, for a spread.
_SETS = 5
EXAMPLES = (
    "keras-gen evaluate dcgan_shapes --n=2000",
    "keras-gen evaluate runs/mine --split=validation --spread=3",
)


def add_arguments(parser):
    """The flags of `keras-gen evaluate`."""
    parser.add_argument(
        "model", metavar="NAME",
        help="a published model's name, the work directory of a run, or a "
        "folder, .zip or .npz of pictures that a model has made",
    )
    parser.add_argument(
        "--data", metavar="FOLDER",
        help="a folder, .zip or .npz of real pictures, instead of the "
        "recipe's data",
    )
    parser.add_argument(
        "--metrics", type=lambda text: text.split(","),
        help="names, separated by commas; --metrics=help lists them, and "
        "--metrics=truncation are all that belong to it",
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
    parser.add_argument(
        "--seed", type=int, default=0,
        help="of the samples and of every random choice",
    )
    parser.add_argument(
        "--split", choices=("test", "validation"), default="test",
        help="whose items the model is measured by: of the test, which "
        "nothing should have been chosen by, or of the validation",
    )
    parser.add_argument(
        "--spread", type=int, nargs="?", const=_SETS, metavar="TIMES",
        help="nothing but how much the headline varies over so many sets of "
        f"samples, {_SETS} by default, or over --trained",
    )
    parser.add_argument(
        "--trained", action="append", default=[], metavar="RUN",
        help="of --spread: the work directory of a training of the recipe "
        "with another --seed, beside the model's own; may be repeated",
    )
    _common.add_allow_code_of(parser)
    _common.add_out(parser, "NAME-results.json", "of JSON")
    _json.add(parser, "a table")
    parser.checks.append(check)
    parser.add_argument(
        "--record", action="store_true",
        help="also write the numbers into the recipe's record, for keras-gen "
        "table: in the place of all of the split, with their spread, or of "
        "those of --metrics or --spread",
    )


def check(options):
    """Raises an InputError for options that do not belong together, or name
    what is not there."""
    if options.n is not None and options.n < 2:
        raise InputError(f"--n must be at least 2, got {options.n}")
    if options.record and atomic.local(options.model).exists():
        raise InputError(
            "--record is for published models: publish a run first"
        )
    _common.check_data(options.data)
    _common.check_features(options.features)
    listing = options.metrics == ["help"]
    check_spread(options)
    if not are_pictures(options.model):
        if not listing:
            _common.check_weights(options.model)
    elif not options.data and not listing:
        raise InputError(
            f"{options.model} holds pictures: give real ones to measure them "
            "by, --data=FOLDER"
        )
    elif options.split != "test":
        raise InputError("--split is of a model's data: pictures have none")
    for other in options.beside:
        _common.check_weights(other)


def check_spread(options):
    """As `check`, of what is measured several times."""
    if options.trained and options.spread is None:
        raise InputError("--trained is for --spread: give that, too")
    if options.spread is None:
        return
    if options.spread < 2:
        raise InputError(
            f"--spread must be at least 2, got {options.spread}"
        )
    if options.metrics or options.beside or are_pictures(options.model):
        raise InputError(
            "--spread is of a model's headline: leave --metrics and --beside "
            "out, and name a model"
        )
    for other in options.trained:
        _common.check_weights(other)
    values = map(_common.document, [options.model, *options.trained])
    seeds = [(each["name"], each["train"]["seed"]) for each in values]
    if len(set(seeds)) < len(seeds) or len({name for name, _ in seeds}) > 1:
        told = ", ".join(f"{name} with seed {seed}" for name, seed in seeds)
        raise InputError(
            "--trained takes trainings of one recipe, each with another "
            f"--seed; got {told}"
        )


def are_pictures(name):
    """Whether it is a path, and of no work directory."""
    path = atomic.local(name)
    return path.exists() and not (path / "recipe.toml").is_file()


def run(options):
    """Measures, prints the table, writes the records."""
    from keras_gen.evaluation import tables
    from keras_gen.zoo import results, truncation

    measure = of_pictures if are_pictures(options.model) else of_model
    say = _common.Progress()
    name, records = measure(options, say)
    say.end()
    if options.metrics == ["help"]:
        if options.json:
            _json.say({"model": name, "metrics": records})
        else:
            print("\n".join(records))
        return
    limit = truncation.limit(results.grouped(r.as_dict() for r in records))
    if not options.json:
        print(tables.text(records))
        if limit:
            print(f"\n{name} {limit['says']}")
    written = [options.out or _common.unused(f"{name}-results.json")]
    write_json(written[0], name, records)
    if options.record:
        written.append(record(name, records, options))
    if options.json:
        _json.say(told(name, records) | {
            "truncation": limit, "written": written,
        })
    else:
        print(f"\nwritten to {written[0]}")
        for path in written[1:]:
            print(f"and to {path}")


def of_model(options, say):
    """(name, records) of a published model or a run."""
    from keras_gen import evaluation

    allowed, name = options.allow_code_of, weights.called(options.model)
    recipe = _common.recipe_of(options.model, allowed)
    if options.data is not None:
        recipe = recipe.override({"data.source": options.data})
    kind = recipe.code("objective", recipe["objective"]["class"])
    if options.metrics == ["help"]:
        return name, evaluation.names(kind)
    model = _common.model_of(options.model, allowed)
    how = dict(
        features=options.features, n=options.n, seed=options.seed,
        split=options.split, say=say,
    )
    if options.spread:
        return name, evaluation.spread(
            model, recipe, times=options.spread, trained=[
                _common.model_of(other, allowed) for other in options.trained
            ], **how
        )
    found = evaluation.evaluate(
        model, recipe, metrics=options.metrics, beside={
            pathlib.Path(other).name: _common.model_of(other, allowed)
            for other in options.beside
        }, **how
    )
    if options.record and not options.metrics:
        found += evaluation.spread(model, recipe, times=_SETS, **how)
    return name, found


def of_pictures(options, say):
    """(name, records) of pictures in files."""
    from keras_gen import evaluation

    name = atomic.local(options.model).resolve().stem
    if options.metrics == ["help"]:
        return name, evaluation.names(evaluation.Comparison)
    return name, evaluation.compare(
        options.model, options.data, features=options.features,
        metrics=options.metrics, size=options.size, n=options.n or 10_000,
        seed=options.seed, say=say,
    )


def told(name, records):
    """Whose numbers, and these."""
    return {"model": name, "results": [r.as_dict() for r in records]}


def write_json(path, name, records):
    """Writes the records aside and renames the file."""
    values = told(name, records)
    with atomic.replacing(path) as aside:
        aside.write_text(json.dumps(values, indent=2) + "\n", "utf-8")


def record(name, records, options):
    """Puts the records in the place of those beside a recipe of the zoo, of
    all of their split or of those that were asked for; the file that has
    them."""
    from keras_gen import zoo
    from keras_gen.zoo import records as recorded
    from keras_gen.zoo import results

    recipe = zoo.recipe(name)
    date = datetime.date.today().isoformat()
    measured = {"command": command(name, options), "date": date}
    some = bool(
        options.metrics or options.spread or options.split != "test"
    )
    if some:
        before = recipe["card"].get("measured", {})
        later = [
            line for line in before.get("later", "").split("; ")
            if line and line.rpartition(" on ")[0] != measured["command"]
        ]
        later.append(f"{measured['command']} on {date}")
        measured = before | {"later": "; ".join(later)}
    old = results.flat(recipe.values.get("results", ()))
    found = replaced(old, [r.as_dict() for r in records], some)
    values = recipe.values | {
        "card": recipe["card"] | {"measured": measured},
        "results": results.grouped(found),
    }
    return recorded.write(zoo.home() / "zoo" / f"{recipe.name}.toml", values)


def replaced(old, new, some):
    """Records with new ones in their places: in those of the same metrics,
    split and seeds where these are `some`, else in those of all but other
    splits and trainings."""
    from keras_gen.zoo import results

    def place(record):
        split = results.split_of(record["real"])
        return split, record.get("over"), record["metric"] if some else None

    places = {place(record) for record in new}
    return [r for r in old if place(r) not in places] + new


def command(name, options):
    """What to type for these numbers, on whatever machine."""
    given = {
        # Where the data lie on this machine is nobody's business.
        "data": options.data and pathlib.Path(options.data).name,
        "metrics": options.metrics and ",".join(options.metrics),
        "features": options.features, "n": options.n,
        "seed": options.seed or None,
        "split": None if options.split == "test" else options.split,
        "spread": options.spread,
    }
    flags = [f"--{k}={v}" for k, v in given.items() if v is not None]
    flags += [
        f"--{flag}={f'runs/{other.name}' if other.is_dir() else other}"
        for flag in ("beside", "trained")
        for other in map(pathlib.Path, getattr(options, flag))
    ]
    return " ".join(["keras-gen evaluate", name, *flags])
