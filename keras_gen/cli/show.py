"""keras-gen show: the card of a published model, or of a run."""

import textwrap

from keras_gen.cli import _json
from keras_gen.cli import list as listing
from keras_gen.zoo import results as measured
from keras_gen.zoo import truncation, weights
from keras_gen.zoo.download import size

_WIDTH, _INDENT = 79, 14
EXAMPLES = (
    "keras-gen show dcgan_celeba",
    "keras-gen show runs/mine --json",
)


def add_arguments(parser):
    """The flags of `keras-gen show`."""
    parser.add_argument(
        "name", metavar="NAME",
        help="a published model, the work directory of a run, or a recipe "
        "file",
    )
    _json.add(parser, "the card")


def run(options):
    """Prints the card."""
    values = weights.document(weights.recipe_file(options.name))
    run = weights.run_folder(options.name)
    if options.json:
        _json.say(facts(values, run))
        return
    print(f"{values['name']}: {values['summary']}\n")
    why = values.get("unpublished")
    limit = truncation.limit(values.get("results", ()))
    for title, content in (
        ("paper", values["paper"]),
        *([("unpublished", why)] if why else ()),
        *card(values),
        *([("truncation", limit["says"])] if limit else ()),
        *(run_lines(run, values) if run else weights_lines(values)),
    ):
        paragraph(title, content)
    results(measured.flat(values.get("results", ())))
    print(f'\nkeras_gen.zoo.load("{options.name}")')


def facts(values, run):
    """What the card says, as --json has it: of the model what `keras-gen
    list` tells of each; its card, what truncation it takes, its results, and
    of a run how far it is.

    Args:
        values: the recipe's nested dicts.
        run: the work directory, or None.
    """
    groups = values.get("results", ())
    return listing.row(values) | {
        "card": values["card"], "truncation": truncation.limit(groups),
        "results": measured.flat(groups),
        "run": run and values.get("run", {}) | {
            "folder": run, "data": values["data"]["source"],
            "step": steps_done(run), "steps": values["train"]["steps"],
            "weights": exported(run),
        },
    }


def steps_done(run):
    """The newest checkpoint's step, 0 where there is none; their files are
    called step-0001000-<digest>.npz."""
    return max((
        int(path.name.split("-")[1])
        for path in run.glob("checkpoints/step-*-*.npz")
    ), default=0)


def exported(run):
    """The files of a run's weights."""
    return sorted(run.glob("export/*.h5"))


def paragraph(title, content):
    """Prints a text beside its title."""
    print(textwrap.fill(
        content, _WIDTH, initial_indent=f"{title:<{_INDENT - 1}} ",
        subsequent_indent=" " * _INDENT, break_long_words=False,
        break_on_hyphens=False,
    ))


def card(values):
    """(title, text) of everything that the card says."""
    for key, content in values["card"].items():
        if isinstance(content, dict):
            content = ", ".join(
                v if k == "command" else f"{v} {k}" if isinstance(v, int)
                else f"{k} {v}" for k, v in content.items()
            )
        if key == "trained":
            content += f", {values['train']['steps']:,} steps"
        yield key, str(content)


def run_lines(run, values):
    """(title, text) of a training: its data, how far it is, its weights."""
    source = values["data"]["source"]
    yield "data", f"{source}, {measures(values['data'])}".rstrip(", ")
    made = values.get("run", {})
    yield "trained", ", ".join(
        str(made[key]) for key in ("command", "backend", "device", "date")
        if key in made
    )
    steps = values["train"]["steps"]
    yield "steps", f"{steps_done(run):,} of {steps:,}"
    files = exported(run)
    if files:
        room = sum(path.stat().st_size for path in files)
        yield "weights", f"{run / 'export'} ({size(room)})"


def measures(table):
    """The sizes that a recipe's table of data sets, in words."""
    return ", ".join(
        f"{key} {table[key]}" for key in ("size", "channels", "frames")
        if key in table
    )


def weights_lines(values):
    """(title, text) of each network: its parameters and its file."""
    counts = values.get("parameters", {})
    for network, (where, path) in weights.found(values).items():
        text = where
        if network in counts:
            text = f"{counts[network]:,} parameters, {where}"
        if path:
            text += f" ({size(path.stat().st_size)}): {path}"
        else:
            text += f": keras-gen fetch {values['name']}"
        yield network, text


def results(records):
    """Prints the model's numbers, with the baselines' beside them."""
    rows = {}
    for record in records:
        metric = record["metric"]
        if "features" in record:
            metric += f"[{record['features']}]"
        if "task" in record:
            metric += f", {record['task']}"
        split = measured.split_of(record["real"])
        if split != "test":
            metric += f", {split}"
        subject, shown = record["subject"], f"{record['value']:.4g}"
        if "spread" in record:
            shown += f" ± {record['spread']:.1g}"
        if "over" in record:
            subject = f"over {record['times']} {record['over']}"
        rows.setdefault(metric, {})[subject] = shown
    if rows:
        print("\nresults: the model (and what to compare it with)")
    for metric, found in rows.items():
        model = found.pop("model", "-")
        others = ", ".join(f"{name} {value}" for name, value in found.items())
        print(f"  {metric}: {model}" + (f" ({others})" if others else ""))
