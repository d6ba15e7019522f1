"""Convolutional encoders and decoders for the VAE and autoencoders.

Paper: Kingma and Welling, "Auto-Encoding Variational Bayes", 1312.6114; the
halvings and doublings are those of DCGAN, 1511.06434. Small pictures train
well without its batch normalisation, faces sooner with it.
"""

import keras
from keras import layers

from keras_gen.layers import Conv2D, Conv2DTranspose
from keras_gen.layers import normalization as normalize
from keras_gen.networks import sizes


def gaussian_encoder(
    size: int, channels: int, latent_dim: int, width: int = 32,
    normalization: str = "none",
) -> keras.Model:
    """The recognition network: a diagonal Gaussian for each picture.

    Input: "image" (n, size, size, channels) in [-1, 1].
    Output: {"mean", "log_variance"}, each (n, latent_dim), unbounded.

    Args:
        size: pixels of a side, 4 * 2^k or 7 * 2^k with k >= 2.
        channels: channels of a picture.
        latent_dim: length of a latent vector.
        width: features at half size; doubled for each halving.
        normalization: "batch", "instance", "layer" or "none".

    Raises:
        InputError: if an argument is out of its range.
    """
    image, x = _features(
        size, channels, latent_dim, width, normalization
    )
    outputs = {
        name: layers.Activation("linear", dtype="float32", name=name)(
            layers.Dense(latent_dim)(x)
        )
        for name in ("mean", "log_variance")
    }
    return keras.Model(image, outputs, name="encoder")


def encoder(
    size: int, channels: int, latent_dim: int, width: int = 32,
    normalization: str = "none",
) -> keras.Model:
    """The encoder of an autoencoder.

    Input: "image" (n, size, size, channels) in [-1, 1].
    Output: (n, latent_dim) codes, unbounded.

    Args:
        size, channels, latent_dim, width, normalization: as of
            `gaussian_encoder`.

    Raises:
        InputError: likewise.
    """
    image, x = _features(
        size, channels, latent_dim, width, normalization
    )
    x = layers.Dense(latent_dim)(x)
    x = layers.Activation("linear", dtype="float32", name="code")(x)
    return keras.Model(image, x, name="encoder")


def decoder(
    size: int, channels: int, latent_dim: int, width: int = 32,
    activation: str = "linear", normalization: str = "none",
) -> keras.Model:
    """The decoder of an autoencoder or a VAE.

    Input: "latent" (n, latent_dim).
    Output: (n, size, size, channels); with "tanh" pictures in [-1, 1], with
    "linear" unbounded: Bernoulli logits or the means of Gaussians.

    Args:
        activation: "linear" or "tanh".
        size, channels, latent_dim, width, normalization: as of
            `gaussian_encoder`.

    Raises:
        InputError: if an argument is out of its range.
    """
    sizes.check_choice("activation", activation, ("linear", "tanh"))
    sizes.check_positive(
        channels=channels, latent_dim=latent_dim, width=width
    )
    base, steps = sizes.pyramid(size)
    latent = keras.Input((latent_dim,), name="latent")
    features = width << (steps - 1)
    bias = normalization == "none"
    x = layers.Dense(
        base * base * features, use_bias=bias, kernel_initializer="he_normal"
    )(latent)
    x = layers.Reshape((base, base, features))(x)
    x = layers.ReLU()(normalize(normalization)(x))
    for step in reversed(range(1, steps)):
        x = Conv2DTranspose(
            width << (step - 1),
            4,
            2,
            "same",
            use_bias=bias,
            kernel_initializer=_he_transposed(),
        )(x)
        x = layers.ReLU()(normalize(normalization)(x))
    x = Conv2DTranspose(channels, 4, 2, "same")(x)
    x = layers.Activation(activation, dtype="float32", name="pixels")(x)
    return keras.Model(latent, x, name="decoder")


def _he_transposed():
    # Keras calls the inputs of a transposed kernel fan_out, and at stride 2
    # only a quarter of the taps meet a pixel.
    return keras.initializers.VarianceScaling(2.0 * 4, "fan_out")


def _features(size, channels, latent_dim, width, normalization):
    sizes.check_positive(
        channels=channels, latent_dim=latent_dim, width=width
    )
    _, steps = sizes.pyramid(size)
    image = keras.Input((size, size, channels), name="image")
    x = image
    for step in range(steps):
        x = Conv2D(
            width << step,
            4,
            2,
            "same",
            use_bias=normalization == "none",
            kernel_initializer="he_normal",
        )(x)
        x = layers.ReLU()(normalize(normalization)(x))
    return image, layers.Flatten()(x)
