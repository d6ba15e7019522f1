"""Residual generator and discriminator without normalization.

Papers: Huang et al. 2024, "The GAN is dead; long live the GAN!",
https://arxiv.org/abs/2501.05441, for what is left out and how blocks begin;
Mescheder et al. 2018, https://arxiv.org/abs/1801.04406, appendix I, for the
blocks: two convolutions, each after its activation.

No row depends on another, in training or after it: a penalty of the
discriminator's slope is defined, and there are no statistics to measure.
"""

import keras
from keras import layers

from keras_gen.layers import Conv2D
from keras_gen.networks import sizes


def generator(
    size: int = 64, channels: int = 3, latent_dim: int = 128, width: int = 32,
    blocks: int = 1,
) -> keras.Model:
    """A projection, then blocks and doublings up to `size`.

    Input: "latent" (n, latent_dim), usually N(0, 1).
    Output: (n, size, size, channels) in [-1, 1].

    Args:
        size: pixels of a side, 4 * 2^k or 7 * 2^k with k >= 2.
        channels: channels of a picture.
        latent_dim: length of a latent vector.
        width: features of the largest maps; doubled for each halving, up to
            8 times as many.
        blocks: residual blocks at each size.

    Raises:
        InputError: if an argument is out of its range.
    """
    base, steps = _check(size, channels, width, blocks)
    sizes.check_positive(latent_dim=latent_dim)
    latent = keras.Input((latent_dim,), name="latent")
    features = sizes.features(width, steps)
    x = layers.Dense(
        base * base * features, kernel_initializer=_he(), name="project"
    )(latent)
    x = layers.Reshape((base, base, features))(x)
    # Layers are named by the size that they make: what grows keeps them.
    for step in reversed(range(steps + 1)):
        side, features = size >> step, sizes.features(width, step)
        if step < steps:
            # The enlarging copies pixels, so that what mixes channels alone
            # costs a quarter before it.
            x = _mixed(x, features, f"up_{side}")
            x = layers.UpSampling2D(2, name=f"double_{side}")(x)
        for number in range(blocks):
            x = _block(x, features, f"block_{side}_{number}")
    x = layers.LeakyReLU(0.2)(x)
    x = Conv2D(
        channels, 3, padding="same", kernel_initializer="lecun_normal",
        name=f"pixels_{size}",
    )(x)
    x = layers.Activation("tanh", dtype="float32", name="pixels")(x)
    return keras.Model(latent, x, name="generator")


def discriminator(
    size: int = 64, channels: int = 3, width: int = 32, blocks: int = 1,
) -> keras.Model:
    """The generator's mirror: blocks and halvings, then one number.

    Input: "image" (n, size, size, channels) in [-1, 1].
    Output: (n, 1) logits.

    Args:
        size, channels, width, blocks: as of `generator`.

    Raises:
        InputError: if an argument is out of its range.
    """
    base, steps = _check(size, channels, width, blocks)
    image = keras.Input((size, size, channels), name="image")
    x = Conv2D(
        width, 3, padding="same", kernel_initializer="lecun_normal",
        name=f"pixels_{size}",
    )(image)
    for step in range(steps + 1):
        side, features = size >> step, sizes.features(width, step)
        if step:
            x = layers.AveragePooling2D(2, name=f"halve_{side}")(x)
            x = _mixed(x, features, f"down_{side}")
        for number in range(blocks):
            x = _block(x, features, f"block_{side}_{number}")
    x = layers.Flatten()(layers.LeakyReLU(0.2)(x))
    # Without an offset, which the difference of two logits does not know.
    x = layers.Dense(
        1, use_bias=False, kernel_initializer="lecun_normal", name="judge"
    )(x)
    x = layers.Activation("linear", dtype="float32", name="logit")(x)
    return keras.Model(image, x, name="discriminator")


def _check(size, channels, width, blocks):
    sizes.check_positive(channels=channels, width=width, blocks=blocks)
    return sizes.pyramid(size)


def _he():
    return keras.initializers.VarianceScaling(
        2.0, "fan_in", "untruncated_normal"
    )


def _mixed(x, features, name):
    """1 x 1 convolution to another number of features, if it is another."""
    if x.shape[-1] == features:
        return x
    return Conv2D(
        features, 1, use_bias=False, kernel_initializer="lecun_normal",
        name=name,
    )(x)


def _block(x, features, name):
    """x and what two convolutions add to it: nothing at first, so that a
    deep network begins as a shallow one (2501.05441, section 3.2)."""
    y = layers.LeakyReLU(0.2)(x)
    y = Conv2D(
        features, 3, padding="same", kernel_initializer=_he(),
        name=f"{name}_first",
    )(y)
    y = layers.LeakyReLU(0.2)(y)
    y = Conv2D(
        features, 3, padding="same", kernel_initializer="zeros",
        name=f"{name}_second",
    )(y)
    return layers.Add()([x, y])
