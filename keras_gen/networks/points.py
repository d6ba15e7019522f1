"""Fully connected networks for points in the plane.

Paper: Goodfellow et al., "Generative Adversarial Nets", 1406.2661; points
are the bench of Metz et al., 1611.02163, and of many since.
"""

import keras
from keras import layers

from keras_gen.accepted import fits, shown
from keras_gen.errors import InputError
from keras_gen.networks import sizes


def generator(
    latent_dim: int = 2, width: int = 128, depth: int = 2, gain: float = 0.0
) -> keras.Model:
    """ReLU layers, then a linear map to the plane.

    Input: "latent" (n, latent_dim), usually N(0, 1).
    Output: (n, 2) points, unbounded.

    Args:
        latent_dim: length of a latent vector.
        width: units of a hidden layer.
        depth: number of hidden layers.
        gain: of orthogonal kernels, which Metz et al. have, 0.8; 0 for
            random ones.

    Raises:
        InputError: if an argument is not a whole number of at least 1, or
            gain is below 0.
    """
    sizes.check_positive(latent_dim=latent_dim, width=width, depth=depth)
    _refuse_negative(gain=gain)
    latent = x = keras.Input((latent_dim,), name="latent")
    for _ in range(depth):
        x = layers.ReLU()(_dense(width, gain)(x))
    x = _dense(2, gain, "glorot_uniform")(x)
    x = layers.Activation("linear", dtype="float32", name="points")(x)
    return keras.Model(latent, x, name="generator")


def discriminator(
    width: int = 128, depth: int = 2, negative_slope: float = 0.2,
    scale: float = 1.0, gain: float = 0.0,
) -> keras.Model:
    """LeakyReLU layers, without any normalisation.

    Input: "points" (n, 2), any range.
    Output: (n, 1) logits.

    Args:
        width: units of a hidden layer.
        depth: number of hidden layers.
        negative_slope: of the LeakyReLUs, 0 for ReLUs.
        scale: what the points are multiplied by first; 0.25 brings a ring of
            radius 2 near to [-1, 1] (Metz et al., appendix A).
        gain: as of `generator`.

    Raises:
        InputError: if a number is not a whole one of at least 1, or
            negative_slope or gain are below 0.
    """
    sizes.check_positive(width=width, depth=depth)
    _refuse_negative(negative_slope=negative_slope, gain=gain)
    points = x = keras.Input((2,), name="points")
    if scale != 1:
        x = layers.Rescaling(scale)(x)
    for _ in range(depth):
        x = layers.LeakyReLU(negative_slope)(_dense(width, gain)(x))
    x = _dense(1, gain, "glorot_uniform")(x)
    x = layers.Activation("linear", dtype="float32", name="logit")(x)
    return keras.Model(points, x, name="discriminator")


def _dense(width, gain, otherwise="he_normal"):
    kernel = keras.initializers.Orthogonal(gain) if gain else otherwise
    return layers.Dense(width, kernel_initializer=kernel)


def _refuse_negative(**numbers):
    for name, value in numbers.items():
        if not fits(value, float) or value < 0:
            raise InputError(f"{name} must be at least 0, got {shown(value)}")
