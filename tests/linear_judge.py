"""A game of pictures whose judge is linear, so that its slope is known."""

import keras
import numpy as np

from keras_gen.objectives.gan import GAN
from objectives import tiny

SHAPE = (4, 4, 2)
rng = np.random.default_rng(0)
KERNEL = rng.normal(size=(32, 1)).astype("float32")
REAL, FAKE = (
    np.tanh(rng.normal(size=(8, *SHAPE))).astype("float32") for _ in "rf"
)


def norm():
    return np.linalg.norm(KERNEL)


def linear():
    """f(x) = 0.7 + w x."""
    network = keras.Sequential([
        keras.Input(SHAPE, name="image"), keras.layers.Flatten(),
        keras.layers.Dense(1),
    ])
    network.set_weights([KERNEL, np.float32([0.7])])
    return network


def generator(reads=True):
    """From 3 numbers to pictures; one that does not read them makes the same
    of all."""
    latent = keras.Input((3,), name="latent")
    x = keras.layers.Dense(32)(latent if reads else 0.0 * latent)
    return keras.Model(latent, keras.layers.Reshape(SHAPE)(x))


def gan(judge=None, **options):
    model = GAN(generator(), judge or linear(), seed=3, **options)
    model.compile({p: tiny.adam() for p in model.players}, run_eagerly=True)
    return model
