"""Fine-tuning: a run whose networks start from trained weights.

The source is what `zoo.load` takes: a published model or a work directory.
Only the networks' weights are taken; the optimizers, the step and all noise
begin anew.
"""

from itertools import zip_longest
from pathlib import Path

from keras_gen import atomic, zoo
from keras_gen.errors import InputError
from keras_gen.zoo import weights
from keras_gen.zoo.recipes import Recipe


def resolve(name, recipe, workdir):
    """What a run starts from, as its `recipe.toml` records it.

    Args:
        name: a published model's or family's name, a work directory, "" for
            fresh weights; None for what is recorded, in `workdir` or else
            in `recipe`.
        recipe: the `Recipe` to train.
        workdir: the run's own folder, new or not.

    Returns:
        A name of the zoo, the absolute path of a work directory, or "".

    Raises:
        InputError: the run in `workdir` started from something else.
    """
    file = workdir / "recipe.toml"
    begun = file.exists()
    run = Recipe.read(file, recipe.allow_code_of) if begun else recipe
    recorded = run.values.get("run", {}).get("init_from", "")
    if name is None:
        return recorded
    given = absolute(name)
    if begun and given != recorded and not _moved(recorded, given):
        raise InputError(
            f"the run in {workdir} started from "
            f"{recorded or 'fresh weights'}, not {given or 'fresh weights'}: "
            "leave --init_from out to go on with it, or choose another "
            "--workdir"
        )
    return given


def _moved(recorded, given):
    """Whether what a run started from is gone from where it was, and the
    other path may be where it is now: a run has its own weights since."""
    there, here = Path(recorded), Path(given)
    return there.is_absolute() and not there.exists() and (
        there.name == here.name
    )


def absolute(name):
    """A model's full name where `name` is one or a family's, else the
    absolute path of a work directory; "" stays."""
    if not name:
        return ""
    return weights.full_name(str(name)) or str(atomic.local(name).resolve())


def apply(name, objective, allow_code_of=()):
    """Gives the networks of `objective` the weights of `name`, as `resolve`
    returned it. For `allow_code_of` see `Recipe.read`.

    Raises:
        InputError: no such source, or networks of it do not fit; nothing
            has changed then.
    """
    try:
        source = zoo.load(name, allow_code_of=allow_code_of)
    except InputError as error:
        raise InputError(f"cannot start from {name}: {error}") from error
    networks = source.networks | source.averages
    pairs = []
    for key, own in (objective.networks | objective.averages).items():
        if key in objective.fitted and key not in networks:
            # It is fitted at the end, whatever it was before.
            continue
        key = next(filter(networks.__contains__, _alike(key)), key)
        if key not in networks:
            raise InputError(
                f"{name} has no network {key!r} to start from: it has "
                f"{', '.join(networks)}"
            )
        _refuse_shapes(f"{key} of {name}", networks[key].weights, own.weights)
        pairs.append((own, networks[key]))
    for own, network in pairs:
        own.set_weights(network.get_weights())


def _alike(key):
    """The names, best first, of the networks that one may begin with."""
    # An average, with the network that it will follow; what judges, with
    # what judged in another objective.
    judges = {"critic": "discriminator", "discriminator": "critic"}
    return key, key.removesuffix("_ema"), judges.get(key)


def _refuse_shapes(what, theirs, own):
    for a, b in zip_longest(theirs, own):
        there, here = _shape(a), _shape(b)
        if there != here:
            path = (b if a is None else a).path
            raise InputError(
                f"the {what} does not fit: its {path} is {there} there and "
                f"{here} here; train with the same networks"
            )


def _shape(variable):
    if variable is None:
        return "missing"
    return " x ".join(map(str, variable.shape)) or "a single number"
