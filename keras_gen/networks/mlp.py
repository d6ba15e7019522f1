"""Fully connected networks: the first GAN, autoencoders and the VAE.

Papers: Goodfellow et al., "Generative Adversarial Nets", 1406.2661; Kingma
and Welling, "Auto-Encoding Variational Bayes", 1312.6114.
"""

import keras
from keras import layers

from keras_gen.layers import Dropout
from keras_gen.networks import sizes


def generator(
    size: int, channels: int, latent_dim: int, width: int = 256, depth: int = 2
) -> keras.Model:
    """The generator of 1406.2661: ReLU layers, then pixels.

    Input: "latent" (n, latent_dim), usually N(0, 1).
    Output: (n, size, size, channels) in [-1, 1].

    Args:
        size: pixels of a side, any.
        channels: channels of a picture.
        latent_dim: length of a latent vector.
        width: units of a hidden layer.
        depth: number of hidden layers.

    Raises:
        InputError: if an argument is not a whole number of at least 1.
    """
    return _pixels(
        size, channels, latent_dim, width, depth, "tanh", "generator"
    )


def discriminator(
    size: int, channels: int, width: int = 256, depth: int = 2,
    dropout: float = 0.3,
) -> keras.Model:
    """The discriminator of 1406.2661, with dropout as in the paper.

    LeakyReLU stands in for the paper's maxout, whose five pieces per unit
    are five times the weights.

    Input: "image" (n, size, size, channels) in [-1, 1].
    Output: (n, 1) logits.

    Args:
        size: pixels of a side, any.
        channels: channels of a picture.
        width: units of a hidden layer.
        depth: number of hidden layers.
        dropout: share of hidden units dropped in training, in [0, 1).

    Raises:
        InputError: if an argument is out of its range.
    """
    image = _image(size, channels, width, depth)
    x = layers.Flatten()(image)
    for _ in range(depth):
        x = layers.Dense(width)(x)
        x = layers.LeakyReLU(0.2)(x)
        x = Dropout(dropout)(x)
    x = layers.Dense(1)(x)
    x = layers.Activation("linear", dtype="float32", name="logit")(x)
    return keras.Model(image, x, name="discriminator")


def gaussian_encoder(
    size: int, channels: int, latent_dim: int, width: int = 256, depth: int = 2
) -> keras.Model:
    """The recognition network of 1312.6114: a diagonal Gaussian.

    Input: "image" (n, size, size, channels) in [-1, 1].
    Output: {"mean", "log_variance"}, each (n, latent_dim), unbounded.

    Args:
        size, channels, latent_dim, width, depth: as of
            `generator`.

    Raises:
        InputError: likewise.
    """
    sizes.check_positive(latent_dim=latent_dim)
    image = _image(size, channels, width, depth)
    x = _hidden(layers.Flatten()(image), width, depth)
    outputs = {
        name: layers.Activation("linear", dtype="float32", name=name)(
            layers.Dense(latent_dim)(x)
        )
        for name in ("mean", "log_variance")
    }
    return keras.Model(image, outputs, name="encoder")


def encoder(
    size: int, channels: int, latent_dim: int, width: int = 256, depth: int = 2
) -> keras.Model:
    """The encoder of an autoencoder.

    Input: "image" (n, size, size, channels) in [-1, 1].
    Output: (n, latent_dim) codes, unbounded.

    Args:
        size, channels, latent_dim, width, depth: as of
            `generator`.

    Raises:
        InputError: likewise.
    """
    sizes.check_positive(latent_dim=latent_dim)
    image = _image(size, channels, width, depth)
    x = _hidden(layers.Flatten()(image), width, depth)
    x = layers.Dense(latent_dim)(x)
    x = layers.Activation("linear", dtype="float32", name="code")(x)
    return keras.Model(image, x, name="encoder")


def decoder(
    size: int, channels: int, latent_dim: int, width: int = 256, depth: int = 2,
    activation: str = "linear",
) -> keras.Model:
    """The decoder of an autoencoder or a VAE.

    Input: "latent" (n, latent_dim).
    Output: (n, size, size, channels); with "tanh" pictures in [-1, 1], with
    "linear" unbounded: Bernoulli logits or the means of Gaussians.

    Args:
        activation: "linear" or "tanh".
        size, channels, latent_dim, width, depth: as of
            `generator`.

    Raises:
        InputError: if an argument is out of its range.
    """
    sizes.check_choice("activation", activation, ("linear", "tanh"))
    return _pixels(
        size, channels, latent_dim, width, depth, activation, "decoder"
    )


def _image(size, channels, width, depth):
    sizes.check_positive(
        size=size, channels=channels, width=width, depth=depth
    )
    return keras.Input((size, size, channels), name="image")


def _hidden(x, width, depth):
    for _ in range(depth):
        x = layers.Dense(
            width, activation="relu", kernel_initializer="he_normal"
        )(x)
    return x


def _pixels(size, channels, latent_dim, width, depth, activation, name):
    sizes.check_positive(
        size=size,
        channels=channels,
        latent_dim=latent_dim,
        width=width,
        depth=depth,
    )
    latent = keras.Input((latent_dim,), name="latent")
    x = _hidden(latent, width, depth)
    x = layers.Dense(size * size * channels)(x)
    x = layers.Reshape((size, size, channels))(x)
    x = layers.Activation(activation, dtype="float32", name="pixels")(x)
    return keras.Model(latent, x, name=name)
