"""Wasserstein GANs: weight clipping (https://arxiv.org/abs/1701.07875) and
gradient penalty (https://arxiv.org/abs/1704.00028)."""

import keras
from keras import ops

from keras_gen import losses, penalties
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.objectives.base.latent import LatentObjective
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.base.tensors import has_batch_normalization, split
from keras_gen.objectives.gan import at_least_one


@keras.saving.register_keras_serializable(package="keras_gen")
class WGAN(LatentObjective):
    """Algorithm 1 of either paper: several critic steps, then one generator
    step. Exactly one of `clip` and `gradient_penalty` is above 0.

    The clipping paper trains with RMSprop(5e-5), clip = 0.01 and 5 critic
    steps; the penalty paper with Adam(1e-4, beta_1=0, beta_2=0.9) and
    weight 10.

    Args:
        generator: latent (n, latent_dim) -> pictures in [-1, 1].
        critic: pictures -> scores (n, 1); with the gradient penalty it may
            have no batch normalization, which mixes rows.
        clip: c; every critic weight is clipped into [-c, c] after each
            update. 0 for none.
        gradient_penalty: weight of the penalty, 0 for none.
        critic_steps: updates of the critic for each of the generator's, each
            on data of its own, so a training batch is split in as many.
        seed, name: see `Objective`.

    Raises:
        InputError: both or neither of clip and gradient_penalty, or a
            gradient penalty with batch normalization in the critic.
    """

    players = {"critic": ("critic",), "generator": ("generator",)}

    def __init__(
        self, generator, critic, *, clip=0.0, gradient_penalty=0.0,
        critic_steps=5, **kwargs,
    ):
        super().__init__(**kwargs)
        if (clip > 0) == (gradient_penalty > 0):
            raise InputError(
                "WGAN keeps its critic Lipschitz by clip or by "
                f"gradient_penalty: set one above 0, got clip={clip} and "
                f"gradient_penalty={gradient_penalty}"
            )
        if gradient_penalty and has_batch_normalization(critic):
            raise InputError(
                "the gradient penalty is defined for each row alone, which "
                "batch normalization in the critic mixes: build the critic "
                "with normalization='layer' or 'none'"
            )
        self.generator = generator
        self.critic = critic
        self.clip = clip
        self.gradient_penalty = gradient_penalty
        self.critic_steps = at_least_one("critic_steps", critic_steps)
        if clip:
            for variable in critic.trainable_variables:
                variable.constraint = penalties.ClipWeights(clip)

    @property
    def updates_per_step(self):
        return self.critic_steps

    @training_step
    def train_step(self, batch):
        for real in split(batch["image"], self.critic_steps):
            logs = self.update("critic", lambda: self.critic_loss(real))
        rows = ops.shape(real)[0]
        return logs | self.update(
            "generator", lambda: self.generator_loss(rows)
        )

    def critic_loss(self, real):
        """The loss on real pictures against as many new fakes, and the
        critic's estimate of the Wasserstein distance between them."""
        rows = ops.shape(real)[0]
        fake = gradients.constant(lambda: self.fakes(rows))
        loss = losses.wasserstein_discriminator(
            self.critic(real, training=True), self.critic(fake, training=True)
        )
        logs = {"wasserstein_estimate": -loss}
        if self.gradient_penalty:
            alpha = self.noise.uniform(rows, (1, 1, 1))
            penalty = penalties.gradient_penalty(
                lambda x: self.critic(x, training=True), real, fake, alpha
            )
            loss = loss + self.gradient_penalty * penalty
            logs["penalty"] = penalty
        return loss, logs

    def generator_loss(self, rows):
        """The loss of `rows` new fakes."""
        scores = self.critic(self.fakes(rows), training=True)
        return losses.wasserstein_generator(scores)
