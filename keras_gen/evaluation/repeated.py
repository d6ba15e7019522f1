"""How much a model's numbers vary: over samples, and over trainings."""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from keras_gen import seeds
from keras_gen.errors import InputError
from keras_gen.evaluation import asked, protocols
from keras_gen.evaluation.evaluation import Evaluation
from keras_gen.evaluation.record import Record

SAMPLES, TRAININGS = "sample seeds", "training seeds"


def over_samples(evaluation: Evaluation, times: int) -> list[Record]:
    """The headline over sets of samples: the first has the seeds from
    `evaluation.seed` on, each other the n that follow. Of a model that draws
    nothing there are two.

    Args:
        evaluation: of the model.
        times: how many sets, at least 2.
    """
    _refuse_few(times, "sets of samples")
    sets: list[list[Record]] = []
    for number in range(times):
        evaluation.say(f"samples {number + 1} of {times}")
        evaluation.sample_seed = seeds.signed(
            evaluation.seed + number * evaluation.n
        )
        sets.append(list(_headline(evaluation)))
        if number == 1 and _values(sets[0]) == _values(sets[1]):
            break
    return _together(sets, SAMPLES)


def over_trainings(evaluations: Sequence[Evaluation]) -> list[Record]:
    """The headline over trainings of one model with several seeds.

    Args:
        evaluations: of each, at least 2.
    """
    _refuse_few(len(evaluations), "trainings")
    return _together(
        [list(_headline(evaluation)) for evaluation in evaluations], TRAININGS
    )


def _refuse_few(times, what):
    if times < 2:
        raise InputError(
            f"a spread needs at least 2 {what}, got {times}"
        )


def _headline(evaluation: Evaluation) -> Iterator[Record]:
    """The model's records of metrics in the table of results, without
    those whose own spread has that of the draws in it."""
    model = evaluation.objective
    table = evaluation.recipe.values.get("measure", {})
    able = asked.wanted(
        model, table.get("metrics"), evaluation.has_features
    )
    for protocol in protocols.of(model):
        wanted = [
            name for metric in protocol.METRICS if metric.repeated
            for name in metric.names
            if name in able and name in protocol.HEADLINE
        ]
        yield from evaluation.records(protocol, wanted, only=("model",))


def _values(records):
    return [record.value for record in records]


def _together(sets, over):
    """Records of mean and standard deviation over sets of equal records."""
    if not sets[0]:
        raise InputError(
            "nothing of this model varies with its samples: what is drawn is "
            "in the spread that keras-gen evaluate tells"
        )
    return [
        dataclasses.replace(
            alike[0], value=float(np.mean(_values(alike))),
            spread=float(np.std(_values(alike), ddof=1)), over=over,
            times=len(alike),
        ) for alike in zip(*sets, strict=True)
    ]
