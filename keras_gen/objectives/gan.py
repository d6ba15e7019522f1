"""Generative adversarial networks, https://arxiv.org/abs/1406.2661."""

import keras
from keras import ops

from keras_gen import losses, penalties
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.objectives.base.latent import LatentObjective
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.base.tensors import split


@keras.saving.register_keras_serializable(package="keras_gen")
class GAN(LatentObjective):
    """Algorithm 1 of Goodfellow et al. 2014, with any pair of losses.

    Args:
        generator: latent (n, latent_dim) -> pictures in [-1, 1].
        discriminator: pictures -> logits (n, 1).
        adversarial: name of a pair in `keras_gen.losses`.
        discriminator_steps: the paper's k; each sees data of its own, so a
            training batch is split in k.
        r1_weight: weight of the R1 penalty, 0 for none.
        seed, name: see `Objective`.

    Example:
        model = GAN(dcgan.generator(), dcgan.discriminator())
        model.compile({"discriminator": Adam(2e-4, beta_1=0.5),
                       "generator": Adam(2e-4, beta_1=0.5)})
        model.fit(pictures, batch_size=64, epochs=5)
    """

    players = {
        "discriminator": ("discriminator",),
        "generator": ("generator",),
    }

    def __init__(
        self, generator, discriminator, *, adversarial="non_saturating",
        discriminator_steps=1, r1_weight=0.0, **kwargs,
    ):
        super().__init__(**kwargs)
        self.generator = generator
        self.discriminator = discriminator
        self.adversarial = adversarial
        self.pair = losses.adversarial(adversarial)
        self.discriminator_steps = at_least_one(
            "discriminator_steps", discriminator_steps
        )
        self.r1_weight = r1_weight

    @property
    def updates_per_step(self):
        return self.discriminator_steps

    @training_step
    def train_step(self, batch):
        for real in split(batch["image"], self.discriminator_steps):
            logs = self.update(
                "discriminator", lambda: self.discriminator_loss(real)
            )
        rows = ops.shape(real)[0]
        return logs | self.update(
            "generator", lambda: self.generator_loss(rows)
        )

    def discriminator_loss(self, real):
        """The loss on real pictures (n, h, w, c) against n new fakes."""
        fake = gradients.constant(lambda: self.fakes(ops.shape(real)[0]))
        real_logits = self.discriminator(real, training=True)
        fake_logits = self.discriminator(fake, training=True)
        loss = self.pair.discriminator(real_logits, fake_logits)
        if self.r1_weight:
            loss = loss + self.r1_weight * penalties.r1(
                lambda x: self.discriminator(x, training=True), real
            )
        return loss, {
            "discriminator_accuracy": accuracy(
                real_logits, fake_logits, self.pair.boundary
            )
        }

    def generator_loss(self, rows):
        """The loss of `rows` new fakes."""
        logits = self.discriminator(self.fakes(rows), training=True)
        return self.pair.generator(logits)


def accuracy(real_logits, fake_logits, boundary):
    """Share of the logits that are above the boundary on real data and not
    above it on fake."""
    real = ops.mean(ops.cast(real_logits > boundary, "float32"))
    fake = ops.mean(ops.cast(fake_logits <= boundary, "float32"))
    return 0.5 * (real + fake)


def at_least_one(name, value):
    """`value` when it is a whole number of steps, else an InputError."""
    if not isinstance(value, int) or value < 1:
        raise InputError(f"{name} must be a whole number >= 1, got {value!r}")
    return value
