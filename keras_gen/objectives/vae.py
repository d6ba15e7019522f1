"""Variational autoencoders, https://arxiv.org/abs/1312.6114."""

import keras
import numpy as np
from keras import ops

from keras_gen import losses
from keras_gen.abilities import HasLikelihood
from keras_gen.errors import InputError
from keras_gen.layers.folded import applied
from keras_gen.losses import Tensor
from keras_gen.objectives.autoencoder import Reconstructs
from keras_gen.objectives.base import wiring
from keras_gen.objectives.base.latent import LatentObjective
from keras_gen.objectives.base.objective import training_step


@keras.saving.register_keras_serializable(package="keras_gen")
class VAE(HasLikelihood, Reconstructs, LatentObjective):
    """Maximises the evidence lower bound (Kingma and Welling 2013, eq. 10),
    with the weight beta of https://openreview.net/forum?id=Sy2fzU9gl on KL.

    Losses are nats per picture. `elbo` is logged with beta = 1, whatever
    the weight in training.

    Args:
        encoder: pictures -> {"mean", "log_variance"}, each (n, latent_dim).
        decoder: latent -> pixels (n, h, w, c): logits of a white pixel
            ("bernoulli") or the mean of the picture in [-1, 1] ("gaussian").
        likelihood: "bernoulli" or "gaussian".
        sigma: the Gaussian's standard deviation, in units of [-1, 1].
        beta: weight of the KL term.
        binarisation: what a "bernoulli" VAE is trained on: "grey" values as
            they are, a cross-entropy but no likelihood; black and white by
            "threshold", white from 128; or "stochastic", white with the
            probability of the grey value, drawn anew in each step
            (Salakhutdinov and Murray 2008, ICML).
        seed, name: see `Objective`.
    """

    players = {"vae": ("encoder", "decoder")}
    protocols = ("samples", "truncation", "reconstruction", "likelihood")
    takes = {"encoder": ("image",), "decoder": ("latent",)}
    flows = (
        ("encoder", "mean", "decoder", "latent"),
        ("encoder", "log_variance", "decoder", "latent"),
        ("decoder", None, "encoder", "image"),
    )
    against_collapse = "a smaller beta, or a lower learning rate"

    def __init__(
        self, encoder: keras.Model, decoder: keras.Model, *,
        likelihood: str = "bernoulli", sigma: float = 1.0, beta: float = 1.0,
        binarisation: str = "grey", **kwargs,
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
        self.check_networks()
        self.likelihood = likelihood
        self.sigma = sigma
        self.beta = beta
        self.binarisation = binarisation

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
        return reconstruction + self.beta * kl, {
            "reconstruction": reconstruction,
            "kl": kl,
            "elbo": -reconstruction - kl,
        }

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
        pixels = applied(self.decoder, latent, training)
        if self.likelihood == "bernoulli":
            return 2.0 * ops.sigmoid(pixels) - 1.0
        return ops.clip(pixels, -1.0, 1.0)

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
