"""Games of perceptrons on grey shapes, 16 pixels, and how good what they make
is."""

from collections.abc import Callable

import numpy as np

from keras_gen import data
from keras_gen.evaluation import features
from keras_gen.lessons import _training
from keras_gen.metrics.frechet import frechet_distance
from keras_gen.metrics.statistics import Statistics
from keras_gen.networks import mlp
from keras_gen.objectives.base.game import Game
from keras_gen.optimizers import Adam

BATCH, LATENT = 64, 32
SIZES = {"size": 16, "channels": 1, "width": 128}
_RATE, _AT_ONCE = 5e-4, 20


def shapes() -> data.Dataset:
    """What is real."""
    return data.load("shapes", "images", "train", 16, 1)


def game(kind: type[Game], seed: int, **options) -> Game:
    """A compiled game of two perceptrons; what they begin with follows from
    the process' random numbers.

    Args:
        kind: of `keras_gen.objectives`.
        seed: of its noise.
        options: other arguments of the kind.
    """
    return compiled(kind(
        mlp.generator(**SIZES, latent_dim=LATENT),
        mlp.discriminator(**SIZES, dropout=0.0), seed=seed, **options,
    ))


def compiled(model: Game) -> Game:
    """With the same optimizers for all, which were chosen for the plain
    game."""
    model.compile(
        {player: Adam(_RATE, beta_1=0.5) for player in model.players},
        steps_per_execution=_AT_ONCE,
    )
    return model


def play(
    model: Game, found: data.Dataset, steps: int, rng: np.random.Generator,
    what: str, batch: int = BATCH,
) -> None:
    """Trains so many steps on pictures drawn by chance; for `what` see
    `_training.train`.

    Args:
        batch: pictures of each of the judge's updates.
    """
    batch = batch * model.updates_per_step
    rows = rng.integers(len(found), size=steps * batch)
    _training.train(model, found.take(rows), batch, what)


def distance_from(
    found: data.Dataset, count: int
) -> Callable[[np.ndarray], float]:
    """A function of `count` uint8 pictures: their Fréchet distance from as
    many real ones, in the features of classifier_shapes."""
    network = features.network("classifier_shapes")
    real = Statistics(network(found.take(np.arange(count))["image"]).features)
    return lambda made: frechet_distance(real, network(made).features)
