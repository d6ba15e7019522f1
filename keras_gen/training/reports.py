"""What a training run prints and writes while it goes on."""

import contextlib

import numpy as np

from keras_gen import evaluation, seeds
from keras_gen.abilities import DrawsLatents, Encodes, Predicts, Translates
from keras_gen.errors import InputError
from keras_gen.objectives.base.game import Game
from keras_gen.training import by_heart, callbacks
from keras_gen.training.monitors import LabelMonitors, Monitors, SampleMonitors

# Samples for a metric that chooses the best step, twenty times in a run.
_WATCHED = 2000
# Pictures beside a grid of samples, and of a classifier's accuracy.
_SHOWN, _COUNTED = 32, 2048


def reports(
    recipe, objective, monitors, workdir, events, checkpoint_minutes, since=0
):
    """The callbacks that print and write, in their order.

    Args:
        recipe, objective: of the run.
        monitors: of `monitors_of`.
        workdir: the run's folder.
        events: TensorBoard's `EventFile`.
        checkpoint_minutes: time between checkpoints.
        since: the step that this stage of the training began after.
    """
    steps = recipe["train"]["steps"]
    rows = recipe["data"]["batch_size"] * objective.updates_per_step
    return [
        callbacks.Progress(steps, rows),
        callbacks.Log(
            workdir / "log.csv", events, every=max(1, min(50, steps // 200)),
        ),
        *_of_samples(recipe, monitors, workdir, events, since),
        callbacks.Checkpoints(workdir / "checkpoints", checkpoint_minutes),
    ]


def looks(recipe):
    """Steps between two looks at what the model makes, of which a run has
    twenty."""
    return max(1, recipe["train"]["steps"] // 20)


def out_of_patience(recipe, workdir, step):
    """Whether `train.patience` ends the run after a step."""
    every, patience = looks(recipe), recipe["train"].get("patience")
    return patience is not None and callbacks.Patience(
        workdir / "best", patience, every
    ).over(step)


def stopped_early(recipe, workdir, step):
    """The line on a run that was."""
    table, best = recipe["train"], callbacks.kept(workdir / "best")
    count = table["patience"]
    told = f"{count} looks" if count > 1 else "1 look"
    than = "there was no finite value"
    if best:
        than = (
            f"no better {best['name']} than {best['value']:.4g} at step "
            f"{best['step']}, whose weights are in {workdir / 'best'}"
        )
    return f"stopped early at step {step}: in {told} {than}"


def _of_samples(recipe, monitors, workdir, events, since):
    """What is done with samples, every twentieth of the run."""
    table = recipe["train"]
    every = looks(recipe)
    watch = callbacks.Monitors(
        monitors, workdir / "monitors.csv", events, every, table["steps"]
    )
    found = [
        callbacks.SampleGrids(
            workdir / "samples", events, monitors.batch, every, table["seed"]
        ),
        watch,
    ]
    if "best" in table:
        found.append(callbacks.Best(
            workdir / "best", table["best"], table["best_mode"], watch, every,
            since,
        ))
    if "patience" in table:
        found.append(callbacks.Patience(
            workdir / "best", table["patience"], every
        ))
    return found


def monitors_of(recipe, objective, dataset, validation=None):
    """The monitors of what the objective makes, with what is known of its
    data; or of what it says of pictures of the validation, which are those of
    the training where `validation` is None. The judge of a game is watched on
    both. Of the test they see nothing."""
    best, metrics = recipe["train"].get("best"), {}
    if best in evaluation.names(objective):
        _refuse_unheld(recipe, best, validation)
        metrics[best] = evaluation.watch(objective, recipe, best, _WATCHED)
    seed, watched = recipe["train"]["seed"], validation or dataset
    if objective.can(Predicts):
        return LabelMonitors(
            objective, drawn(watched, _COUNTED, seed), metrics,
            "validation" if validation else "train",
        )
    batch = drawn(watched, _SHOWN, seed)
    if not objective.made:
        return Monitors(objective, batch, metrics)
    judge = None
    if validation and isinstance(objective, Game):
        judge = by_heart.Watch(objective, dataset, validation)
    return SampleMonitors(
        objective, batch, seed,
        truth=dataset.truth if objective.can(DrawsLatents) else None,
        metrics=metrics, judge=judge,
    )


def _refuse_unheld(recipe, best, validation):
    if validation is None:
        raise InputError(
            f"train.best = {best!r} is measured on a validation split, and "
            f"{recipe['data']['source']} has none: set data.validation, for "
            "instance 0.05, the share of the training items to keep for it"
        )


def check_best(recipe, objective, monitors):
    """Raises an InputError when `train.best` is neither log nor monitor nor
    metric."""
    best = recipe["train"].get("best")
    if best is None:
        return
    norms = [f"{player}_gradient_norm" for player in objective.players]
    names = [
        *objective.log_names(monitors.batch), *norms, *monitors.names,
        *evaluation.names(objective),
    ]
    measured = [*monitors.names, *evaluation.names(objective)]
    if "patience" in recipe["train"] and best not in measured:
        raise InputError(
            f"train.patience stops by what is measured beside the training, "
            f"and train.best is {best!r}: choose one of {', '.join(measured)}"
        )
    if best not in names:
        raise InputError(
            f"train.best is {best!r}: choose one of {', '.join(names)}"
        )


def validation_of(recipe):
    """The Dataset of the validation; None where there is none."""
    with contextlib.suppress(InputError):
        return recipe.dataset("validation")


def drawn(dataset, rows, seed):
    """Items that the seed draws, in an order of its own, the first few of all
    classes however they lie; again from the first where they are too few."""
    found = dataset.drawn(rows, seed)
    order = {
        count: seeds.generator(seed).permutation(count)
        for count in map(len, found.values())
    }
    return {
        name: items[np.resize(order[len(items)], rows)]
        for name, items in found.items()
    }


def afterwards(objective, workdir):
    """Lines on what to look at after a run, and what to type next."""
    grids = sorted((workdir / "samples").glob("step-*.png"))
    what = ["losses.png", "monitors.png", "samples.gif"]
    shown = [name for name in what if (workdir / name).is_file()]
    newest = [f"samples/{grids[-1].name}"] if grids else []
    yield f"pictures    {workdir}: {', '.join([*newest, *shown])}"
    first = [
        command for ability, command in (
            (DrawsLatents, f"sample {workdir}"),
            (Translates, f"translate {workdir} my_pictures/ translated/"),
            (Encodes, f"reconstruct {workdir} my_pictures/"),
        ) if objective.can(ability)
    ][:1]
    title = "next"
    for command in (
        *first, f"evaluate {workdir}", f"serve {workdir}",
        f"export {workdir} models/{workdir.name}",
    ):
        yield f"{title:<11} keras-gen {command}"
        title = ""
