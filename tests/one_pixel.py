"""The line as pictures of one pixel, on which what the papers prove can be
checked: real ones of N(-1, 1), made ones of N(1, 0.7)."""

import keras
import numpy as np
from keras import layers
from scipy import stats

from check import array, tensor
from keras_gen.objectives.gan import GAN

P, Q = stats.norm(-1.0, 1.0), stats.norm(1.0, 0.7)
PIXEL = (1, 1, 1)


def pixels(x):
    """Numbers as pictures of one pixel."""
    return np.float32(x).reshape(-1, *PIXEL)


def line(scale, offset):
    """A generator of one pixel: scale * z + offset."""
    latent = keras.Input((1,), name="latent")
    pixel = layers.Reshape(PIXEL)(layers.Dense(1)(latent))
    generator = keras.Model(latent, pixel)
    generator.set_weights([np.float32([[scale]]), np.float32([offset])])
    return generator


def judge(width=32):
    """A small network from one pixel to one logit. It starts flat: a slope
    of -1 costs no gradient penalty either, and would be kept."""
    return keras.Sequential([
        keras.Input(PIXEL), layers.Flatten(),
        layers.Dense(width, activation="tanh"),
        layers.Dense(width, activation="tanh"),
        layers.Dense(1, kernel_initializer="zeros"),
    ])


def against_a_fixed_generator(model, rate):
    """Compiled so that its train_step moves the first player alone."""
    player, _ = model.players
    model.compile({
        player: keras.optimizers.Adam(rate, beta_2=0.99),
        "generator": keras.optimizers.SGD(0.0),
    })
    return model


def train(model, real, batch):
    model.fit(pixels(real), batch_size=batch, verbose=0)


def quantiles(distribution, n=20_000):
    """Points whose mean of f is the integral of f against the density."""
    return distribution.ppf((np.arange(n) + 0.5) / n)


def with_a_trained_judge(adversarial, **options):
    """A GAN whose generator makes Q, and whose discriminator has learnt to
    tell it from P."""
    rng = np.random.default_rng(0)
    model = GAN(line(0.7, 1.0), judge(), adversarial=adversarial, **options)
    against_a_fixed_generator(model, 1e-2)
    train(model, P.rvs(150 * 512, random_state=rng), 512)
    model.optimizers["discriminator"].learning_rate = 1e-3
    train(model, P.rvs(50 * 512, random_state=rng), 512)
    return model


def judged(model, x):
    """The discriminator's logits of numbers."""
    return array(model.discriminator(tensor(pixels(x))))[:, 0]
