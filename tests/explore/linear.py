"""Tiny models whose pictures are known: linear in their latents."""

import keras
import numpy as np
from keras import layers

from keras_gen.networks import mlp
from keras_gen.objectives.autoencoder import Autoencoder
from keras_gen.objectives.cgan import CGAN
from keras_gen.objectives.gan import GAN

# Pixels of a picture, 2 x 2 and grey.
PIXELS = 4


def matrix(dim, scale=0.1, seed=0):
    """A (dim, 4) matrix that keeps pictures well inside [-1, 1]."""
    return scale * np.random.default_rng(seed).normal(size=(dim, PIXELS))


def decoder(weights, name="generator"):
    """latent (n, d) -> pictures (n, 2, 2, 1): latent @ weights."""
    latent = keras.Input((len(weights),), name="latent")
    x = layers.Dense(PIXELS, use_bias=False, name="matrix")(latent)
    network = keras.Model(latent, layers.Reshape((2, 2, 1))(x), name=name)
    network.get_layer("matrix").set_weights([weights])
    return network


def gan(weights):
    """A GAN with that generator."""
    return GAN(decoder(weights), mlp.discriminator(2, 1), name="linear")


def autoencoder():
    """Its code is the picture itself, each pixel in [-1, 1]."""
    image = keras.Input((2, 2, 1), name="image")
    encoder = keras.Model(image, layers.Flatten()(image), name="encoder")
    return Autoencoder(
        encoder, decoder(np.eye(PIXELS), "decoder"), name="identity"
    )


def cgan(weights, table):
    """A conditional GAN: (latent + table[label]) @ weights."""
    latent = keras.Input((len(weights),), name="latent")
    label = keras.Input((), dtype="int32", name="label")
    x = layers.Add()([
        latent, layers.Embedding(*table.shape, name="table")(label)
    ])
    x = layers.Dense(PIXELS, use_bias=False, name="matrix")(x)
    generator = keras.Model(
        {"latent": latent, "label": label}, layers.Reshape((2, 2, 1))(x)
    )
    generator.get_layer("matrix").set_weights([weights])
    generator.get_layer("table").set_weights([table])
    image = keras.Input((2, 2, 1), name="image")
    score = layers.Dense(1)(layers.Flatten()(image))
    return CGAN(
        generator, keras.Model({"image": image, "label": label}, score),
        classes=len(table), name="conditional",
    )


def pictures(latents, weights):
    """What a linear model makes of latents (..., d), uint8 (..., 2, 2, 1)."""
    floats = np.asarray(latents, "float64") @ weights
    assert np.abs(floats).max() < 1, "out of the range of pictures"
    return np.round((floats + 1) * 127.5).reshape(
        *floats.shape[:-1], 2, 2, 1
    ).astype(int)


def close(made, expected):
    """Equal but for values half way between two grey levels."""
    assert made.shape == expected.shape and made.dtype == np.uint8
    assert np.abs(made.astype(int) - expected).max() <= 1
    assert (made == expected).mean() > 0.95
