"""pix2pix: translation learnt from pairs, https://arxiv.org/abs/1611.07004.

With a judge of several scales and what its inner maps tell it trains what
came after: pix2pixHD (1711.11585) and SPADE (1903.07291).
"""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import losses, seeds, values
from keras_gen.errors import InputError
from keras_gen.losses import Tensor
from keras_gen.networks import taps as tapped
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.base.perceptual import Perceptual
from keras_gen.objectives.base.tensors import mixes_rows, over_scales
from keras_gen.objectives.base.translator import Translator, side_by_side
from keras_gen.objectives.gan import accuracy


@keras.saving.register_keras_serializable(package="keras_gen")
class Pix2Pix(Perceptual, Translator):
    """Isola et al. 2017: a conditional GAN on pictures plus L1 (eq. 4), and
    pix2pixHD's feature and perceptual losses where they are asked for.

    Of a discriminator with several scales its loss, and what is told of it,
    are means over them, as SPADE's.

    Args:
        generator: input pictures -> target pictures, in [-1, 1]; its dropout
            is the model's only noise.
        discriminator: {"input", "image"} -> patch logits (n, h, w, 1), or a
            dict of such, as of `keras_gen.networks.patchgan.multiscale`.
        perceptual, taps, perceptual_weight: see `Perceptual`.
        adversarial: name of a pair in `keras_gen.losses`.
        l1_weight: the paper's lambda; 0 leaves L1 out of the loss.
        feature_matching: weight of the L1 between what the discriminator's
            inner maps are for the target and for the translation; 0 leaves it
            out, pix2pixHD's is 10, https://arxiv.org/abs/1711.11585, equation
            5. It costs one more pass of the discriminator forwards; see
            `keras_gen.losses.feature_matching`.
        feature_taps: names of the discriminator's layers whose maps these
            are, as many of each scale; by default all that are called
            `maps_...`, as those of `patchgan`.
        discriminator_weight: factor of the discriminator's loss; the paper
            halves it to slow the discriminator down.
        dropout_at_test: keep dropout, and a latent of `layers.NoiseMap`, on
            when translating, as the paper does, so that the seed matters; the
            network must then have no batch
            normalization, whose result would depend on the batch.
        makes, seed, name: see `Translator`.

    Raises:
        InputError: `dropout_at_test` with batch normalization, taps without
            a weight, layers that the discriminator does not have, or as of
            `Perceptual`.
    """

    players = {
        "discriminator": ("discriminator",),
        "generator": ("generator",),
    }
    takes = {"generator": ("input",), "discriminator": ("input", "image")}
    flows = (("generator", None, "discriminator", "image"),)
    feeds = {"discriminator": {"image": "target"}}
    translators = {"target": "generator"}
    protocols = ("translation", "segmentation")

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model,
        perceptual: keras.Model | None = None, *,
        adversarial: str = "non_saturating", l1_weight: float = 100.0,
        feature_matching: float = 0.0, feature_taps: Sequence[str] = (),
        discriminator_weight: float = 0.5, dropout_at_test: bool = False,
        **kwargs,
    ):
        super().__init__(perceptual=perceptual, **kwargs)
        if dropout_at_test and mixes_rows(generator):
            raise InputError(
                "dropout_at_test needs a generator whose rows do not depend "
                "on each other: build it with normalization='instance', the "
                "same thing as the paper's batches of 1"
            )
        self.generator = generator
        self.discriminator = discriminator
        self.check_networks()
        self.adversarial = adversarial
        self.pair = losses.adversarial(adversarial)
        self.l1_weight = l1_weight
        self.feature_matching = feature_matching
        self.feature_taps = list(feature_taps)
        if self.feature_taps and not feature_matching:
            raise InputError(
                "feature_taps are what feature_matching compares: set it "
                "above 0, or leave them out"
            )
        if feature_matching:
            names = self.feature_taps or tapped.names_of_maps(discriminator)
            seen = tapped.taps(discriminator, names, beside=True)
            # In a function, for Keras saves every model among the attributes.
            self._seen = lambda pair: seen(pair, training=True)
        self.discriminator_weight = discriminator_weight
        self.dropout_at_test = dropout_at_test

    @property
    def types(self) -> dict[str, values.Value]:
        return {"input": self.made, "target": self.made}

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        fake = {}

        def generator_loss():
            fake["image"] = self.generator(batch["input"], training=True)
            return self.generator_loss(**batch, fake=fake["image"])

        # One pass through the generator serves both players.
        logs = self.update("generator", generator_loss)
        fake = ops.stop_gradient(fake["image"])
        return logs | self.update(
            "discriminator", lambda: self.discriminator_loss(**batch, fake=fake)
        )

    def generator_loss(
        self, input: Tensor, target: Tensor, fake: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Adversarial loss plus weighted L1 of the translated pictures and,
        where they have a weight, of what the discriminator sees in them and
        what the frozen network does."""
        weighted = {"l1": (self.l1_weight, ops.mean(losses.l1(target, fake)))}
        if self.feature_matching:
            _, right = self._seen({"input": input, "image": target})
            logits, made = self._seen({"input": input, "image": fake})
            weighted["feature_matching"] = self.feature_matching, ops.mean(
                losses.feature_matching([*right.values()], [*made.values()])
            )
        else:
            logits = self._logits(input, fake)
        if self.perceptual_weight:
            weighted["perceptual"] = (
                self.perceptual_weight, self.perceptual_loss(target, fake)
            )
        adversarial = over_scales(self.pair.generator, logits)
        loss = adversarial + sum(w * value for w, value in weighted.values())
        told = {name: value for name, (_, value) in weighted.items()}
        return loss, {"adversarial": adversarial, **told}

    def discriminator_loss(
        self, input: Tensor, target: Tensor, fake: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss on true pairs against (input, translation)."""
        real_logits = self._logits(input, target)
        fake_logits = self._logits(input, fake)
        logits = real_logits, fake_logits
        loss = over_scales(self.pair.discriminator, *logits)
        right = over_scales(
            lambda *of_scale: accuracy(*of_scale, self.pair.boundary), *logits
        )
        return self.discriminator_weight * loss, {
            "discriminator_accuracy": right
        }

    def _logits(self, input, image):
        return self.discriminator(
            {"input": input, "image": image}, training=True
        )

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        return self.generator(inputs, training=training)

    def _condition(self, numbers, condition):
        pictures = condition.pop("input", ())
        super()._condition(numbers, condition)
        given = np.shape(pictures)[:1]
        if given != numbers.shape:
            raise InputError(
                "pix2pix generates from pictures: pass input=, "
                f"{len(numbers)} uint8 pictures (n, height, width, channels); "
                f"got {given[0] if given else pictures!r}"
            )
        return pictures

    def generate(
        self, n: int, *, seed: int | None = None,
        precision: str | None = None, **condition
    ) -> np.ndarray:
        """`n` translations of the pictures given as `input`; see
        `translate`."""
        seed = seed or 0
        pictures = self._condition(seeds.numbered(seed, n), condition)
        return self.translate(pictures, seed=seed, precision=precision)

    def preview(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """Input, translation, target."""
        fake = self.translate(batch["input"][:8], seed=seed)
        return side_by_side(batch["input"], fake, batch["target"])
