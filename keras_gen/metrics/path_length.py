"""Perceptual path length (Karras et al. 2019,
https://arxiv.org/abs/1812.04948)."""

from typing import NamedTuple

import numpy as np

from keras_gen.errors import InputError
from keras_gen.interpolation import between
from keras_gen.metrics import checks

# Latents that go through the networks together.
_BATCH = 64


class PathLength(NamedTuple):
    """The mean over paths and their standard deviation."""

    value: float
    spread: float


def path_length(
    model, features, n=10_000, *, epsilon=1e-4, interpolation="spherical",
    label=None, seed=0,
):
    """How fast pictures change along the path between two latents: the mean
    of |f(G(z(t + epsilon))) - f(G(z(t)))|^2 / epsilon^2 over pairs of latents
    and t uniform in [0, 1 - epsilon]. Low is smooth.

    Args:
        model: an objective with latents, such as `GAN` or `VAE`. Its
            networks must compute in float32 at least.
        features: f, from float32 pictures (n, height, width, channels) in
            [-1, 1] to features (n, ...), an array or a tensor: a Keras model,
            for instance. One that rounds pictures to uint8 first would
            measure the rounding: epsilon moves a pixel by less than a level.
        n: pairs of latents; the paper's are 100,000.
        epsilon: the step, above 0; the paper's 1e-4.
        interpolation: "spherical", the paper's for normal latents (White
            2016, https://arxiv.org/abs/1609.04468), or "linear".
        label: int (n,), for a conditional model: the label of each pair.
        seed: of latents and t.

    Returns:
        PathLength, in squared units of f.

    Raises:
        InputError: a model without latents, or a value out of range.
    """
    path = between(interpolation)
    checks.at_least(1, n=n)
    if not 0 < epsilon < 1:
        raise InputError(f"epsilon must be between 0 and 1, got {epsilon}")
    if not hasattr(model, "latents"):
        raise InputError(
            f"{type(model).__name__} has no latents to go between: measure "
            "an objective that generates from noise"
        )
    if label is not None:
        label = np.asarray(label, "int32")
        if label.shape != (n,):
            raise InputError(
                f"label must be one for each of the {n} paths, got shape "
                f"{label.shape}"
            )
    starts = np.random.default_rng(seed).uniform(0, 1 - epsilon, (n, 1))
    lengths = []
    for i in range(0, n, _BATCH // 2):
        t = starts[i:i + _BATCH // 2]
        seeds = seed + 2 * i + np.arange(2 * len(t), dtype="int64")
        ends = np.split(_array(model.latents(seeds)), 2)
        points = [path(*ends, at) for at in (t, t + epsilon)]
        labels = None if label is None else label[i:i + len(t)]
        found = _features(model, features, np.concatenate(points), labels)
        before, after = np.split(found, 2)
        lengths.append(((after - before) ** 2).sum(1) / epsilon ** 2)
    lengths = np.concatenate(lengths)
    return PathLength(float(lengths.mean()), float(lengths.std()))


def _features(model, features, latent, label):
    """float64 (n, d) of the pictures of latents, labels repeated."""
    # Keras only where a model is measured: the other metrics do without.
    from keras import ops

    inputs = ops.convert_to_tensor(latent.astype("float32"))
    if label is not None:
        label = ops.convert_to_tensor(np.tile(label, 2))
        inputs = {"latent": inputs, "label": label}
    found = _array(features(model.run("call", inputs)))
    return found.reshape(len(found), -1)


def _array(values):
    """A tensor or an array as float64."""
    from keras import ops

    return ops.convert_to_numpy(values).astype("float64")
