"""A training run in a work directory: from a recipe to exported weights."""

import contextlib
import math
import shutil
import sys
from pathlib import Path

import keras

from keras_gen import atomic, plot, printing, terminal
from keras_gen.backend import gradients
from keras_gen.data import account
from keras_gen.errors import InputError
from keras_gen.export import saved_model
from keras_gen.training import (
    callbacks,
    devices,
    fine_tuning,
    precision,
    reports,
    run_folder,
    same_data,
    schedules,
    stages,
    trackers,
)
from keras_gen.training.event_file import EventFile
from keras_gen.zoo import checkpoint
from keras_gen.zoo.recipes import Recipe

# Batches that the averages' batch normalization is measured on at the end.
_SETTLED = 50


@printing.replacing()
def run(
    recipe: Recipe, workdir: str | Path, init_from: str | Path | None = None,
    checkpoint_minutes: float = 5.0, plan: devices.Plan | None = None,
    tracker: str | None = None,
) -> bool:
    """Trains a recipe, or goes on with it, to its last step.

    Args:
        recipe: the resolved `Recipe`.
        workdir: a new folder, or that of an earlier run of this recipe.
        init_from: a published model or a work directory whose weights a new
            run starts from; see `fine_tuning`.
        checkpoint_minutes: time between checkpoints.
        plan: where to train, from `devices.plan`, which by default decides
            by itself.
        tracker: one of `trackers.NAMES` that is told, beside TensorBoard's
            files, what these have; None for none.

    Returns:
        True when the run is complete, False when it was stopped.

    Raises:
        InputError: bad data, a tracker that is not installed or cannot begin,
            a folder that belongs to another recipe or is in use, no whole
            checkpoint, networks that do not fit, a full disk, a batch that
            the replicas cannot share.
        WorkerLost: another worker stopped.
    """
    if tracker:
        trackers.require(tracker)
    workdir = atomic.local(workdir)
    recipe = precision.kept(recipe, run_folder.begun(recipe, workdir))
    run_folder.refuse_folder(recipe, workdir)
    init_from = fine_tuning.resolve(init_from, recipe, workdir)
    plan = plan or devices.plan()
    for _, _, stage in recipe.stages:
        plan.check_batch(stage["data"]["batch_size"])
    place = plan.start(recipe["data"]["batch_size"])
    alone = contextlib.nullcontext()
    if place.chief:
        alone = run_folder.alone(workdir)
    with place.lost_workers(), alone:
        return go(
            recipe, workdir, place, init_from, checkpoint_minutes, tracker
        )


def go(recipe, workdir, place, init_from, checkpoint_minutes, tracker):
    """`run` in a folder that no other process trains in."""
    recipe, why = precision.agreed(recipe, place)
    first = place.of_chief(
        lambda: stages.under_way(recipe, workdir / "checkpoints"),
        len(recipe.stages),
    )
    objective = None
    for number, (since, last, stage) in enumerate(recipe.stages):
        if number < first:
            continue
        before, dataset = objective, stage.dataset()
        with place.scope():
            objective = stage.build()
        objective.check_data(dataset)
        validation = reports.validation_of(stage)
        monitors = reports.monitors_of(stage, objective, dataset, validation)
        reports.check_best(stage, objective, monitors)
        with run_folder.disk_errors(workdir):
            if before is None:
                own = dataset if "stages" not in recipe.values else None
                known = known_of_run(recipe, own, workdir, place, why)
                start(
                    recipe, stage, objective, workdir, place, init_from, known
                )
            kept = before and stages.carry(before, objective)
            describe(
                stage, objective, dataset, workdir, place, kept, validation
            )
            stream = {
                "seen": stages.seen(recipe, objective, number), "since": since
            }
            train_and_report(
                stage, objective, dataset, workdir, place, monitors,
                checkpoint_minutes, stream, tracker,
            )
        step = objective.steps_done
        early = step < last and out_of_patience(stage, workdir, place, step)
        if early and place.chief:
            told = reports.stopped_early(stage, workdir, step)
            terminal.say(told, sys.stdout)
        elif step < last and not early:
            print(f"stopped; the same command goes on from step {step}")
            return False
    if place.chief:
        with run_folder.disk_errors(workdir):
            finish(stage, objective, dataset, workdir)
    return True


def start(recipe, stage, objective, workdir, place, init_from, known):
    """Brings every worker to where the run goes on, and writes down what is
    trained, with what is `known_of_run`."""
    if place.chief:
        begin(stage, objective, workdir, init_from)
    place.share(objective)
    if place.chief:
        run_folder.prepare(recipe, workdir, place, init_from, **known)


def known_of_run(recipe, dataset, workdir, place, why):
    """What a run keeps from its begin: of its data a fingerprint, and why it
    has its precision, where that was chosen here; only the chief knows.

    Args:
        dataset: the recipe's own, None where it is not read yet.
        recipe, workdir, place, why: of the run, and of `precision.agreed`.
    """
    if not place.chief:
        return {}
    begun = run_folder.begun(recipe, workdir)
    before = begun.values.get("run", {}) if begun else {}
    dataset = recipe.dataset() if dataset is None else dataset
    found = same_data.checked(recipe, begun, dataset, workdir)
    why = why or before.get("precision", "")
    return {"data": found} | ({"precision": why} if why else {})


