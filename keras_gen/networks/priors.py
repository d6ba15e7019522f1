"""Distributions of latents other than N(0, I), as networks that make them of
numbers of known distributions, so that a seed still gives a latent."""

import keras
import numpy as np

from keras_gen.layers.mixture import Mixture
from keras_gen.metrics.mixture import GaussianMixture
from keras_gen.networks import sizes


def mixture(latent_dim: int, components: int = 10) -> keras.Model:
    """A mixture of Gaussians with full covariances; see
    `keras_gen.layers.Mixture`. N(0, I) until a mixture is fitted: a
    `keras_gen.objectives.VAE` does that after its last step.

    Paper: Ghosh et al., "From Variational to Deterministic Autoencoders",
    1903.12436, section 4, "ex-post density estimation".

    Input: {"latent": (n, latent_dim) of N(0, I), "choice": (n,) uniform in
    (0, 1)}.
    Output: (n, latent_dim).

    Args:
        latent_dim: length of a latent vector.
        components: how many Gaussians; the paper has 10.

    Raises:
        InputError: if an argument is out of its range.
    """
    sizes.check_positive(latent_dim=latent_dim, components=components)
    inputs = {
        "latent": keras.Input((latent_dim,), name="latent"),
        "choice": keras.Input((), name="choice"),
    }
    layer = Mixture(components, name="mixture")
    return keras.Model(inputs, layer(*inputs.values()), name="prior")


def fit(prior: keras.Model, codes: np.ndarray, seed: int = 0) -> None:
    """Gives a `mixture` the components that make codes likeliest, found by
    `keras_gen.metrics.mixture.GaussianMixture.fit`.

    Args:
        prior: of `mixture`.
        codes: float (n, latent_dim), n at least the number of components.
        seed: of the fit's start.

    Raises:
        InputError: too few codes, or of another length.
    """
    layer = prior.get_layer("mixture")
    found = GaussianMixture.fit(codes, layer.components, seed)
    layer.assign(found.weights, found.means, found.covariances)
