"""Conditional GANs, https://arxiv.org/abs/1411.1784."""

import keras
import numpy as np
from keras import ops

from keras_gen import losses, values
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.export import signature
from keras_gen.objectives.base.abilities import TakesLabels
from keras_gen.objectives.base.latent import LatentObjective
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.gan import accuracy


@keras.saving.register_keras_serializable(package="keras_gen")
class CGAN(TakesLabels, LatentObjective):
    """Mirza and Osindero 2014: both networks see the label.

    Args:
        generator: {"latent", "label"} -> pictures in [-1, 1].
        discriminator: {"image", "label"} -> logits (n, 1).
        classes: number of labels, 0 ... classes - 1.
        adversarial: name of a pair in `keras_gen.losses`.
        seed, name: see `Objective`.
    """

    protocols = ("samples", "labels")
    players = {
        "discriminator": ("discriminator",),
        "generator": ("generator",),
    }

    @property
    def types(self):
        return {**super().types, "label": values.Label()}

    def __init__(
        self, generator, discriminator, *, classes,
        adversarial="non_saturating", **kwargs,
    ):
        super().__init__(**kwargs)
        self.generator = generator
        self.discriminator = discriminator
        self.classes = classes
        self.adversarial = adversarial
        self.pair = losses.adversarial(adversarial)

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

    @training_step
    def train_step(self, batch):
        image, label = batch["image"], batch["label"]
        logs = self.update(
            "discriminator", lambda: self.discriminator_loss(image, label)
        )
        # The generator meets the same labels, in the data's proportions.
        return logs | self.update(
            "generator", lambda: self.generator_loss(label)
        )

    def fakes(self, label):
        """One picture in training mode for each label."""
        rows = ops.shape(label)[0]
        z = self.noise.normal(rows, (self.latent_dim,))
        return self.generator({"latent": z, "label": label}, training=True)

    def discriminator_loss(self, image, label):
        """The loss on real pictures against fakes of the same labels."""
        fake = gradients.constant(lambda: self.fakes(label))
        real_logits = self._logits(image, label)
        fake_logits = self._logits(fake, label)
        loss = self.pair.discriminator(real_logits, fake_logits)
        return loss, {
            "discriminator_accuracy": accuracy(
                real_logits, fake_logits, self.pair.boundary
            )
        }

    def generator_loss(self, label):
        """The loss of one new fake for each label."""
        return self.pair.generator(self._logits(self.fakes(label), label))

    def _logits(self, image, label):
        return self.discriminator(
            {"image": image, "label": label}, training=True
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
