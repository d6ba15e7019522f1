"""Conditional GANs, https://arxiv.org/abs/1411.1784."""

import keras
from keras import ops

from keras_gen import losses
from keras_gen.backend import gradients
from keras_gen.objectives.base.labels import Labelled
from keras_gen.objectives.base.latent import LatentObjective
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.gan import accuracy


@keras.saving.register_keras_serializable(package="keras_gen")
class CGAN(Labelled, LatentObjective):
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
