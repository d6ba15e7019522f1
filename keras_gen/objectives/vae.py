"""Variational autoencoders, https://arxiv.org/abs/1312.6114."""

import math
from collections.abc import Iterable

import keras
import numpy as np
from keras import ops

from keras_gen import losses, seeds
from keras_gen.abilities import HasLikelihood
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.layers.folded import applied
from keras_gen.losses import Tensor
from keras_gen.networks import priors
from keras_gen.objectives.autoencoder import Reconstructs
from keras_gen.objectives.base import wiring
from keras_gen.objectives.base.latent import LatentObjective
from keras_gen.objectives.base.objective import training_step
from keras_gen.objectives.base.perceptual import Perceptual


@keras.saving.register_keras_serializable(package="keras_gen")
class VAE(HasLikelihood, Reconstructs, Perceptual, LatentObjective):
    """Maximises the evidence lower bound (Kingma and Welling 2013, eq. 10),
    with the weight beta of https://openreview.net/forum?id=Sy2fzU9gl on KL.

    Losses are nats per picture. `elbo` is logged with beta = 1, whatever
    the weight in training.

    Args:
        encoder: pictures -> {"mean", "log_variance"}, each (n, latent_dim).
        decoder: latent -> pixels (n, h, w, c): logits of a white pixel
            ("bernoulli") or the mean of the picture in [-1, 1] ("gaussian").
        prior: what latents are drawn from once it is trained, such as
            `networks.priors.mixture`, which is fitted to the latents of the
            training data after the last step (Ghosh et al., 1903.12436):
            see `fit_prior`. Training is by N(0, I) all the same, which is
            also what is drawn without a prior, and before it is fitted.
        likelihood: "bernoulli" or "gaussian".
        sigma: the Gaussian's standard deviation, in units of [-1, 1].
        beta: weight of the KL term.
        binarisation: what a "bernoulli" VAE is trained on: "grey" values as
            they are, a cross-entropy but no likelihood; black and white by
            "threshold", white from 128; or "stochastic", white with the
            probability of the grey value, drawn anew in each step
            (Salakhutdinov and Murray 2008, ICML).
        perceptual, taps, perceptual_weight: see `Perceptual`; the weight is
            nats, beside the likelihood's, per unit of the loss.
        seed, name: see `Objective`.
    """

    protocols = ("samples", "truncation", "reconstruction", "likelihood")
    takes = {
        "encoder": ("image",), "decoder": ("latent",),
        "prior": ("latent", "choice"),
    }
    against_collapse = "a smaller beta, or a lower learning rate"

    def __init__(
        self, encoder: keras.Model, decoder: keras.Model,
        prior: keras.Model | None = None, *, likelihood: str = "bernoulli",
        sigma: float = 1.0, beta: float = 1.0, binarisation: str = "grey",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if likelihood not in ("bernoulli", "gaussian"):
            raise InputError(
                "likelihood must be 'bernoulli' or 'gaussian', got "
                f"{likelihood!r}"
            )
        if sigma <= 0 or beta < 0:
            raise InputError(
                f"sigma must be above 0 and beta at least 0, got {sigma} "
                f"and {beta}"
            )
        if binarisation not in ("grey", "threshold", "stochastic") or (
            binarisation != "grey" and likelihood != "bernoulli"
        ):
            raise InputError(
                "binarisation must be 'grey', 'threshold' or 'stochastic', "
                f"the last two for 'bernoulli'; got {binarisation!r} for "
                f"{likelihood!r}"
            )
        self.encoder = encoder
        self.decoder = decoder
        self.prior = prior
        self.check_networks()
        self.likelihood = likelihood
        self.sigma = sigma
        self.beta = beta
        self.binarisation = binarisation

    @property
    def fitted(self) -> tuple[str, ...]:
        return () if self.prior is None else ("prior",)

    @property
    def players(self) -> dict[str, tuple[str, ...]]:
        return {"vae": ("encoder", "decoder", *self.fitted)}

    @property
    def flows(self) -> tuple:
        return (
            ("encoder", "mean", "decoder", "latent"),
            ("encoder", "log_variance", "decoder", "latent"),
            ("decoder", None, "encoder", "image"),
            *((name, None, "decoder", "latent") for name in self.fitted),
        )

    def check_networks(self) -> None:
        super().check_networks()
        wiring.check_outputs(
            "encoder", self.encoder, ("mean", "log_variance")
        )

    @property
    def latent_dim(self) -> int:
        return self.code_size

    @training_step
    def train_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return self.update("vae", lambda: self.vae_loss(batch["image"]))

    def vae_loss(self, image: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """The beta-weighted negative ELBO, one latent for each picture."""
        image = self.binarised(image)
        posterior = self.encoder(image, training=True)
        mean, log_variance = posterior["mean"], posterior["log_variance"]
        epsilon = self.noise.normal(ops.shape(mean)[0], (self.latent_dim,))
        latent = mean + ops.exp(0.5 * log_variance) * epsilon
        pixels = self.decoder(latent, training=True)
        reconstruction = ops.mean(self.negative_log_likelihood(image, pixels))
        kl = ops.mean(losses.kl_standard_normal(mean, log_variance))
        loss = reconstruction + self.beta * kl
        logs = {
            "reconstruction": reconstruction,
            "kl": kl,
            "elbo": -reconstruction - kl,
        }
        if self.perceptual_weight:
            shown = self.expected(pixels)
            logs["perceptual"] = self.perceptual_loss(image, shown)
            loss = loss + self.perceptual_weight * logs["perceptual"]
        return loss, logs

    def binarised(self, image: Tensor) -> Tensor:
        """Pictures in [-1, 1] as the model is trained on them."""
        if self.binarisation == "grey":
            return image
        bound = 0.0
        if self.binarisation == "stochastic":
            rows, *shape = ops.shape(image)
            bound = 2.0 * self.noise.uniform(rows, tuple(shape)) - 1.0
        return ops.where(image > bound, 1.0, -1.0)

    def negative_log_likelihood(self, image: Tensor, pixels: Tensor) -> Tensor:
        """-log p(image | decoder's output), nats, shape (n,)."""
        if self.likelihood == "bernoulli":
            return losses.bernoulli((image + 1.0) / 2.0, pixels)
        return losses.gaussian(image, pixels, self.sigma)

    def decode(self, latent: Tensor, training: bool = False) -> Tensor:
        """Latents -> the expected picture, in [-1, 1]."""
        return self.expected(applied(self.decoder, latent, training))

    def expected(self, pixels: Tensor) -> Tensor:
        """What the decoder gives -> the expected picture, in [-1, 1]."""
        if self.likelihood == "bernoulli":
            return 2.0 * ops.sigmoid(pixels) - 1.0
        return ops.clip(pixels, -1.0, 1.0)

    def latents(
        self, seeds: Tensor, truncation: Tensor | None = None
    ) -> Tensor:
        """Latents (n, latent_dim) of the prior, row i from seed i; without
        one standard normal.

        Args:
            seeds, truncation: as of `LatentObjective.latents`; a prior makes
                its latents of truncated ones, so that a mixture's come from
                the middle of each component.
        """
        normal = super().latents(seeds, truncation)
        if self.prior is None:
            return normal
        choice = noise.uniform(noise.fold(1, seeds), ())
        return applied(self.prior, {"latent": normal, "choice": choice})

    def fit_prior(self, pictures: np.ndarray) -> None:
        """Fits the prior to latents of pictures, one drawn from each one's
        posterior: the prior under which the evidence lower bound is highest
        is the one that makes them likeliest. The same pictures in the same
        order give the same prior.

        Args:
            pictures: as of `encode`, those that it was trained on: many more
                than the prior has components.

        Raises:
            InputError: there is no prior, too few pictures, or others than
                `encode` takes.
        """
        if self.prior is None:
            raise InputError(
                f"{self.name} has no prior to fit: build it with one, such "
                "as networks.priors.mixture(latent_dim)"
            )
        self.conclude([{"image": pictures}])

    def conclude(self, batches: Iterable[dict[str, np.ndarray]]) -> None:
        if self.prior is None:
            return
        found = [self._in_batches("_posterior", b["image"]) for b in batches]
        mean, deviation = np.split(np.concatenate(found), 2, axis=1)
        epsilon = seeds.generator(self.seed).normal(size=mean.shape)
        priors.fit(self.prior, mean + deviation * epsilon, self.seed)

    def _posterior(self, image):
        """Means and deviations side by side, (n, 2 latent_dim)."""
        found = applied(self.encoder, image)
        deviation = ops.exp(0.5 * found["log_variance"])
        return ops.concatenate([found["mean"], deviation], axis=1)

    def log_prior(self, latent: Tensor) -> Tensor:
        """log p(latent), nats (n,), of what `latents` draws."""
        if self.prior is not None:
            return self.prior.get_layer("mixture").log_density(latent)
        constant = 0.5 * self.latent_dim * math.log(2 * math.pi)
        return -0.5 * ops.sum(latent**2, axis=1) - constant

    def code(self, image: Tensor) -> Tensor:
        return applied(self.encoder, image)["mean"]

    def preview(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        """Pictures with their reconstructions below, then samples."""
        pictures, columns = super().preview(batch, seed)
        samples, _ = self.made.sheet(self.generate(32, seed=seed))
        return np.concatenate([pictures[:32], samples]), columns

    def exhibit(
        self, batch: dict[str, np.ndarray], seed: int = 0
    ) -> tuple[np.ndarray, int]:
        return self.made.sheet(self.generate(64, seed=seed), 8)

    def signatures(self) -> dict[str, tuple]:
        return LatentObjective.signatures(self) | self.code_signatures()
