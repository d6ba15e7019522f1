"""Two distributions and who judges them, small enough for what papers prove
to be checked: points of the plane, or of a line in it, (x, 0)."""

from collections.abc import Sequence

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import ArrayLike
from scipy import stats

from keras_gen import seeds
from keras_gen.lessons import _training
from keras_gen.objectives.base.game import Game
from keras_gen.objectives.gan import GAN

# What is real, and what a generator makes, where a lesson names no others.
P, Q = stats.norm(-1.0, 1.0), stats.norm(1.0, 0.7)


def on_line(x: ArrayLike) -> np.ndarray:
    """Numbers as points of the line, float32 (n, 2)."""
    x = np.ravel(np.asarray(x, "float32"))
    return np.stack([x, np.zeros_like(x)], 1)


def affine(slopes: ArrayLike, offset: ArrayLike) -> keras.Model:
    """A generator of points.

    Args:
        slopes: (latent_dim, 2), a latent's step to the right and up.
        offset: (2,), the point of the latent 0.
    """
    slopes = np.float32(slopes)
    latent = keras.Input((len(slopes),), name="latent")
    network = keras.Model(latent, layers.Dense(2)(latent))
    network.set_weights([slopes, np.float32(offset)])
    return network


def line(scale: float, offset: float) -> keras.Model:
    """A generator of points of the line: scale * z + offset."""
    return affine([[scale, 0.0]], [offset, 0.0])


def judge(width: int = 32, axes: int = 1) -> keras.Model:
    """A small network from a point to one logit. It starts flat: a slope of
    -1 costs no gradient penalty either, and would be kept.

    Args:
        width: of the two hidden layers.
        axes: 1 to look only how far right a point is, 2 for both.
    """
    point = keras.Input((2,), name="points")
    x = point[:, :axes]
    for _ in range(2):
        x = layers.Dense(width, activation="tanh")(x)
    return keras.Model(point, layers.Dense(1, kernel_initializer="zeros")(x))


def against_a_fixed_generator(model: Game, rate: float) -> Game:
    """Compiled so that its train_step moves the judge alone."""
    model.compile({
        model.judge: keras.optimizers.Adam(rate, beta_2=0.99),
        "generator": keras.optimizers.SGD(0.0),
    })
    return model


def quantiles(distribution, n: int = 20_000) -> np.ndarray:
    """Numbers (n,) whose mean of f is the integral of f against the
    density of a distribution of SciPy's."""
    return distribution.ppf((np.arange(n) + 0.5) / n)


def scores(model: Game, points: ArrayLike) -> np.ndarray:
    """The judge's logits or scores of points (n, 2), float64 (n,)."""
    told = getattr(model, model.judge)(np.float32(points))
    return np.asarray(ops.convert_to_numpy(told), "float64")[:, 0]


def judged(model: Game, x: ArrayLike) -> np.ndarray:
    """The same of points of the line, of numbers (n,)."""
    return scores(model, on_line(x))


def with_a_trained_judge(
    adversarial: str, seed: int = 0,
    steps: Sequence[tuple[int, float]] = ((150, 1e-2), (50, 1e-3)), **options,
) -> GAN:
    """A GAN whose generator makes Q, and whose discriminator has learnt to
    tell it from P.

    Args:
        adversarial: the pair of losses.
        seed: of the real points, and of the game.
        steps: how many of 512 points each, and at which rate, in turn.
        options: other arguments of `GAN`.
    """
    rng = seeds.generator(seed)
    model = GAN(
        line(0.7, 1.0), judge(), adversarial=adversarial, makes="points",
        seed=seed, **options,
    )
    against_a_fixed_generator(model, 1e-2)
    for some, rate in steps:
        model.optimizers["discriminator"].learning_rate = rate
        _training.train(
            model, on_line(P.rvs(some * 512, random_state=rng)), 512,
            "of the discriminator",
        )
    return model


def one_of(points: ArrayLike) -> keras.Model:
    """A generator that makes these points (n, 2) alone, each as often."""
    points = np.float32(points)
    latent = keras.Input((1,), name="latent")
    share = (1 + ops.erf(latent[:, 0] / np.sqrt(2))) / 2
    number = ops.clip(
        ops.cast(share * len(points), "int32"), 0, len(points) - 1
    )
    network = keras.Model(latent, layers.Embedding(*points.shape)(number))
    network.set_weights([points])
    return network
