"""Auxiliary classifier GANs, https://arxiv.org/abs/1610.09585."""

from typing import Any, NamedTuple

import keras
from keras import ops

from keras_gen.accepted import at_least, fits, shown
from keras_gen.errors import InputError
from keras_gen.layers.folded import applied
from keras_gen.losses import Tensor
from keras_gen.objectives.base import wiring
from keras_gen.objectives.base.tells import TellsClasses, class_loss
from keras_gen.objectives.gan import GAN


class Labels(NamedTuple):
    """The labels of a round, int (n,) of each side."""

    real: Tensor
    fake: Tensor


@keras.saving.register_keras_serializable(package="keras_gen")
class ACGAN(TellsClasses, GAN):
    """Odena, Olah and Shlens 2016: the discriminator is not told the class
    of a picture but tells it, on a second head. Both players make the class
    of a fake easier to tell, the discriminator that of real ones, too: its
    loss is the GAN's plus the cross entropies of both, the generator's the
    GAN's plus that of its fakes. Fakes are of all classes alike, whatever
    the data's shares are.

    That trades variety within a class for pictures whose class is plain: a
    label accuracy above that of real pictures is a symptom.

    Args:
        generator: {"latent", "label"} -> pictures in [-1, 1].
        discriminator: pictures -> {"logits": (n, 1), "classes": (n,
            classes)}: whether they are real, and unbounded logits of their
            classes; penalties are of the former alone.
        classes: number of labels, 0 ... classes - 1; at least 1.
        fake_class_weight: of the fakes' cross entropy in the discriminator's
            loss, at least 0; 1 in the paper. With 0 the class head learns
            from real pictures alone: p(class | picture).
        **kwargs: as of `GAN`.

    Logs beside the GAN's `real_class_loss` and `fake_class_loss`, nats, of
    the discriminator's last update, with `real_class_accuracy` and
    `fake_class_accuracy`, shares of pictures whose class it told; and
    `generator_class_loss`.
    """

    protocols = ("samples", "truncation", "labels", "classification")
    teller = "discriminator"

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model, *,
        classes: int, fake_class_weight: float = 1.0, **kwargs,
    ):
        at_least(1, classes=classes)
        super().__init__(generator, discriminator, classes=classes, **kwargs)
        if not fits(fake_class_weight, float) or fake_class_weight < 0:
            raise InputError(
                "fake_class_weight must be at least 0, got "
                f"{shown(fake_class_weight)}"
            )
        self.fake_class_weight = fake_class_weight

    @property
    def takes(self) -> dict[str, tuple[str, ...]]:
        return {**super().takes, "discriminator": (self.made.column,)}

    def check_networks(self) -> None:
        super().check_networks()
        network = self.discriminator
        wiring.check_outputs("discriminator", network, ("logits", "classes"))
        told = wiring.output(network, "classes")
        if told not in (None, (self.classes,)):
            raise InputError(
                f"the discriminator tells {told[-1]} classes, and classes is "
                f"{self.classes}: build it with classes={self.classes}"
            )

    # -- the networks in training ---------------------------------------------

    def shown(self, batch: dict[str, Tensor]) -> tuple[Tensor, Labels]:
        """What is real in a batch, and the labels of both sides; those of
        the fakes are drawn from this step's noise."""
        real, label = super().shown(batch)
        drawn = self.classes * self.noise.uniform(ops.shape(label)[0], ())
        return real, Labels(label, ops.cast(drawn, "int32"))

    def made_of(self, latent: Tensor, label: Labels) -> Tensor:
        return super().made_of(latent, label.fake)

    def told(
        self, items: Tensor, label: Any = None, noise: Any = None
    ) -> dict[str, Tensor]:
        """What the discriminator, which sees no label, tells on both heads."""
        return super().told(items, noise=noise)

    def logits_of(self, told: dict[str, Tensor]) -> Tensor:
        return told["logits"]

    def discriminator_objective(
        self, of_real: dict, of_fake: dict, label: Labels
    ) -> tuple[Tensor, dict[str, Tensor]]:
        loss, logs = super().discriminator_objective(of_real, of_fake)
        real, real_right = class_loss(label.real, of_real["classes"])
        fake, fake_right = class_loss(label.fake, of_fake["classes"])
        return loss + real + self.fake_class_weight * fake, {
            **logs, "real_class_loss": real, "fake_class_loss": fake,
            "real_class_accuracy": real_right,
            "fake_class_accuracy": fake_right,
        }

    def generator_objective(
        self, told: list, label: Labels
    ) -> tuple[Tensor, dict[str, Tensor]]:
        loss, logs = super().generator_objective(told)
        fake, _ = class_loss(label.fake, told[0]["classes"])
        return loss + fake, {**logs, "generator_class_loss": fake}

    # -- the class head at work -----------------------------------------------

    def predicted(self, items: Tensor) -> dict[str, Tensor]:
        """What the discriminator takes, such as float pictures in [-1, 1] ->
        {"probabilities"} of the classes."""
        found = applied(self.discriminator, items)
        return {"probabilities": ops.softmax(found["classes"])}
