"""Likelihoods of variational autoencoders, in nats per picture."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from keras import ops

from keras_gen.abilities import HasLikelihood
from keras_gen.accepted import accepted, at_least
from keras_gen.backend import gradients, noise
from keras_gen.errors import InputError
from keras_gen.metrics import checks
from keras_gen.metrics.likelihood import (
    Bounds,
    binarised,
    importance_weighted,
)

if TYPE_CHECKING:
    from keras_gen.objectives.base.objective import Objective

# Pixel values that one call decodes: some 100 MB of activations in a
# convolutional decoder.
_VALUES = 2**20


class Likelihood(NamedTuple):
    """What `likelihood` found. Nats per picture.

    Attributes:
        nll: the importance-weighted bound on the mean negative log-likelihood
            with k samples; above it, and lower with larger k.
        elbo: the mean evidence lower bound, from the same samples.
        standard_error: of `nll`, over pictures.
        k, n: samples for each picture, and pictures.
        binarisation: what was done to the pixels.
    """

    nll: float
    elbo: float
    standard_error: float
    k: int
    n: int
    binarisation: str


@accepted
def likelihood(
    model: "Objective", pictures: np.ndarray, *, binarisation: str,
    k: int = 5000, seed: int = 0, progress: Callable | None = None,
) -> Likelihood:
    """ELBO and importance-weighted negative log-likelihood of a VAE.

    -log 1/k sum_j p(x, z_j) / q(z_j | x), z_j from the encoder's q: Burda et
    al. 2016, https://arxiv.org/abs/1509.00519, equation 8. Sample j of
    picture i depends on (seed, i, j) alone.

    Args:
        model: a `keras_gen.objectives.VAE`; its averaged networks score
            where it has them.
        pictures: uint8 (n, height, width, channels).
        binarisation: "threshold", white from 128; "stochastic", white with
            probability value / 255, the same in each evaluation with the
            same seed (published MNIST numbers use one of these two); or
            "grey", the values as they are: for a "gaussian" VAE a density
            over values in [-1, 1], for a "bernoulli" VAE a cross-entropy,
            not a likelihood, and no number to set beside binary ones.
        k: samples for each picture, 5,000 in publications.
        seed: of the samples and of the stochastic binarisation.
        progress: function of (decoded, all), counts of k * n decodings,
            called after each batch of them.

    Returns:
        Likelihood. Log-weights are summed in float64.

    Raises:
        InputError: a model that is not a VAE, pictures of another size, or
            a binarisation that does not go with the likelihood.
    """
    pictures = checks.pictures(pictures)
    at_least(1, k=k)
    _check(model, pictures, binarisation)
    pixels = binarised(pictures, binarisation, seed)
    bounds, elbos = bounds_of(model, pixels, k, seed, progress)
    n = len(bounds)
    error = bounds.std(ddof=1) / np.sqrt(n) if n > 1 else np.nan
    return Likelihood(
        float(-bounds.mean()), float(elbos.mean()), float(error), k, n,
        binarisation,
    )


def bounds_of(model, pixels, k, seed=0, progress=None):
    """The bounds of each picture; `likelihood` gives their means.

    Args:
        model, k, seed, progress: as of `likelihood`.
        pixels: uint8 (n, height, width, channels), as the VAE reads them.

    Returns:
        metrics.likelihood.Bounds.
    """
    log_weights = _log_weights(model.generating(), seed)
    size = max(1, _VALUES // pixels[0].size)
    # Few samples: many pictures in a batch. Many: one picture's in parts.
    at_once = max(1, size // k)
    parts = np.array_split(np.arange(k), -(-k // size))
    bounds = []
    for start in range(0, len(pixels), at_once):
        image = pixels[start:start + at_once].astype("float32") / 127.5 - 1
        rows = np.arange(start, start + len(image))
        found = []
        for draws in parts:
            weights = log_weights(*map(ops.convert_to_tensor, (
                image, rows.astype("int64"), draws.astype("int64")
            )))
            found.append(ops.convert_to_numpy(weights))
            if progress:
                done = start * k + len(image) * (draws[-1] + 1)
                progress(int(done), k * len(pixels))
        bounds.append(importance_weighted(np.concatenate(found, 1)))
    return Bounds(*map(np.concatenate, zip(*bounds)))


def _log_weights(model, seed):
    """The compiled function (image (n, h, w, c) in [-1, 1], rows (n,), draws
    (k,)) -> log p(x, z) / q(z | x), float64 (n, k)."""
    width = model.latent_dim

    def log_weights(image, rows, draws):
        n, k = ops.shape(rows)[0], ops.shape(draws)[0]
        posterior = model.encoder(image, training=False)
        mean = ops.repeat(posterior["mean"], k, axis=0)
        log_variance = ops.repeat(posterior["log_variance"], k, axis=0)
        keys = noise.fold(noise.fold(seed, rows)[:, None], draws[None])
        epsilon = noise.normal(ops.reshape(keys, (-1,)), (width,))
        latent = mean + ops.exp(0.5 * log_variance) * epsilon
        pixels = model.decoder(latent, training=False)
        # -log q(z | x)
        weights = 0.5 * (epsilon**2 + log_variance + math.log(2 * math.pi))
        weights = ops.sum(ops.cast(weights, "float64"), axis=1)
        weights = weights + ops.cast(model.log_prior(latent), "float64")
        weights = weights - _negative_log_likelihood(
            model, ops.repeat(image, k, axis=0), pixels
        )
        return ops.reshape(weights, (n, k))

    return gradients.compiled(log_weights)


def _negative_log_likelihood(model, image, pixels):
    """The model's own, whose float32 sums reach over a line of pixels only:
    lines are summed in float64. A whole picture's scatter eight times as
    much, by some 1e-7 of its nats."""
    n, height = ops.shape(image)[0], image.shape[1]
    lines = (-1, *image.shape[2:])
    nats = model.negative_log_likelihood(
        ops.reshape(image, lines), ops.reshape(pixels, lines)
    )
    nats = ops.reshape(ops.cast(nats, "float64"), (n, height))
    return ops.sum(nats, axis=1)


def _check(model, pictures, binarisation):
    HasLikelihood.require(model)
    shape = tuple(model.encoder.input_shape[1:])
    if pictures.shape[1:] != shape:
        raise InputError(
            f"the VAE takes pictures of {' x '.join(map(str, shape))}, got "
            f"{' x '.join(map(str, pictures.shape[1:]))}: resize them as in "
            "training"
        )
    if model.likelihood == "gaussian" and binarisation != "grey":
        raise InputError(
            "a gaussian VAE has a density of grey values: use "
            "binarisation='grey'"
        )
