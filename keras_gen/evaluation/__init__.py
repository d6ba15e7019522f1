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
from keras_gen.evaluation import asked, protocols, repeated, spaces
from keras_gen.evaluation.asked import names
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
    "protocols", "spread", "watch",
]


def __getattr__(name):
    # It needs Keras, which takes seconds to import.
    if name == "likelihood":
        from keras_gen.evaluation.vae_likelihood import likelihood

        return likelihood
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@accepted
def evaluate(
    model: "Objective | str", recipe: "Recipe | None" = None, *,
    metrics: Sequence[str] | None = None,
    features: FeatureNetwork | str | None = None, n: int | None = None,
    seed: int = 0, split: str = "test",
    beside: "Mapping[str, Objective] | None" = None,
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
        split: whose items it is measured by: "test", what is published, for
            which reason nothing may be chosen by it; or "validation", which
            a training chooses by.
        beside: other translators by name, measured like this one: a twin
            without some loss, say.
        say: is told in a line what is being done.

    Returns:
        List of `Record`.

    Raises:
        InputError: unknown names, a metric that needs features without a
            feature network, data without such a split, or `beside` for a
            model that does not translate.
    """
    from keras_gen.abilities import Translates

    model, recipe = _loaded(model, recipe)
    if beside and not model.can(Translates):
        raise InputError(
            "only translators are measured beside each other, and "
            f"{recipe.name} is none"
        )
    evaluation = prepare(
        model, recipe, features=features, n=n, seed=seed, split=split,
        beside=beside, say=say,
    )
    metrics = metrics or recipe.values.get("measure", {}).get("metrics")
    wanted = asked.wanted(model, metrics, evaluation.has_features)
    # Data may have to be fetched, and may not be there: before the model
    # makes thousands of pictures for nothing.
    say(f"reading the {split} data")
    evaluation.unseen
    return asked.some(evaluation, wanted, [
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
    wanted = asked.wanted(Comparison, metrics, evaluation.has_features)
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
    return asked.some(
        evaluation, wanted, list(evaluation.records(samples, wanted, only))
    )


@accepted
def spread(
    model: "Objective | str", recipe: "Recipe | None" = None, *,
    times: int = 5, trained: "Sequence[Objective]" = (),
    features: FeatureNetwork | str | None = None, n: int | None = None,
    seed: int = 0, split: str = "test",
    say: Callable[[str], object] = lambda line: None,
) -> list[Record]:
    """How much a model's headline numbers vary: over its samples, or over
    trainings.

    Args:
        model, recipe, features, n, seed, split, say: as of `evaluate`.
        times: how many sets of n samples; no sample is in two of them.
        trained: the same model trained with other seeds. Where there are
            such, its numbers over these trainings are measured, not those
            over its samples.

    Returns:
        List of `Record` with `over`: the mean and the standard deviation.

    Raises:
        InputError: as of `evaluate`, or fewer than two of what is compared.
    """
    model, recipe = _loaded(model, recipe)
    evaluations = [
        prepare(
            each, recipe, features=features, n=n, seed=seed, split=split,
            say=say,
        ) for each in (model, *trained)
    ]
    if trained:
        return repeated.over_trainings(evaluations)
    return repeated.over_samples(evaluations[0], times)


@accepted
def watch(
    model: "Objective", recipe: "Recipe", metric: str, n: int
) -> Callable[[], float]:
    """A function that measures one metric of a model in training, on the
    validation split.

    Args:
        model, recipe: of the run; [measure] has the feature network.
        metric: a name out of `names(model)`.
        n: samples, and the most of any real pictures.

    Returns:
        Function without arguments that gives a float.

    Raises:
        InputError: no such metric, it needs a feature network and none is
            named, or the data have no validation split.
    """
    if metric in model.protocols:
        raise InputError(
            f"{metric} is several metrics: choose one of "
            f"{', '.join(asked.of_protocols(model, [metric]))}"
        )
    evaluation = prepare(model, recipe, n=n, split="validation")
    wanted = asked.wanted(model, [metric], evaluation.has_features)
    protocol, = (
        p for p in protocols.of(model)
        if any(metric in m.names for m in p.METRICS)
    )

    def measure():
        found = asked.some(evaluation, wanted, list(
            evaluation.records(protocol, wanted, only=("model",))
        ))
        return float(np.mean([record.value for record in found]))

    return measure


@accepted
def prepare(
    model: "Objective", recipe: "Recipe", *,
    features: FeatureNetwork | str | None = None, n: int | None = None,
    seed: int = 0, split: str = "test",
    beside: "Mapping[str, Objective] | None" = None,
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
        model, recipe, network=_network(features), seed=seed, split=split,
        beside=beside, say=say, **table
    )


def _loaded(model, recipe):
    """(objective, recipe) of what `evaluate` is given."""
    from keras_gen import zoo

    if isinstance(model, str):
        return zoo.load(model), recipe or zoo.recipe(model)
    if recipe is None:
        raise InputError(
            "an objective is measured on its recipe's data: give recipe, for "
            "instance keras_gen.zoo.recipe('dcgan_shapes')"
        )
    return model, recipe


def _network(features):
    """A feature network by name; the name itself of a space that is fitted
    to the training items."""
    named = isinstance(features, str) and features not in spaces.SPACES
    return network(features) if named else features
