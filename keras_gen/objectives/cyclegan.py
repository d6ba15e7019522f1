"""CycleGAN: translation without pairs, https://arxiv.org/abs/1703.10593."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gen import losses, values
from keras_gen.layers.image_pool import ImagePool
from keras_gen.losses import Tensor
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.base.tensors import passes
from keras_gen.objectives.base.translator import Translator, side_by_side
from keras_gen.objectives.gan import accuracy


@keras.saving.register_keras_serializable(package="keras_gen")
class CycleGAN(Translator):
    """Zhu et al. 2017: two generators that must undo each other.

    Args:
        generator_ab, generator_ba: pictures of one domain -> the other's.
        discriminator_a, discriminator_b: pictures -> patch logits.
        image_shape: (height, width, channels) of the training pictures.
        adversarial: name of a pair in `keras_gen.losses`.
        adversarial_weight: factor of the generators' adversarial loss; 2
            undoes the 1/2 of least squares, which the paper leaves out here.
        cycle_weight: the paper's lambda.
        identity_weight: weight of |G(b) - b|; 0.5 lambda in the paper's
            section 5.2, where it keeps colours. 0 for none.
        pool_size: how many earlier fakes the discriminators are shown from.
        seed, name: see `Objective`.
    """

    players = {
        "generators": ("generator_ab", "generator_ba"),
        "discriminators": ("discriminator_a", "discriminator_b"),
    }
    types = {"a": values.Picture(), "b": values.Picture()}
    feeds = {
        "generator_ab": {"input": "a"}, "generator_ba": {"input": "b"},
        "discriminator_a": {"image": "a"}, "discriminator_b": {"image": "b"},
    }
    takes = {
        "generator_ab": ("input",), "generator_ba": ("input",),
        "discriminator_a": ("image",), "discriminator_b": ("image",),
    }
    flows = (
        ("generator_ab", None, "discriminator_b", "image"),
        ("generator_ba", None, "discriminator_a", "image"),
        ("generator_ab", None, "generator_ba", "input"),
        ("generator_ba", None, "generator_ab", "input"),
    )
    translators = {"b": "generator_ab", "a": "generator_ba"}

    def __init__(
        self, generator_ab: keras.Model, generator_ba: keras.Model,
        discriminator_a: keras.Model, discriminator_b: keras.Model, *,
        image_shape: Sequence[int], adversarial: str = "least_squares",
        adversarial_weight: float = 2.0, cycle_weight: float = 10.0,
        identity_weight: float = 5.0, pool_size: int = 50, **kwargs,
    ):
        super().__init__(**kwargs)
        self.generator_ab = generator_ab
        self.generator_ba = generator_ba
        self.discriminator_a = discriminator_a
        self.discriminator_b = discriminator_b
        self.check_networks()
        self.image_shape = tuple(image_shape)
        self.adversarial = adversarial
        self.pair = losses.adversarial(adversarial)
        self.adversarial_weight = adversarial_weight
        self.cycle_weight = cycle_weight
        self.identity_weight = identity_weight
        self.pool_size = pool_size
        self.pool_a = ImagePool(pool_size, self.image_shape)
        self.pool_b = ImagePool(pool_size, self.image_shape)

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        a, b, fake = batch["a"], batch["b"], {}

        def generators_loss():
            fake["b"], same_b = self.with_identity(self.generator_ab, a, b)
            fake["a"], same_a = self.with_identity(self.generator_ba, b, a)
            return self.generators_loss(
                a, b, fake["a"], fake["b"], same_a, same_b
            )

        logs = self.update("generators", generators_loss)
        old_a = self.from_pool(self.pool_a, fake["a"])
        old_b = self.from_pool(self.pool_b, fake["b"])
        return logs | self.update(
            "discriminators",
            lambda: self.discriminators_loss(a, b, old_a, old_b),
        )

    def with_identity(
        self, generator: keras.Model, source: Tensor, target: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """What the generator makes of its own domain and, for the identity
        loss, of the other, in one pass where it can be."""
        if not self.identity_weight:
            return generator(source, training=True), None
        return passes(generator, source, target)

    def generators_loss(
        self, a: Tensor, b: Tensor, fake_a: Tensor, fake_b: Tensor,
        same_a: Tensor | None, same_b: Tensor | None,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Equation 3, both directions, and the identity loss."""
        adversarial = self.pair.generator(
            self.discriminator_b(fake_b, training=True)
        ) + self.pair.generator(self.discriminator_a(fake_a, training=True))
        cycle = _l1(a, self.generator_ba(fake_b, training=True)) + _l1(
            b, self.generator_ab(fake_a, training=True)
        )
        loss = self.adversarial_weight * adversarial
        loss = loss + self.cycle_weight * cycle
        logs = {"adversarial": adversarial, "cycle": cycle}
        if self.identity_weight:
            identity = _l1(b, same_b) + _l1(a, same_a)
            loss = loss + self.identity_weight * identity
            logs["identity"] = identity
        return loss, logs

    def discriminators_loss(
        self, a: Tensor, b: Tensor, fake_a: Tensor, fake_b: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Both discriminators on real pictures against fakes of the pool."""
        loss, right = 0.0, 0.0
        for network, real, fake in [
            (self.discriminator_a, a, fake_a),
            (self.discriminator_b, b, fake_b),
        ]:
            real_logits, fake_logits = passes(network, real, fake)
            loss = loss + self.pair.discriminator(real_logits, fake_logits)
            right = right + 0.5 * accuracy(
                real_logits, fake_logits, self.pair.boundary
            )
        return loss, {"discriminator_accuracy": right}

    def from_pool(self, pool: ImagePool, fake: Tensor) -> Tensor:
        """Some earlier fakes, some of these, which take their place."""
        fake = ops.stop_gradient(fake)
        if not self._current_step().moving:
            return fake
        return pool.exchange(fake, self.noise)

    def item_shapes(self) -> dict[str, tuple]:
        # The pools hold pictures of one size.
        return {"a": self.image_shape, "b": self.image_shape}

    def call(self, inputs: Any, training: bool = False) -> Tensor:
        return self.generator_ab(inputs, training=training)

    def preview(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """a, a to b, a to b to a; b, b to a, b to a to b."""
        a, b = batch["a"][:8], batch["b"][:8]
        fake_b, fake_a = self.translate(a, to="b"), self.translate(b, to="a")
        return side_by_side(
            a, fake_b, self.translate(fake_b, to="a"),
            b, fake_a, self.translate(fake_a, to="b"),
        )


def _l1(target, prediction):
    return ops.mean(losses.l1(target, prediction))
