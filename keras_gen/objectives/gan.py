"""Generative adversarial networks, https://arxiv.org/abs/1406.2661."""

from typing import Any

import keras
from keras import ops

from keras_gen import losses, penalties, terms
from keras_gen.accepted import at_least
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.losses import Tensor
from keras_gen.objectives.base.game import Game
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.base.tensors import split
from keras_gen.terms import Schedule, Term


@keras.saving.register_keras_serializable(package="keras_gen")
class GAN(Game):
    """Algorithm 1 of Goodfellow et al. 2014, with any pair of losses.

    Args:
        generator: latent (n, latent_dim), or {"latent", "label"}, -> pictures
            in [-1, 1], or what else it `makes`.
        discriminator: these, or {"image", "label"}, -> logits (n, 1).
        adversarial: name of a pair in `keras_gen.losses`; with "relativistic"
            the generator's update sees the real items, too.
        discriminator_steps: the paper's k; each sees data of its own, so a
            training batch is split in k.
        r1_weight: of `keras_gen.penalties.R1` in every update, 0 for none.
        smoothing: one-sided label smoothing, in [0, 1]: what is real is to be
            told with the probability 1 - smoothing (Salimans et al. 2016,
            https://arxiv.org/abs/1606.03498, section 3.4).
        label_noise: share of rows, in [0, 1], real and fake alike, whose
            target is the other side's in this update.
            Both are numbers, or a
            `keras.optimizers.schedules.LearningRateSchedule` of them by the
            training step, and of the pairs only whose discriminator tells a
            probability.
        classes, class_names, generator_steps, penalties, generator_terms:
            see `Game`.
        augment, dequantise, instance_noise, makes, seed, name: see `Game`.

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
        self, generator: keras.Model, discriminator: keras.Model, *,
        adversarial: str = "non_saturating", discriminator_steps: int = 1,
        r1_weight: float = 0.0, smoothing: float | Schedule = 0.0,
        label_noise: float | Schedule = 0.0, **kwargs,
    ):
        super().__init__(**kwargs)
        self.generator = generator
        self.discriminator = discriminator
        self.adversarial = adversarial
        self.check_networks()
        self.pair = losses.adversarial(adversarial, of_pairs=True)
        self.boundary = self.pair.boundary
        at_least(1, discriminator_steps=discriminator_steps)
        self.discriminator_steps = discriminator_steps
        self.r1_weight = r1_weight
        self.smoothing = terms.checked("smoothing", smoothing, most=1)
        self.label_noise = terms.checked("label_noise", label_noise, most=1)
        if (smoothing or label_noise) and not self.pair.probabilistic:
            raise InputError(
                "smoothing and label_noise change the probability that a "
                f"discriminator is to tell, and with {adversarial!r} it tells "
                "none: leave them out, or take 'non_saturating'"
            )
        self.check_judge()

    @property
    def updates_per_step(self) -> int:
        return self.discriminator_steps

    def all_penalties(self) -> list[Term]:
        r1 = [penalties.R1(self.r1_weight)] if self.r1_weight else []
        return [*r1, *self.penalties]

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        *earlier, last = split(batch, self.discriminator_steps)
        for part in earlier:
            self.update(
                "discriminator",
                lambda: self.discriminator_loss(*self.shown(part)),
            )
        real, label = self.shown(last)
        begun = self.ahead("generator", lambda: self.fakes(real, label))
        logs = self.update(
            "discriminator",
            lambda: self.discriminator_loss(real, label, begun),
        )
        for _ in range(self.generator_steps):
            logs = logs | self.update(
                "generator", lambda: self.generator_loss(real, label, begun),
                begun,
            )
            begun = None
        return logs

    def discriminator_loss(
        self, real: Tensor, label: Tensor = None,
        begun: gradients.Ahead | None = None,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss on n real items against n fakes of their labels, new ones
        or those of `begun`."""
        fake, of_real, of_fake = self.against_fakes(real, label, begun)
        loss, logs = self.discriminator_objective(of_real, of_fake, label)
        return self.with_penalties(
            loss, logs, real, fake, label, (of_real, of_fake)
        )

    def game_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """The discriminator's loss without its terms, against the targets of
        smoothing and label noise where there are any."""
        if not self.smoothing and not self.label_noise:
            return self.pair.discriminator(real_logits, fake_logits)
        return losses.cross_entropy(
            real_logits, self.targets(real_logits, real=True)
        ) + losses.cross_entropy(
            fake_logits, self.targets(fake_logits, real=False)
        )

    def targets(self, logits: Tensor, real: bool) -> Tensor:
        """The probabilities that the discriminator is to tell of rows, real
        or fake ones: float32 (n, 1, ...)."""
        shape = (1,) * (len(logits.shape) - 1)
        chance = self.noise.uniform(ops.shape(logits)[0], shape)
        swapped = chance < terms.at(self.label_noise, self.step)
        told_real = ops.logical_not(swapped) if real else swapped
        highest = 1.0 - terms.at(self.smoothing, self.step)
        return highest * ops.cast(told_real, "float32")

    def discriminator_objective(
        self, of_real: Any, of_fake: Any, label: Any = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """(loss, logs) of what the discriminator has `told` of real items and
        of as many fakes."""
        logits = self.logits_of(of_real), self.logits_of(of_fake)
        right = accuracy(*logits, self.boundary)
        return self.game_loss(*logits), {
            "discriminator_accuracy": right
        }

    def generator_loss(
        self, real: Tensor, label: Tensor = None,
        begun: gradients.Ahead | None = None,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of as many fakes as there are real items, of their labels,
        new ones or those of `begun`."""
        latent, fake = begun.made if begun else self.fakes(real, label)
        told = self.told_to_generator(real, fake, label)
        loss, logs = self.generator_objective(told, label)
        return self.with_terms(
            self.generator_terms, self.generator, loss, logs,
            fake=fake, latent=latent, label=label,
        )

    def told_to_generator(
        self, real: Tensor, fake: Tensor, label: Any = None
    ) -> list:
        """What the discriminator has `told` of fakes, that the generator is
        to make better by; of real items, too, where the pair compares
        them."""
        told = [self.told(fake, label)]
        if self.pair.of_pairs:
            told.append(gradients.constant(lambda: self.told(real, label)))
        return told

    def generator_objective(
        self, told: list, label: Any = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """(loss, logs) of what `told_to_generator` returns."""
        return self.pair.generator(*map(self.logits_of, told)), {}


def accuracy(
    real_logits: Tensor, fake_logits: Tensor, boundary: float | None
) -> Tensor:
    """Share of the logits that are above the boundary on real data and not
    above it on fake; without one, of the pairs whose real one is above the
    fake."""
    if boundary is None:
        return ops.mean(ops.cast(real_logits > fake_logits, "float32"))
    real = ops.mean(ops.cast(real_logits > boundary, "float32"))
    fake = ops.mean(ops.cast(fake_logits <= boundary, "float32"))
    return 0.5 * (real + fake)
