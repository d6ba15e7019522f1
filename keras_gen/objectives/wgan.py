"""Wasserstein GANs: weight clipping (https://arxiv.org/abs/1701.07875) and
gradient penalty (https://arxiv.org/abs/1704.00028)."""

import keras

from keras_gen import losses, penalties
from keras_gen.accepted import at_least
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.losses import Tensor
from keras_gen.objectives.base.game import Game
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.base.tensors import split
from keras_gen.terms import Term


@keras.saving.register_keras_serializable(package="keras_gen")
class WGAN(Game):
    """Algorithm 1 of either paper: several critic steps, then one generator
    step. Exactly one of `clip` and `gradient_penalty` is above 0.

    The clipping paper trains with RMSprop(5e-5), clip = 0.01 and 5 critic
    steps; the penalty paper with Adam(1e-4, beta_1=0, beta_2=0.9) and
    weight 10.

    Args:
        generator: latent (n, latent_dim), or {"latent", "label"}, -> pictures
            in [-1, 1], or what else it `makes`.
        critic: these, or {"image", "label"}, -> scores (n, 1); with the
            gradient penalty it may have no layer that mixes rows, such as
            batch normalization.
        clip: c; every critic weight is clipped into [-c, c] after each
            update. 0 for none.
        gradient_penalty: weight of the penalty, 0 for none.
        critic_steps: updates of the critic for each of the generator's, each
            on data of its own, so a training batch is split in as many.
        classes, class_names, generator_steps, penalties, generator_terms:
            see `Game`.
        augment, dequantise, instance_noise, makes, seed, name: see `Game`.

    Raises:
        InputError: both or neither of clip and gradient_penalty, or a
            gradient penalty with batch normalization in the critic.
    """

    players = {"critic": ("critic",), "generator": ("generator",)}
    judge = "critic"

    def __init__(
        self, generator: keras.Model, critic: keras.Model, *, clip: float = 0.0,
        gradient_penalty: float = 0.0, critic_steps: int = 5, **kwargs,
    ):
        super().__init__(**kwargs)
        if (clip > 0) == (gradient_penalty > 0):
            raise InputError(
                "WGAN keeps its critic Lipschitz by clip or by "
                f"gradient_penalty: set one above 0, got clip={clip} and "
                f"gradient_penalty={gradient_penalty}"
            )
        self.generator = generator
        self.critic = critic
        self.check_networks()
        self.clip = clip
        self.gradient_penalty = gradient_penalty
        at_least(1, critic_steps=critic_steps)
        self.critic_steps = critic_steps
        self.check_judge()
        if clip:
            for variable in critic.trainable_variables:
                variable.constraint = penalties.ClipWeights(clip)

    @property
    def updates_per_step(self) -> int:
        return self.critic_steps

    def all_penalties(self) -> list[Term]:
        weight = self.gradient_penalty
        slope = [penalties.GradientPenalty(weight)] if weight else []
        return [*slope, *self.penalties]

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        *earlier, last = split(batch, self.critic_steps)
        for part in earlier:
            self.update(
                "critic", lambda: self.critic_loss(*self.shown(part))
            )
        real, label = self.shown(last)
        begun = self.ahead("generator", lambda: self.fakes(real, label))
        logs = self.update(
            "critic", lambda: self.critic_loss(real, label, begun)
        )
        for _ in range(self.generator_steps):
            logs = logs | self.update(
                "generator", lambda: self.generator_loss(real, label, begun),
                begun,
            )
            begun = None
        return logs

    def critic_loss(
        self, real: Tensor, label: Tensor = None,
        begun: gradients.Ahead | None = None,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss on real items against as many fakes of their labels, new
        ones or those of `begun`, and the critic's estimate of the Wasserstein
        distance between them."""
        fake, real_scores, fake_scores = self.against_fakes(
            real, label, begun
        )
        loss = losses.wasserstein_discriminator(real_scores, fake_scores)
        logs = {"wasserstein_estimate": -loss}
        return self.with_penalties(
            loss, logs, real, fake, label, (real_scores, fake_scores)
        )

    def generator_loss(
        self, real: Tensor, label: Tensor = None,
        begun: gradients.Ahead | None = None,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of as many fakes as there are real items, of their labels,
        new ones or those of `begun`."""
        latent, fake = begun.made if begun else self.fakes(real, label)
        loss = losses.wasserstein_generator(self.judged(fake, label))
        return self.with_terms(
            self.generator_terms, self.generator, loss, {},
            fake=fake, latent=latent, label=label,
        )
