"""SRGAN: pictures enlarged, https://arxiv.org/abs/1609.04802."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import losses, values
from keras_gen.errors import InputError
from keras_gen.losses import Tensor
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.base.perceptual import Perceptual
from keras_gen.objectives.base.translator import Translator
from keras_gen.objectives.gan import accuracy
from keras_gen.values.picture import resized, shown


@keras.saving.register_keras_serializable(package="keras_gen")
class SRGAN(Perceptual, Translator):
    """Ledig et al. 2017: the generator's loss is a content loss, of pixels,
    of the inner maps of a frozen network, or of both, and a small
    adversarial one (equation 3).

    With neither maps nor the game it is the paper's SRResNet.

    Args:
        generator: input pictures -> pictures that are larger, in [-1, 1].
        discriminator: pictures of the target's size -> logits (n, 1).
        perceptual, taps, perceptual_weight: see `Perceptual`.
        pixel_weight: of the mean square error of pixels in [-1, 1].
        adversarial: name of a pair in `keras_gen.losses`.
        adversarial_weight: the paper's 1e-3, beside a content loss of 1.
        makes, seed, name: see `Translator`.

    Raises:
        InputError: no content loss, or as of `Perceptual`.
    """

    players = {
        "discriminator": ("discriminator",),
        "generator": ("generator",),
    }
    takes = {"generator": ("input",), "discriminator": ("image",)}
    flows = (("generator", None, "discriminator", "image"),)
    feeds = {"discriminator": {"image": "target"}}
    translators = {"target": "generator"}

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model,
        perceptual: keras.Model | None = None, *, taps: Sequence[str] = (),
        pixel_weight: float = 1.0, perceptual_weight: float = 0.0,
        adversarial: str = "non_saturating", adversarial_weight: float = 1e-3,
        **kwargs,
    ):
        super().__init__(
            perceptual=perceptual, taps=taps,
            perceptual_weight=perceptual_weight, **kwargs,
        )
        if not pixel_weight and not perceptual_weight:
            raise InputError(
                "pixel_weight and perceptual_weight are both 0: nothing would "
                "tie the output to the input; set one above 0"
            )
        self.generator = generator
        self.discriminator = discriminator
        self.check_networks()
        self.pixel_weight = pixel_weight
        self.adversarial = adversarial
        self.pair = losses.adversarial(adversarial)
        self.adversarial_weight = adversarial_weight

    @property
    def types(self) -> dict[str, values.Value]:
        return {"input": self.made, "target": self.made}

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        target, fake = batch["target"], {}

        def generator_loss():
            fake["image"] = self.generator(batch["input"], training=True)
            return self.generator_loss(target, fake["image"])

        # One pass through the generator serves both players.
        logs = self.update("generator", generator_loss)
        made = ops.stop_gradient(fake["image"])
        return logs | self.update(
            "discriminator", lambda: self.discriminator_loss(target, made)
        )

    def generator_loss(
        self, target: Tensor, fake: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Content and adversarial loss of enlarged pictures."""
        logits = self.discriminator(fake, training=True)
        logs = {
            "adversarial": self.pair.generator(logits),
            "pixels": ops.mean(losses.l2(target, fake)),
        }
        loss = (
            self.pixel_weight * logs["pixels"]
            + self.adversarial_weight * logs["adversarial"]
        )
        if self.perceptual_weight:
            logs["perceptual"] = self.perceptual_loss(target, fake)
            loss = loss + self.perceptual_weight * logs["perceptual"]
        return loss, logs

    def discriminator_loss(
        self, target: Tensor, fake: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss on true pictures against enlarged ones."""
        real_logits = self.discriminator(target, training=True)
        fake_logits = self.discriminator(fake, training=True)
        loss = self.pair.discriminator(real_logits, fake_logits)
        right = accuracy(real_logits, fake_logits, self.pair.boundary)
        return loss, {"discriminator_accuracy": right}

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        return self.generator(inputs, training=training)

    def preview(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """The input enlarged by bicubic interpolation, the generator's, the
        true picture."""
        made = self.translate(batch["input"][:8], seed=seed)
        plain = resized(shown(batch["input"][:8]), made.shape[1:3])
        columns = (plain, shown(made), shown(batch["target"][:8]))
        return np.stack([p for row in zip(*columns) for p in row]), 3
