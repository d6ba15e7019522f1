"""What lessons train by: seeds, a line that tells how far they are, and
models that begin anew."""

import contextlib
import contextvars
import functools
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import seeds

_tell: contextvars.ContextVar[Callable] = contextvars.ContextVar(
    "tell", default=lambda done, total, what: None
)


@contextlib.contextmanager
def telling(tell: Callable[[int, int, str], None]) -> Iterator[None]:
    """Inside the block `tell(done, total, what)` hears how far a lesson
    is."""
    token = _tell.set(tell)
    try:
        yield
    finally:
        _tell.reset(token)


def count(done: int, total: int, what: str) -> None:
    """Tells how far a lesson is."""
    _tell.get()(done, total, what)


def seeded(run: Callable) -> Callable:
    """Decorator of a lesson's `run(seed, ...)`: the layers' weights follow
    from the seed, and the process' random numbers are left as they were."""

    @functools.wraps(run)
    def inner(seed: int = 0, **settings):
        with seeds.undisturbed(seed):
            return run(seed, **settings)

    return inner


class _Told(keras.callbacks.Callback):
    """Tells the steps, and the seconds that are left of this `fit`."""

    def __init__(self, what):
        super().__init__()
        self.what, self.first = what, None

    def on_train_batch_end(self, batch, logs=None):
        total, now = self.params["steps"], time.monotonic()
        if self.first is None:
            # The first step compiles: the clock starts after it.
            self.first = now
        each = (now - self.first) / max(batch, 1)
        left = f"{each * (total - batch - 1):.0f} s left" if batch else ""
        count(batch + 1, total, f"steps {self.what}  {left}".rstrip())


def train(
    model: keras.Model, items: Any, batch: int, what: str = "",
    callbacks: Sequence[keras.callbacks.Callback] = (),
) -> None:
    """Trains on items in their order, once.

    Args:
        model: a compiled objective.
        items: what `fit` takes; of the first axis each batch takes its share.
        batch: items of a step, those of all the judge's updates.
        what: is trained, told beside the steps.
        callbacks: Keras' own.
    """
    model.fit(
        items, batch_size=batch, shuffle=False, verbose=0,
        callbacks=[_Told(what), *callbacks],
    )


def train_on(
    model: keras.Model, batches: Iterator, steps: int, what: str = ""
) -> None:
    """Trains so many steps on batches that are made as they are wanted."""
    model.fit(
        batches, steps_per_epoch=steps, shuffle=False, verbose=0,
        callbacks=[_Told(what)],
    )


def measured(model: keras.Model, items: Any) -> dict[str, float]:
    """The logs of one step of all items that moves nothing."""
    logs = model.evaluate(
        items, batch_size=len(items), return_dict=True, verbose=0
    )
    return {name: float(value) for name, value in logs.items()}


def restart(model: keras.Model) -> Callable[[], None]:
    """A function that gives all of a compiled model's variables, its
    optimizers' too, the values that they have now."""
    variables = [*model.variables, *(
        v for o in model.optimizers.values() for v in o.variables
    )]
    kept = [(v, np.array(ops.convert_to_numpy(v.value))) for v in variables]

    def again():
        for variable, value in kept:
            variable.assign(value)

    return again
