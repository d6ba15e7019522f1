"""Models measured against real pictures, floor and ceiling.

    records = keras_gen.evaluation.evaluate("dcgan_shapes")

What is measured depends on what a model does: each `Objective` names its
`protocols`, modules of `keras_gen.evaluation.protocols`. `keras-gen evaluate`
prints the records. Here are, too, the feature networks and what else looks
into a model: `keras_gen.metrics` takes arrays only.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.evaluation import protocols, spaces
from keras_gen.evaluation.comparison import Comparison
from keras_gen.evaluation.evaluation import Evaluation
from keras_gen.evaluation.feature_network import FeatureNetwork
from keras_gen.evaluation.features import KerasNetwork, network
from keras_gen.evaluation.latent_paths import path_length
from keras_gen.evaluation.record import Record

if TYPE_CHECKING:
    from keras_gen.objectives.base.objective import Objective
    from keras_gen.zoo.recipes import Recipe

__all__ = [
    "Comparison", "Evaluation", "KerasNetwork", "Record", "compare",
    "evaluate", "likelihood", "names", "network", "path_length", "prepare",
    "protocols", "watch",
]


def __getattr__(name):
    # It needs Keras, which takes seconds to import.
    if name == "likelihood":
        from keras_gen.evaluation.vae_likelihood import likelihood

        return likelihood
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@accepted
def names(
    objective: "Objective | type[Objective]", default: bool = False
) -> list[str]:
    """The metrics of an objective, or its class.

    Args:
        default: only those that are measured without being asked for.
    """
    return list(dict.fromkeys(
        name for protocol in protocols.of(objective)
        for metric in protocol.METRICS if metric.default or not default
        for name in metric.names
    ))


@accepted
def evaluate(
    model: "Objective | str", recipe: "Recipe | None" = None, *,
    metrics: Sequence[str] | None = None,
    features: FeatureNetwork | str | None = None, n: int | None = None,
    seed: int = 0, beside: "Mapping[str, Objective] | None" = None,
    say: Callable[[str], object] = lambda line: None,
) -> list[Record]:
    """Measures a model, floor and ceiling.

    Args:
        model: a published model's name, or an `Objective` with its weights.
        recipe: the model's `Recipe`; by default that of the name. Its data
            are what the model is measured on, and its table [measure] has
            the other arguments' defaults.
        metrics: names out of `names(objective)`, or of `objective.protocols`
            for all of one: "truncation".
        features: a feature network, or a name for `network`; or "pca", the
            principal components of the training items' pixels, in which
            videos and voxels are measured by default; or "coordinates",
            points in their own plane.
        n: samples.
        seed: of the samples and of every random choice.
        beside: other translators by name, measured like this one: a twin
            without some loss, say.
        say: is told in a line what is being done.

    Returns:
        List of `Record`.

    Raises:
        InputError: unknown names, a metric that needs features without a
            feature network, or `beside` for a model that does not translate.
    """
    from keras_gen import zoo
    from keras_gen.abilities import Translates

    if isinstance(model, str):
        recipe = recipe or zoo.recipe(model)
        model = zoo.load(model)
    if recipe is None:
        raise InputError(
            "an objective is measured on its recipe's data: give recipe, for "
            "instance keras_gen.zoo.recipe('dcgan_shapes')"
        )
    if beside and not model.can(Translates):
        raise InputError(
            "only translators are measured beside each other, and "
            f"{recipe.name} is none"
        )
    evaluation = prepare(
        model, recipe, features=features, n=n, seed=seed, beside=beside,
        say=say,
    )
    metrics = metrics or recipe.values.get("measure", {}).get("metrics")
    wanted = _wanted(model, metrics, evaluation.has_features)
    # Data may have to be fetched, and may not be there: before the model
    # makes thousands of pictures for nothing.
    say("reading the test data")
    evaluation.test
    return _some(evaluation, wanted, [
        record for protocol in protocols.of(model)
        for record in evaluation.records(protocol, wanted)
    ])


@accepted
def compare(
    made: np.ndarray | str | Path, real: np.ndarray | str | Path, *,
    features: FeatureNetwork | str | None,
    training: np.ndarray | str | Path | None = None,
    metrics: Sequence[str] | None = None, size: int | None = None,
    channels: int | None = None, n: int = 10_000, seed: int = 0,
    say: Callable[[str], object] = lambda line: None,
) -> list[Record]:
    """Measures pictures against real ones, whoever made them.

    Args:
        made, real: uint8 pictures (n, height, width, channels), or a folder,
            .zip or .npz, all of whose pictures count.
        features: a feature network or its name; None for metrics of pixels.
        training: what the maker was trained on, alike: for floor, ceiling
            and copies.
        metrics: names out of `names(Comparison)`.
        size, channels: to read files at.
        n: the most of any pictures.
        seed: of every random choice.
        say: is told in a line what is being done.

    Returns:
        List of `Record`.

    Raises:
        InputError: unknown names, no pictures, or a metric that needs what
            was not given.
    """
    from keras_gen.evaluation.protocols import samples

    evaluation = Comparison(
        made, real, training, size=size, channels=channels,
        network=_network(features), n=n, seed=seed, say=say,
    )
    wanted = _wanted(Comparison, metrics, evaluation.has_features)
    if training is None:
        if "near_copies" in (metrics or ()):
            raise InputError(
                "near_copies needs the training pictures: give training"
            )
        wanted = [name for name in wanted if name != "near_copies"]
    of_models = {"path_length", "parzen_log_likelihood"} & set(wanted)
    if of_models:
        raise InputError(
            f"{', '.join(of_models)} is measured of a model, not of pictures"
        )
    only = ("model",) if training is None else None
    return _some(
        evaluation, wanted, list(evaluation.records(samples, wanted, only))
    )


@accepted
def watch(
    model: "Objective", recipe: "Recipe", metric: str, n: int
) -> Callable[[], float]:
    """A function that measures one metric of a model in training.

    Args:
        model, recipe: of the run; [measure] has the feature network.
        metric: a name out of `names(model)`.
        n: samples, and the most of any real pictures.

    Returns:
        Function without arguments that gives a float.

    Raises:
        InputError: no such metric, or it needs a feature network and none is
            named.
    """
    if metric in model.protocols:
        raise InputError(
            f"{metric} is several metrics: choose one of "
            f"{', '.join(_of_protocols(model, [metric]))}"
        )
    evaluation = prepare(model, recipe, n=n)
    wanted = _wanted(model, [metric], evaluation.has_features)
    protocol, = (
        p for p in protocols.of(model)
        if any(metric in m.names for m in p.METRICS)
    )

    def measure():
        found = _some(evaluation, wanted, list(
            evaluation.records(protocol, wanted, only=("model",))
        ))
        return float(np.mean([record.value for record in found]))

    return measure


@accepted
def prepare(
    model: "Objective", recipe: "Recipe", *,
    features: FeatureNetwork | str | None = None, n: int | None = None,
    seed: int = 0, beside: "Mapping[str, Objective] | None" = None,
    say: Callable[[str], object] = lambda line: None,
) -> Evaluation:
    """The `Evaluation` of the arguments of `evaluate`."""
    table = dict(recipe.values.get("measure", {}))
    table.pop("metrics", None)
    features = features or table.pop("features", None)
    table.pop("features", None)
    if features is None and model.made:
        features = spaces.default(model.made)
    if n:
        table["n"] = n
    return Evaluation(
        model, recipe, network=_network(features), seed=seed, beside=beside,
        say=say, **table
    )


def _network(features):
    """A feature network by name; the name itself of a space that is fitted
    to the training items."""
    named = isinstance(features, str) and features not in spaces.SPACES
    return network(features) if named else features


def _some(evaluation, wanted, records):
    """The records; InputError without any."""
    if not records and evaluation.left_out:
        raise InputError(
            "nothing could be measured: "
            + "; ".join(dict.fromkeys(evaluation.left_out.values()))
        )
    if not records:
        raise InputError(
            f"{', '.join(wanted) or 'no metric'} cannot be told of this model "
            "and these data: leave metrics out to see what can"
        )
    return records


def _of_protocols(model, metrics):
    """Names of metrics, with all those of a protocol in its name's place."""
    found = []
    for name in metrics:
        if name in model.protocols:
            protocol = protocols.named(name)
            found += [n for metric in protocol.METRICS for n in metric.names]
        else:
            found.append(name)
    return list(dict.fromkeys(found))


def _wanted(model, metrics, features):
    """The metrics to measure, checked.

    Args:
        model: an objective, or its class.
        metrics: names, or None for all that are measured by default.
        features: whether there is a feature network.
    """
    known = names(model)
    metrics = _of_protocols(model, metrics or ())
    unknown = [name for name in metrics if name not in known]
    if unknown:
        raise InputError(
            f"there is no metric {', '.join(unknown)} for this model: "
            f"choose from {', '.join(known)}"
        )
    able = {
        name for protocol in protocols.of(model)
        for metric in protocol.METRICS if features or not metric.features
        for name in metric.names
    }
    needing = sorted(set(metrics) - able)
    if needing:
        raise InputError(
            f"{', '.join(needing)} need a feature network: give one, for "
            "instance features='classifier_shapes'"
        )
    return [m for m in metrics or names(model, default=True) if m in able]
