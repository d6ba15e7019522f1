"""Fully connected networks for points in the plane.

Paper: Goodfellow et al., "Generative Adversarial Nets", 1406.2661; points
are the bench of Metz et al., 1611.02163, and of many since.
"""

import keras
from keras import layers

from keras_gen.networks import sizes


def generator(
    latent_dim: int = 2, width: int = 128, depth: int = 2
) -> keras.Model:
    """ReLU layers, then a linear map to the plane.

    Input: "latent" (n, latent_dim), usually N(0, 1).
    Output: (n, 2) points, unbounded.

    Args:
        latent_dim: length of a latent vector.
        width: units of a hidden layer.
        depth: number of hidden layers.

    Raises:
        InputError: if an argument is not a whole number of at least 1.
    """
    sizes.check_positive(latent_dim=latent_dim, width=width, depth=depth)
    latent = x = keras.Input((latent_dim,), name="latent")
    for _ in range(depth):
        x = layers.ReLU()(_dense(width)(x))
    x = layers.Dense(2)(x)
    x = layers.Activation("linear", dtype="float32", name="points")(x)
    return keras.Model(latent, x, name="generator")


def discriminator(width: int = 128, depth: int = 2) -> keras.Model:
    """LeakyReLU layers, without any normalisation.

    Input: "points" (n, 2), any range.
    Output: (n, 1) logits.

    Args:
        width: units of a hidden layer.
        depth: number of hidden layers.

    Raises:
        InputError: if an argument is not a whole number of at least 1.
    """
    sizes.check_positive(width=width, depth=depth)
    points = x = keras.Input((2,), name="points")
    for _ in range(depth):
        x = layers.LeakyReLU(0.2)(_dense(width)(x))
    x = layers.Dense(1)(x)
    x = layers.Activation("linear", dtype="float32", name="logit")(x)
    return keras.Model(points, x, name="discriminator")


def _dense(width):
    return layers.Dense(width, kernel_initializer="he_normal")
