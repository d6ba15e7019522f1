"""Experiment trackers beside TensorBoard's files: trackio, mlflow, wandb.

A run needs none of them. Each is an adapter of four calls: `start`,
`numbers`, `picture` and `end`. What they are told is what TensorBoard's event
files have.
"""

import contextlib
import importlib
import json

from keras_gen import atomic, terminal
from keras_gen.errors import InputError

_PROJECT = "keras_gen"
# In a work directory: which run of a tracker it is, {tracker: its number}.
_FILE = "tracker.json"


class _Trackio:
    """https://huggingface.co/docs/trackio"""

    def __init__(self, module):
        self.module = module

    def start(self, name, config, known):
        """Begins a run, or goes on with the `known` one; what it is known
        by from then on.

        Args:
            name: of the work directory.
            config: the recipe, {dotted key: value}.
            known: what an earlier `start` returned, or None.
        """
        self.module.init(
            project=_PROJECT, name=known or name, config=config,
            resume="allow" if known else "never",
        )
        return known or name

    def numbers(self, values, step):
        """{name: float} of a step."""
        self.module.log(values, step=step)

    def picture(self, name, image, step):
        """A `PIL.Image.Image`."""
        self.module.log({name: self.module.Image(image)}, step=step)

    def end(self, complete):
        """Ends the run, whether it is `complete` or was stopped."""
        self.module.finish()


class _Wandb(_Trackio):
    """https://docs.wandb.ai"""

    def start(self, name, config, known):
        run = self.module.init(
            project=_PROJECT, name=name, config=config, id=known,
            resume="allow",
        )
        return run.id

    def end(self, complete):
        self.module.finish(exit_code=0 if complete else 1)


class _Mlflow(_Trackio):
    """https://mlflow.org"""

    def start(self, name, config, known):
        self.module.set_experiment(_PROJECT)
        run = self.module.start_run(run_id=known, run_name=name)
        if not known:  # what is there already must not change
            self.module.log_params(config)
        return run.info.run_id

    def numbers(self, values, step):
        self.module.log_metrics(values, step=step)

    def picture(self, name, image, step):
        self.module.log_image(image, key=name, step=step)

    def end(self, complete):
        self.module.end_run("FINISHED" if complete else "KILLED")


_ADAPTERS = {"mlflow": _Mlflow, "trackio": _Trackio, "wandb": _Wandb}
NAMES = tuple(_ADAPTERS)


def require(name):
    """The tracker's package.

    Raises:
        InputError: it is not installed, or there is no such tracker.
    """
    if name not in _ADAPTERS:
        raise InputError(
            f"there is no tracker {name!r}: choose one of {', '.join(NAMES)}"
        )
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise InputError(
            f"--tracker={name} needs a package that cannot be imported "
            f"({error}): pip install {name}"
        ) from error


@contextlib.contextmanager
def tracking(name, recipe, workdir):
    """The `Tracking` of a run, or of a stage of it.

    What goes on is the same run in the tracker, too: `tracker.json` in the
    work directory remembers which.

    Args:
        name: one of `NAMES`; None for no tracker.
        recipe: of the run.
        workdir: the run's folder.

    Raises:
        InputError: the tracker is not installed, or cannot begin.
    """
    if name is None:
        yield Tracking(None, None)
        return
    adapter = _ADAPTERS[name](require(name))
    file = workdir / _FILE
    known = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    try:
        found = adapter.start(
            workdir.name, flat(recipe.values), known.get(name)
        )
    except Exception as error:  # each tracker has its own
        raise InputError(
            f"{name} cannot begin ({_line(error)}): see its documentation, "
            "or train without --tracker"
        ) from error
    with atomic.replacing(file) as aside:
        aside.write_text(json.dumps(known | {name: found}), "utf-8")
    tracked = Tracking(adapter, name)
    try:
        yield tracked
    finally:
        tracked.call("end", tracked.complete)


class Tracking:
    """What a run tells its tracker. An error there is told once, and the run
    goes on without.

    Attributes:
        complete: whether the run has come to its last step.
    """

    def __init__(self, adapter, name):
        self._adapter, self._name = adapter, name
        self.complete = False

    def call(self, what, *arguments):
        """One of the four calls, if anybody listens."""
        if self._adapter is None:
            return
        try:
            getattr(self._adapter, what)(*arguments)
        except Exception as error:
            self._adapter = None
            terminal.say(
                f"warning: {self._name} takes nothing more ({_line(error)}): "
                "the run goes on without it, and its files have all"
            )

    def beside(self, events):
        """An `EventFile` that tells the tracker what it writes."""
        return events if self._adapter is None else _Both(events, self)


class _Both:
    """Writes to an `EventFile` and tells a `Tracking`, all numbers of a step
    at once."""

    def __init__(self, events, tracked):
        self._events, self._tracked = events, tracked
        self._values, self._step = {}, None

    def scalar(self, name, value, step):
        self._events.scalar(name, value, step)
        if step != self._step:
            self._tell()
        self._values[name], self._step = float(value), step

    def image(self, name, image, step):
        self._events.image(name, image, step)
        self._tell()
        self._tracked.call("picture", name, image, step)

    def text(self, name, text, step):
        self._events.text(name, text, step)

    def close(self):
        self._events.close()
        self._tell()

    def _tell(self):
        if self._values:
            self._tracked.call("numbers", self._values, self._step)
        self._values = {}


def flat(table, prefix=""):
    """Nested tables as {dotted key: number or text}."""
    found = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict):
            found |= flat(value, f"{name}.")
        elif isinstance(value, (bool, int, float, str)):
            found[name] = value
        else:
            found[name] = json.dumps(value, default=str)
    # mlflow takes no longer ones.
    return {
        key: value[:500] if isinstance(value, str) else value
        for key, value in found.items()
    }


def _line(error):
    text = " ".join(str(error).split()) or type(error).__name__
    return text[:300]
