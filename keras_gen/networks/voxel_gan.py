"""3D-GAN: solids of voxels.

Paper: Wu et al., "Learning a Probabilistic Latent Space of Object Shapes via
3D Generative-Adversarial Modeling", 1610.07584. Voxels are in [-1, 1] here,
like pictures, and so the last activation is tanh; the paper's are in [0, 1],
its sigmoid's.
"""

import keras
from keras import layers

from keras_gen.layers import Conv3D, Conv3DTranspose
from keras_gen.layers import normalization as normalize
from keras_gen.networks import sizes


def generator(
    size: int = 64, latent_dim: int = 200, width: int = 64,
    normalization: str = "batch",
) -> keras.Model:
    """A projection to 4^3 voxels, then doublings up to `size`.

    Input: "latent" (n, latent_dim), usually N(0, 1); the paper's is uniform
    in [0, 1].
    Output: (n, size, size, size, 1) in [-1, 1]: depth, height, width.

    Args:
        size: voxels of a side, 4 * 2^k or 7 * 2^k with k >= 2.
        latent_dim: length of a latent vector.
        width: features before the last layer; doubled for each halving.
        normalization: "batch", "instance", "layer" or "none" (with biases).

    Raises:
        InputError: if an argument is out of its range.
    """
    sizes.check_positive(latent_dim=latent_dim, width=width)
    base, steps = sizes.pyramid(size)
    bias = normalization == "none"
    features = width << (steps - 1)
    latent = keras.Input((latent_dim,), name="latent")
    x = layers.Dense(
        base**3 * features, use_bias=bias, kernel_initializer=_normal()
    )(latent)
    x = layers.Reshape((base, base, base, features))(x)
    x = layers.ReLU()(normalize(normalization)(x))
    for step in reversed(range(1, steps)):
        x = _up(x, width << (step - 1), bias)
        x = layers.ReLU()(normalize(normalization)(x))
    x = _up(x, 1, bias)
    x = layers.Activation("tanh", dtype="float32", name="solid")(x)
    return keras.Model(latent, x, name="generator")


def discriminator(
    size: int = 64, width: int = 64, normalization: str = "batch"
) -> keras.Model:
    """Halvings down to 4^3 voxels, the mirror image of the generator.

    Input: "voxels" (n, size, size, size, 1) in [-1, 1].
    Output: (n, 1) logits.

    Args:
        size: voxels of a side, 4 * 2^k or 7 * 2^k with k >= 2.
        width: features of the first layer; doubled by each halving.
        normalization: "batch", "instance", "layer" or "none" (with biases);
            not "batch" under a gradient penalty.

    Raises:
        InputError: if an argument is out of its range.
    """
    sizes.check_positive(width=width)
    _, steps = sizes.pyramid(size)
    bias = normalization == "none"
    voxels = keras.Input((size, size, size, 1), name="voxels")
    x = layers.LeakyReLU(0.2)(_down(voxels, width, bias))
    for step in range(1, steps):
        x = _down(x, width << step, bias)
        x = layers.LeakyReLU(0.2)(normalize(normalization)(x))
    x = layers.Flatten()(x)
    x = layers.Dense(1, use_bias=bias, kernel_initializer=_normal())(x)
    x = layers.Activation("linear", dtype="float32", name="logit")(x)
    return keras.Model(voxels, x, name="discriminator")


def _normal():
    return keras.initializers.RandomNormal(0.0, 0.02)


def _up(x, filters, bias):
    return Conv3DTranspose(
        filters, 4, 2, "same", use_bias=bias, kernel_initializer=_normal()
    )(x)


def _down(x, filters, bias):
    return Conv3D(
        filters, 4, 2, "same", use_bias=bias, kernel_initializer=_normal()
    )(x)
