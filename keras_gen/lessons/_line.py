"""Two distributions and who judges them, small enough for what papers prove
to be checked: points of the plane, or of a line in it, (x, 0)."""

import keras
import numpy as np
from keras import layers
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


def judged(model: Game, x: ArrayLike) -> np.ndarray:
    """The judge's logits or scores of points of the line, (n,)."""
    network = getattr(model, model.judge)
    return np.asarray(
        keras.ops.convert_to_numpy(network(on_line(x))), "float64"
    )[:, 0]


def with_a_trained_judge(
    adversarial: str, seed: int = 0, **options
) -> GAN:
    """A GAN whose generator makes Q, and whose discriminator has learnt to
    tell it from P.

    Args:
        adversarial: the pair of losses.
        seed: of the real points, and of the game.
        options: other arguments of `GAN`.
    """
    rng = seeds.generator(seed)
    model = GAN(
        line(0.7, 1.0), judge(), adversarial=adversarial, makes="points",
        seed=seed, **options,
    )
    against_a_fixed_generator(model, 1e-2)
    for steps, rate in (150, 1e-2), (50, 1e-3):
        model.optimizers["discriminator"].learning_rate = rate
        _training.train(
            model, on_line(P.rvs(steps * 512, random_state=rng)), 512,
            "of the discriminator",
        )
    return model
