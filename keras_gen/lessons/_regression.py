"""A picture from noise by regression: what a generator learns that no judge
teaches."""

import keras
import numpy as np

from keras_gen import losses, seeds
from keras_gen.lessons import _training
from keras_gen.networks import mlp

LATENT, _BATCH = 32, 128


def inputs(
    told: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Noise beside what the network is told (n, k), k >= 0."""
    noise = rng.normal(size=(len(told), LATENT))
    return np.concatenate([noise, told], 1).astype("float32")


def regressed(
    pictures: np.ndarray, told: np.ndarray, steps: int, seed: int
) -> keras.Model:
    """A generator that is trained to make, of noise and of what it is told,
    a picture of the data, drawn by chance, by the squared error.

    Args:
        pictures: (n, size, size, channels) in [-1, 1].
        told: of each, (n, k).
        steps: of 128 pictures each.
        seed: of noise and order.
    """
    size, _, channels = pictures.shape[1:]
    network = mlp.generator(size, channels, LATENT + told.shape[1])
    network.compile(
        keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(2e-3, steps)
        ),
        loss=losses.l2,
    )
    rng = seeds.generator(seed)

    def batches():
        while True:
            some = rng.integers(len(pictures), size=_BATCH)
            yield inputs(told[some], rng), pictures[some]

    _training.train_on(network, batches(), steps, "of the generator")
    return network


def made(network: keras.Model, told: np.ndarray, seed: int) -> np.ndarray:
    """Pictures of new noise for what is told (n, k)."""
    return np.asarray(keras.ops.convert_to_numpy(
        network(inputs(told, seeds.generator(seed)))
    ))


def size_of(differences: np.ndarray) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(np.square(differences, dtype="float64"))))
