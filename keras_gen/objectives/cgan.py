"""Conditional GANs, https://arxiv.org/abs/1411.1784."""

import keras
import numpy as np

from keras_gen.errors import InputError
from keras_gen.export import signature
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

    protocols = ("samples", "labels")

    def __init__(self, generator, discriminator, *, classes, **kwargs):
        if classes < 1:
            raise InputError(
                f"classes must be at least 1, got {classes}: without labels "
                "use GAN"
            )
        super().__init__(generator, discriminator, classes=classes, **kwargs)

    def check_data(self, dataset):
        super().check_data(dataset)
        label = dataset.columns["label"]
        label = np.asarray(label[np.arange(len(label))])
        if label.min() < 0 or label.max() >= self.classes:
            raise InputError(
                f"labels must go from 0 to {self.classes - 1}, the data's go "
                f"from {label.min()} to {label.max()}: change "
                "objective.classes and the networks' classes"
            )

    def call(self, inputs, training=False):
        return self.generator(inputs, training=training)

    def sample(self, seeds, label, truncation=None):
        latent = self.latents(seeds, truncation)
        return self.generator({"latent": latent, "label": label})

    def _condition(self, n, condition):
        label = condition.pop("label", np.arange(n) % self.classes)
        truncation = super()._condition(n, condition)
        label = np.asarray(label)
        if label.shape not in [(), (n,)] or label.dtype.kind not in "iu":
            raise InputError(
                f"label must be one whole number or one for each of the {n} "
                f"pictures, got {label.dtype} of shape {label.shape}"
            )
        if label.min() < 0 or label.max() >= self.classes:
            raise InputError(
                f"labels go from 0 to {self.classes - 1}, got "
                f"{label.min()} to {label.max()}"
            )
        return [np.broadcast_to(label, n).astype("int32"), *truncation]

    def preview(self, batch, seed=0):
        """One class a column."""
        columns = min(self.classes, 10)
        label = np.tile(np.arange(columns), 8)
        return self.generate(len(label), seed=seed, label=label), columns

    def monitored(self, batch, seed=0):
        label = batch["label"]
        fakes = self.generate(len(label), seed=seed, label=label)
        return fakes, batch["image"], label

    def signatures(self):
        def serving_default(latent, label):
            return {
                "image": self.generator({"latent": latent, "label": label})
            }

        def sample(seed, label, truncation):
            return {"image": self.sample(seed, label, truncation)}

        latent = signature.Input((None, self.latent_dim), "float32")
        label = signature.Input((None,), "int32", 0, self.classes - 1)
        return {
            "serving_default": (
                serving_default, {"latent": latent, "label": label}
            ),
            "sample": (sample, {
                "seed": signature.SEED, "label": label,
                "truncation": signature.TRUNCATION,
            }),
        }