def train_and_report(
    recipe, objective, dataset, workdir, place, monitors, checkpoint_minutes,
    stream, tracker=None,
):
    """Trains to the recipe's last step, or to a signal to stop; the chief
    reports and writes."""
    done = objective.steps_done
    ended = done == recipe["train"]["steps"]
    if ended or out_of_patience(recipe, workdir, place, done):
        return
    if not place.chief:
        train(recipe, objective, dataset, place, [], stream)
        return
    tracked = trackers.tracking(tracker, recipe, workdir)
    with tracked as tell, contextlib.closing(
        tell.beside(EventFile(workdir / "tensorboard", done))
    ) as events:
        events.text("recipe", f"```toml\n{recipe.to_toml()}\n```", done)
        beside = reports.reports(
            recipe, objective, monitors, workdir, events, checkpoint_minutes,
            stream["since"],
        )
        train(recipe, objective, dataset, place, beside, stream)
        tell.complete = objective.steps_done == recipe["train"]["steps"]


def out_of_patience(recipe, workdir, place, step):
    """Whether the run has ended by `train.patience`, on every worker what
    the chief says, who keeps the best."""
    if "patience" not in recipe["train"]:
        return False
    return place.any_worker(
        place.chief and reports.out_of_patience(recipe, workdir, step)
    )


def begin(recipe, objective, workdir, init_from):
    """Loads the newest checkpoint, or what a new run starts from; the step
    to go on from."""
    done = checkpoint.restore(objective, workdir / "checkpoints")
    steps = recipe["train"]["steps"]
    if done > steps:
        raise InputError(
            f"the run in {workdir} has done {done} steps already: train to "
            f"at least as many, not {steps}"
        )
    if init_from and not done:
        fine_tuning.apply(init_from, objective, recipe.allow_code_of)
        print(f"starts from {init_from}")
    return done


def describe(
    recipe, objective, dataset, workdir, place, kept=None, validation=None
):
    """Prints what is about to happen, where and on what: `validation` is the
    Dataset of that, if there is one. In a later stage also what its networks
    keep of the one before, lines of `stages.carry`."""
    if not place.chief:
        print(
            f"worker {place.number} trains in step with worker 0, the chief, "
            "which reports and writes", flush=True,
        )
        return
    print(f"{recipe.name}: {recipe['summary']}")
    precision = recipe["train"]["precision"]
    how = f"{keras.backend.backend()}, {precision}"
    print(f"device      {place.describe()} ({how})")
    for line in place.advice():
        print(f"faster      {line}")
    others = [validation] if validation else []
    for line in account.told(dataset, others, objective.class_names):
        print(line)
    for name, network in objective.networks.items():
        print(f"{name:<22} {network.count_params():>12,} parameters")
    for line in kept or ():
        print(line)
    print(f"writes to   {workdir}")
    if objective.steps_done:
        print(f"goes on from step {objective.steps_done}")
    for line in schedules.too_short(objective, recipe["train"]["steps"]):
        print(f"warning: {line}")
    sys.stdout.flush()


def train(recipe, objective, dataset, place, beside, stream=None):
    """Trains to the last step, or to a signal to stop, with the callbacks
    `beside`; `stream` has more arguments of `recipe.batches`."""
    steps, done = recipe["train"]["steps"], objective.steps_done
    batches = recipe.batches(
        dataset, objective, start=done, **(stream or {})
    )
    with gradients.undisturbed(), callbacks.stop_signals() as stop:
        def wanted():
            # Those beside are the chief's, who stops for all.
            return place.any_worker(stop.is_set() or objective.stop_training)

        objective.fit(
            place.data(batches),
            steps_per_epoch=steps - done,
            shuffle=False,
            verbose=0,
            callbacks=[
                # First of all: what is not finite must not be written.
                callbacks.StopWhenNotFinite(batches),
                *beside,
                callbacks.StopOnFlag(wanted),
            ],
        )


def finish(recipe, objective, dataset, workdir):
    """Writes weights, the SavedModel, the curves and the animation."""
    folder = workdir / "export"
    # They compute in float32, whatever the networks trained in. The run's
    # own averages stay: it may go on, and must not have noticed the end.
    twin = recipe.override({"train.precision": "float32"}).build()
    trained = objective.networks | objective.averages
    for name, network in (twin.networks | twin.averages).items():
        network.set_weights(trained[name].get_weights())
    batches = recipe.batches(dataset, objective)
    twin.settle(batches[i] for i in range(min(len(batches), _SETTLED)))
    # Each item, as flips and crops change it, some two times.
    whole = 2 * math.ceil(len(dataset) / recipe["data"]["batch_size"])
    twin.conclude(batches[i] for i in range(min(len(batches), whole)))
    twin.save_networks(folder)
    plot.curves(workdir / "log.csv", workdir / "losses.png")
    plot.curves(workdir / "monitors.csv", workdir / "monitors.png")
    grids = sorted((workdir / "samples").glob("step-*.png"))
    plot.animation(grids, workdir / "samples.gif")
    print(f"weights     {folder}")
    if keras.backend.backend() == "tensorflow":
        before = saved_model.versions(folder)
        print(f"SavedModel  {twin.export(folder)}")
        # A server that watches the folder goes over to the new one.
        for version in before:
            shutil.rmtree(folder / str(version))
    else:
        print(
            "SavedModel  run the same command with KERAS_BACKEND=tensorflow "
            "to write it"
        )
    for line in reports.afterwards(objective, workdir):
        print(line)
