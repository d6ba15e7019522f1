"""Protocol of truncated latents: what `truncation` trades.

It should give more typical and less varied items (the truncation trick,
https://arxiv.org/abs/1809.11096): precision rises and recall falls. A model
that has met whole latents only may break instead. `keras_gen.zoo.truncation`
reads from these numbers which truncations a published model takes.
"""

import contextlib

import numpy as np

from keras_gen.evaluation.evaluation import Metric, Subject
from keras_gen.metrics import balls
from keras_gen.metrics.frechet import frechet_distance
from keras_gen.zoo import truncation

BOUNDS = (2.0, 1.5, 1.0, 0.7, 0.5)
# Items of either side: a share of them is known to a percent.
_MOST = 2000
# The card has them, the table of results has not.
HEADLINE = ()
BASELINES = tuple(map(truncation.subject, BOUNDS))


def subjects(evaluation):
    """The model's items of the same seeds, of whole latents and of latents
    below each bound."""
    names = {"model": None} | dict(zip(BASELINES, BOUNDS))

    def of(name, bound):
        return lambda: [Subject(
            name, _made(evaluation, bound), evaluation.network
        )]

    return {name: of(name, bound) for name, bound in names.items()}


def _made(e, bound):
    condition = {} if bound is None else {"truncation": bound}
    n = min(e.n, _MOST, len(e.real))
    with _whatever_it_takes(e.objective):
        return e.watched(
            e.objective.generate(n, seed=e.sample_seed, **condition)
        )


@contextlib.contextmanager
def _whatever_it_takes(objective):
    """Inside the block the model takes every truncation: what an earlier
    measurement says is measured again."""
    limit, objective.truncation_limit = objective.truncation_limit, None
    try:
        yield
    finally:
        objective.truncation_limit = limit


def _traded(e, subject):
    n = len(subject)
    both = e.real.features[:n], subject.features
    shares = zip(
        (truncation.PRECISION, truncation.RECALL),
        balls.precision_recall(*both),
    )
    return {
        truncation.DENSITY: balls.density_coverage(*both).density,
        truncation.DISTANCE: frechet_distance(
            subject.features, e.real_statistics
        ),
    } | {
        name: (share, np.sqrt(share * (1 - share) / n))
        for name, share in shares
    }


METRICS = (
    Metric(
        truncation.METRICS, _traded, features=True,
        protocol="the same seeds, no number of a latent beyond the "
        "truncation; k = 3 and 5, as many of both, at most "
        f"{_MOST:,}; the distance from all",
    ),
)
