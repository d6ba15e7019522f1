"""keras-gen correlate: whether a loss tells what a metric does."""

import csv

from keras_gen.cli import _common, _json
from keras_gen.errors import InputError

EXAMPLES = (
    "keras-gen correlate runs/wgan_shapes --loss=wasserstein_estimate",
)


def add_arguments(parser):
    """The flags of `keras-gen correlate`."""
    parser.add_argument(
        "folder", metavar="RUN", type=_common.path,
        help="the work directory of a run that measured a metric at each "
        "grid, for instance by --set train.best=frechet_distance",
    )
    parser.add_argument(
        "--loss", default="wasserstein_estimate", help="a column of log.csv"
    )
    parser.add_argument(
        "--metric", default="frechet_distance",
        help="a column of monitors.csv",
    )
    _common.add_out(parser, "RUN-correlation.png", "of the figure")
    _json.add(parser)


def run(options):
    """Prints Spearman's rank correlation over the checkpoints, and draws
    both curves and each against the other."""
    from scipy import stats

    from keras_gen import plot

    steps, metric = column(options.folder / "monitors.csv", options.metric)
    loss = between(
        *column(options.folder / "log.csv", options.loss), steps
    )
    if len(steps) < 3:
        raise InputError(
            f"{options.folder} has {len(steps)} measurements of "
            f"{options.metric}: a correlation needs at least 3"
        )
    found = stats.spearmanr(loss, metric)
    title = (
        f"Spearman {found.statistic:.3f} over {len(steps)} checkpoints "
        f"(p = {found.pvalue:.2g})"
    )
    if not options.json:
        print(f"{options.loss} and {options.metric}: {title}")
    out = options.out or _common.unused(
        f"{options.folder.resolve().name}-correlation.png"
    )
    plot.correlation(
        steps, {options.loss: loss, options.metric: metric}, title, out
    )
    if not options.json:
        print(out)
        return
    _json.say({
        "loss": options.loss, "metric": options.metric,
        "spearman": found.statistic, "p": found.pvalue, "steps": steps,
        "written": [out],
    })


def column(path, name):
    """(steps, values) of a column of a run's table."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise InputError(
            f"cannot read {path} ({error}): name a work directory of "
            "train/main.py"
        ) from error
    names = list(rows[0])[1:] if rows else []
    if name not in names:
        raise InputError(
            f"{path} has no column {name}: it has {', '.join(names)}"
        )
    return (
        [int(row["step"]) for row in rows], [float(row[name]) for row in rows]
    )


def between(steps, values, ends):
    """The mean of the values after one end and up to the next: one batch's
    loss is mostly noise."""
    means, start = [], 0
    for end in ends:
        some = [v for s, v in zip(steps, values) if start < s <= end]
        if not some:
            raise InputError(
                f"log.csv has no row between the steps {start} and {end}"
            )
        means.append(sum(some) / len(some))
        start = end
    return means
