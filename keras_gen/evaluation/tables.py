"""Records as tables for people."""

import textwrap

from keras_gen.evaluation.features import metric_name

MODEL = "model"


def text(records):
    """Blocks of lines, one for each translation task, and for what is a mean
    over several seeds: metrics by subjects; then what all numbers depend
    on."""
    blocks = []
    for key in dict.fromkeys((r.task, r.over, r.times) for r in records):
        task, over, times = key
        some = [r for r in records if (r.task, r.over, r.times) == key]
        what = [task] * bool(task) + [f"over {times} {over}"] * bool(over)
        blocks += ["\n".join(
            [f"{', '.join(what)}:"] * bool(what) + _rows(rows)
        ) for rows in _apart(some)]
    return "\n\n".join([*blocks, "\n".join(circumstances(records))])


def _apart(records):
    """Lists of the records, in which metrics have the same subjects beside
    the model: floor and ceiling, or what a knob makes of it."""
    found = []
    for metric in dict.fromkeys(r.metric for r in records):
        rows = [r for r in records if r.metric == metric]
        others = {r.subject for r in rows} - {MODEL}
        for known, group in found:
            if known & others or not known or not others:
                known |= others
                group += rows
                break
        else:
            found.append((others, rows))
    return [group for _, group in found]


def _rows(records):
    subjects = list(dict.fromkeys(r.subject for r in records))
    found = {(r.metric, r.subject): r for r in records}
    lines = [["", *subjects]]
    for metric in dict.fromkeys(r.metric for r in records):
        lines.append([metric] + [
            number(found[metric, s]) if (metric, s) in found else ""
            for s in subjects
        ])
    widths = [max(map(len, column)) for column in zip(*lines)]
    return [
        "  ".join(
            [line[0].ljust(widths[0])]
            + [cell.rjust(w) for cell, w in zip(line[1:], widths[1:])]
        ).rstrip() for line in lines
    ]


def circumstances(records):
    """What the numbers depend on, each line once."""
    counts, protocols, networks = {}, {}, {}
    for r in records:
        count = f"{r.n_fake:,} against {r.n_real:,} of {r.real}"
        counts.setdefault(count, {})[r.subject] = None
        if r.protocol:
            protocols.setdefault(r.protocol, {})[r.metric] = None
        if r.features:
            networks[f"features of {r.features}: {r.resize}"] = None
    first = records[0]
    return [
        *(f"{', '.join(names)}: {text}" for text, names in counts.items()),
        *networks,
        *(f"{', '.join(names)}: {text}" for text, names in protocols.items()),
        f"seed {first.seed}, "
        f"{'averaged' if first.ema else 'plain'} weights",
    ]


def number(record):
    """Value and spread in four digits."""
    shown = f"{record.value:.4g}"
    if record.spread is not None:
        shown += f" ± {record.spread:.1g}"
    return shown


def title(record):
    """The metric's name, with the feature network where it has one, and the
    split where it is not the test."""
    name = record.metric
    if record.features:
        name = metric_name(name, record.features)
    split = [] if record.split == "test" else [record.split]
    return ", ".join([name, *[record.task] * bool(record.task), *split])


def over_seeds(record):
    """A mean and what it is over; the deviation in two digits."""
    return (
        f"{record.value:.4g} ± {record.spread:.2g} "
        f"({record.times} {record.over})"
    )


def markdown(models):
    """The table of results.

    Args:
        models: `(recipe, headline, records)` for each published model; the
            headline's metrics are shown, the baselines beside the model.
    """
    lines = [
        "| recipe | what | measured | model | over seeds | floor and ceiling |",
        "|---|---|---|---|---|---|",
    ]
    for recipe, headline, records in models:
        first = f"`{recipe.name}` | [{recipe['summary']}]({recipe['paper']})"
        for cells in rows(records, headline):
            lines.append(f"| {first} | {' | '.join(cells)} |")
            first = " | "
    return "\n".join(lines) + "\n"


def rows(records, metrics):
    """What one model's records say of some metrics.

    Args:
        records: of one model.
        metrics: names of those that are wanted.

    Returns:
        List of (title, model, over seeds, floor and ceiling), text each.
    """
    found = []
    for record in records:
        if record.subject != MODEL or record.metric not in metrics or (
            record.over
        ):
            continue
        alike = [r for r in records if title(r) == title(record)]
        seeds = ", ".join(over_seeds(r) for r in alike if r.over)
        others = ", ".join(
            f"{r.subject} {r.value:.4g}" for r in alike if r.subject != MODEL
        )
        found.append((title(record), number(record), seeds, others))
    return found


def legend():
    """What stands under the table."""
    return textwrap.fill(
        "Regenerated by `keras-gen table` from the records in `zoo/`, which "
        "`keras-gen evaluate` writes; each says its feature network, "
        "samples, real pictures and seed. Models are measured on the test "
        "split, by which nothing was chosen where a card does not say so. "
        "Over seeds: mean and standard deviation over sets of samples of "
        "which no two share one, or over trainings; 0 is of a model that "
        "draws nothing; the ± of an nll is its standard error over pictures, "
        "of which each has its own draws.", 79,
    ) + "\n"
