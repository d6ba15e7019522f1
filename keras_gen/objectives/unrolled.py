"""Unrolled GANs, https://arxiv.org/abs/1611.02163."""

from typing import Any

import keras

from keras_gen.accepted import at_least
from keras_gen.backend import gradients, replication
from keras_gen.errors import InputError
from keras_gen.layers.walk import every_layer
from keras_gen.losses import Tensor
from keras_gen.objectives.base import imagined
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.base.tensors import split
from keras_gen.objectives.gan import GAN


@keras.saving.register_keras_serializable(package="keras_gen")
class UnrolledGAN(GAN):
    """Metz et al. 2017: the generator is judged by what the discriminator
    would be after some more steps of its own, and its gradient goes through
    these steps, too. To make one item again and again does not pay: the
    discriminator would have learnt it by then.

    With adversarial="saturating" that is the paper's equation 5: the
    generator maximises all that the discriminator minimises, what that
    would come to tell of real items included. The other pairs' generators
    have losses of their own.

    Both players move from where the last step left them (equations 9 and 10
    of the paper): the generator first, against the discriminator's
    `unrolled_steps` imagined steps, then the discriminator by one of its
    own, on the fakes that the generator was judged by.

    Args:
        generator: latent (n, latent_dim), or {"latent", "label"}, -> pictures
            in [-1, 1], or what else it `makes`.
        discriminator: these, or {"image", "label"}, -> logits (n, 1); without
            batch normalization, whose averages the imagined steps would move.
            Its gradient is differentiated again: tanh is smooth, and with
            (leaky) ReLUs it jumps.
        unrolled_steps: K, imagined steps of the discriminator, at least 0; 0
            is the GAN's own game. The paper takes 5 to 10. A step's time
            grows with it.
        **kwargs: as of `GAN`, without the discriminator's terms `r1_weight`
            and `penalties`: the imagined steps are on the game's loss alone.

    Raises:
        InputError: batch normalization in the discriminator or a term of its
            loss; when compiled, with several replicas, or a discriminator's
            optimizer other than Adam and SGD.
    """

    def __init__(
        self, generator: keras.Model, discriminator: keras.Model, *,
        unrolled_steps: int = 10, **kwargs,
    ):
        super().__init__(generator, discriminator, **kwargs)
        at_least(0, unrolled_steps=unrolled_steps)
        self.unrolled_steps = unrolled_steps
        if any(
            isinstance(layer, keras.layers.BatchNormalization)
            for layer in every_layer(discriminator)
        ):
            raise InputError(
                "unrolling imagines steps of the discriminator, and batch "
                "normalization would keep averages of them: build the "
                "discriminator with normalization='layer' or 'none'"
            )
        terms = [type(term).__name__ for term in self.all_penalties()]
        if terms:
            raise InputError(
                "the steps that unrolling imagines are on the game's loss "
                f"alone, without {', '.join(terms)}: leave r1_weight and "
                "penalties out"
            )

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """As of any objective, on one replica and with Adam or SGD for the
        discriminator, whose steps are to be imagined.

        Args:
            *args, **kwargs: `optimizers`, `jit_compile`, `auto_scale_loss`,
                `run_eagerly`, `steps_per_execution`.

        Raises:
            InputError: as of any objective; several replicas, or another
                optimizer.
        """
        if replication.replicas() > 1:
            raise InputError(
                "unrolling imagines steps on all rows of a batch, of which "
                "each of several replicas has some: train on one device"
            )
        super().compile(*args, **kwargs)
        imagined.check("discriminator", self.optimizers["discriminator"])

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        *earlier, last = split(batch, self.discriminator_steps)
        for part in earlier:
            self.update(
                "discriminator",
                lambda: self.discriminator_loss(*self.shown(part)),
            )
        real, label = self.shown(last)
        first = begun = self.ahead(
            "generator", lambda: self.fakes(real, label)
        )
        for _ in range(self.generator_steps):
            logs = self.update(
                "generator", lambda: self.generator_loss(real, label, begun),
                begun,
            )
            begun = None
        return logs | self.update(
            "discriminator",
            lambda: self.discriminator_loss(real, label, first),
        )

    def told_to_generator(
        self, real: Tensor, fake: Tensor, label: Any = None
    ) -> list:
        """What the discriminator would tell after its imagined steps."""
        optimizer = self.optimizers.get("discriminator")
        # A discriminator that waits is not expected to learn.
        learns = optimizer and self.moves("discriminator")
        if not (learns and self.unrolled_steps):
            return super().told_to_generator(real, fake, label)
        variables = self.variables_of("discriminator")
        values = gradients.unrolled(
            lambda: self._game(real, fake, label), variables,
            self.unrolled_steps,
            imagined.Imagined(optimizer, variables).move,
        )
        # What it tells of real items is the generator's doing, too.
        both = self.pair.of_pairs or self.adversarial == "saturating"
        with gradients.standing_in(variables, values):
            return [
                self.told(side, label)
                for side in ([fake, real] if both else [fake])
            ]

    def generator_objective(
        self, told: list, label: Any = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """(loss, logs) of what `told_to_generator` returns."""
        if self.adversarial == "saturating" and len(told) == 2:
            of_fake, of_real = map(self.logits_of, told)
            return -self.game_loss(of_real, of_fake), {}
        return super().generator_objective(told, label)

    def _game(self, real, fake, label):
        loss, _ = self.discriminator_objective(
            self.told(real, label), self.told(fake, label), label
        )
        return loss
