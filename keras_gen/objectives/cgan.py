"""Conditional GANs, https://arxiv.org/abs/1411.1784."""

import keras

from keras_gen.errors import InputError
from keras_gen.objectives.gan import GAN


@keras.saving.register_keras_serializable(package="keras_gen")
class CGAN(GAN):
    """Mirza and Osindero 2014: a GAN whose networks both see the label. In
    each step the generator meets the labels of the real pictures.

    Args:
        generator: {"latent", "label"} -> pictures in [-1, 1].
        discriminator: {"image", "label"} -> logits (n, 1).
        classes: number of labels, 0 ... classes - 1; at least 1.
        **kwargs: as of `GAN`.
    """

    protocols = ("samples", "truncation", "labels")

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model, *,
        classes: int, **kwargs,
    ):
        if classes < 1:
            raise InputError(
                f"classes must be at least 1, got {classes}: without labels "
                "use GAN"
            )
        super().__init__(generator, discriminator, classes=classes, **kwargs)
