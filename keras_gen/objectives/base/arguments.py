"""Keras' arguments of `fit`: what an `Objective` cannot do with them is said
before training."""

import inspect
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from keras_gen.accepted import at_least, shown
from keras_gen.errors import InputError

# The least that each may be; None is Keras' default.
_WHOLE = {
    "batch_size": 1, "epochs": 0, "initial_epoch": 0, "steps_per_epoch": 1,
    "validation_steps": 1, "validation_batch_size": 1, "steps": 1,
}
_NEEDED = ("epochs", "initial_epoch")
# What else each may be.
_CHOICES = {
    "verbose": ("auto", 0, 1, 2), "shuffle": (True, False, "batch"),
    "return_dict": (True, False),
}
# What logs' last words say about which way is better.
_BETTER = {"loss": "min", "accuracy": "max", "elbo": "max"}


def check(model: keras.Model, given: dict[str, Any]) -> None:
    """Refuses what would have no effect, or fail after an epoch.

    Args:
        model: an `Objective`.
        given: the arguments of its `fit`, by name.

    Raises:
        InputError: weights of rows or classes, numbers that are none, and
            what `check_callbacks` refuses.
    """
    for name in ("class_weight", "sample_weight"):
        if given.get(name) is not None:
            refuse_weights(model, name)
    validation = given.get("validation_data")
    if _has_weights(validation):
        refuse_weights(model, "sample_weight")
    check_plain(given)
    share = given.get("validation_split", 0.0)
    share = 0.0 if share is None else share
    if not isinstance(share, (int, float)) or not 0 <= share < 1:
        raise InputError(
            "validation_split is a share, at least 0 and below 1; got "
            f"{share!r}"
        )
    validated = bool(share) or validation is not None
    check_callbacks(model, given.get("callbacks"), validated)


def check_plain(given: dict[str, Any]) -> None:
    """Refuses numbers and choices that Keras would fail with, or take for
    others.

    Args:
        given: the arguments of `fit`, `evaluate` or `predict`, by name.

    Raises:
        InputError: such a one.
    """
    for name, least in _WHOLE.items():
        value = given.get(name)
        if value is None and (name not in given or name not in _NEEDED):
            continue
        at_least(least, **{name: value})
    for name, choices in _CHOICES.items():
        value = given.get(name, choices[0])
        plain = isinstance(value, (str, bool, int, np.integer))
        if not plain or value not in choices:
            raise InputError(
                f"{name} must be one of {', '.join(map(repr, choices))}, got "
                f"{shown(value)}"
            )


def by_name(method: str, args: tuple, kwargs: dict) -> dict[str, Any]:
    """The arguments of a call of this method of `keras.Model`, by name."""
    signature = inspect.signature(getattr(keras.Model, method))
    given = dict(signature.bind(None, *args, **kwargs).arguments)
    del given["self"]
    # What Keras passes on to itself.
    return given | given.pop("kwargs", {})


def refuse_weights(model: keras.Model, name: str) -> None:
    """Raises the InputError about weights of rows."""
    raise InputError(
        f"{type(model).__name__} weighs all rows alike and takes no {name}: "
        "what should count more goes into the data more often"
    )


def _has_weights(data):
    """Whether validation data bring weights, as far as this shows without
    reading them."""
    if isinstance(data, (tuple, list)):
        return len(data) > 2 and data[2] is not None
    spec = getattr(data, "element_spec", None)
    return isinstance(spec, tuple) and len(spec) > 2


# -- callbacks -----------------------------------------------------------------


def listed(callbacks: Any) -> list:
    """Callbacks as Keras takes them, as a flat list."""
    return keras.tree.flatten(callbacks) if callbacks else []


def check_callbacks(
    model: keras.Model, callbacks: Any, validated: bool
) -> None:
    """Refuses callbacks that would fail, or do nothing, after an epoch; tells
    those that do not say it which way is better.

    Raises:
        InputError: what is no callback, a log that there is not, no `mode`,
            or a rate set that follows a schedule.
    """
    if isinstance(callbacks, keras.callbacks.CallbackList):
        callbacks = callbacks.callbacks
    for callback in listed(callbacks):
        if not isinstance(callback, keras.callbacks.Callback):
            raise InputError(
                f"callbacks takes instances of keras.callbacks, got "
                f"{callback!r}"
            )
        # A ModelCheckpoint that keeps all looks at no log.
        if getattr(callback, "save_best_only", True):
            _check_monitor(model, callback, validated)
        if isinstance(callback, (
            keras.callbacks.LearningRateScheduler,
            keras.callbacks.ReduceLROnPlateau,
        )):
            _refuse_two_schedules(model, type(callback).__name__)


def _check_monitor(model, callback, validated):
    monitor = getattr(callback, "monitor", None)
    if not isinstance(monitor, str):
        return
    name, what = type(callback).__name__, monitor.removeprefix("val_")
    if what == "loss":
        raise InputError(
            f"{name} watches {monitor!r}, but each player has a loss of its "
            f"own: set monitor to {_losses(model, monitor)}"
        )
    if what != monitor and not validated:
        raise InputError(
            f"{name} watches {monitor!r}, but nothing is validated: give "
            f"validation_data, or set monitor to {what!r}"
        )
    if getattr(callback, "mode", None) != "auto":
        return
    better = _BETTER.get(what.rpartition("_")[2])
    if better is None:
        raise InputError(
            f"{name} cannot know whether a larger {monitor} is better: set "
            "mode to 'min' or 'max'"
        )
    callback.mode = better


def _losses(model, monitor):
    prefix = "val_" if monitor.startswith("val_") else ""
    return " or ".join(f"'{prefix}{p}_loss'" for p in model.players)


def _refuse_two_schedules(model, name):
    together = getattr(model, "optimizer", None)
    scheduled = [
        one.name for one in getattr(together, "optimizers", ()) if one.scheduled
    ]
    if scheduled:
        raise InputError(
            f"{name} sets the learning rate of every player, but that of "
            f"{', '.join(scheduled)} follows a schedule of its own: use one "
            "of the two"
        )


class AnyNaN(keras.callbacks.TerminateOnNaN):
    """Keras' own looks at a log "loss" only, which no player has."""

    def on_batch_end(self, batch: int, logs: dict | None = None) -> None:
        for value in (logs or {}).values():
            if not np.isfinite(value).all():
                super().on_batch_end(batch, {"loss": float(np.mean(value))})
                return


class Bar(keras.callbacks.ProgbarLogger):
    """Keras' progress bar with the means of the epoch so far, where it has
    the last batch."""

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if self.verbose == 1:
            logs = self.model.get_metrics_result()
        super().on_train_batch_end(batch, logs)


def with_ours(callbacks: Iterable, verbose: Any, workers: int) -> Any:
    """The callbacks of a `fit`, those of Keras that know one loss only
    replaced.

    Args:
        callbacks: as `fit` takes them.
        verbose: as `fit` takes it.
        workers: processes that train in step; to ask for means, all must.
    """
    if isinstance(callbacks, keras.callbacks.CallbackList):
        return callbacks
    ours = [
        AnyNaN(c.raise_error) if type(c) is keras.callbacks.TerminateOnNaN
        else c for c in listed(callbacks)
    ]
    shown = any(isinstance(c, keras.callbacks.ProgbarLogger) for c in ours)
    if verbose != 0 and not shown and workers == 1:
        ours.append(Bar())
    return ours
