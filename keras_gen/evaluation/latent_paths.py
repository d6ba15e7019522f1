"""The perceptual path length of a model."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from keras_gen import metrics, seeds
from keras_gen.accepted import accepted, at_least
from keras_gen.errors import InputError
from keras_gen.metrics.path_length import PATHS, PathLength

if TYPE_CHECKING:
    from keras_gen.objectives.base.objective import Objective


@accepted
def path_length(
    model: "Objective", features: Callable, n: int = 10_000, *,
    epsilon: float = 1e-4, interpolation: str = "spherical",
    label: np.ndarray | None = None, seed: int = 0,
) -> PathLength:
    """How fast a model's pictures change along the path between two latents:
    `metrics.path_length` of f(G(z)).

    Args:
        model: an objective with latents, such as `GAN` or `VAE`. Its
            networks must compute in float32 at least.
        features: f, from float32 pictures (n, height, width, channels) in
            [-1, 1] to features (n, ...), an array or a tensor: a Keras model,
            for instance. One that rounds pictures to uint8 first would
            measure the rounding: epsilon moves a pixel by less than a level.
        n: pairs of latents; the paper's are 100,000.
        epsilon, interpolation: as of `metrics.path_length`.
        label: int (n,), for a conditional model: the label of each pair.
        seed: of latents and of places on the paths.

    Returns:
        PathLength, in squared units of f.

    Raises:
        InputError: a model without latents, or a value out of range.
    """
    # Keras only where a model is measured.
    from keras_gen.abilities import DrawsLatents

    at_least(1, n=n)
    DrawsLatents.require(model)
    if label is not None:
        label = np.asarray(label, "int32")
        if label.shape != (n,):
            raise InputError(
                f"label must be one for each of the {n} paths, got shape "
                f"{label.shape}"
            )

    def see(latent, rows):
        labels = None if label is None else label[rows]
        return _features(model, features, latent, labels)

    return metrics.path_length(
        see, *_ends(model, n, seed), epsilon=epsilon,
        interpolation=interpolation, seed=seed,
    )


def _ends(model, n, seed):
    """The latents where n paths start and where they end, float64 (n, dim)."""
    ends = []
    for i in range(0, n, PATHS):
        count = 2 * min(PATHS, n - i)
        numbers = seeds.numbered(seeds.word(seed) + 2 * i, count)
        ends.append(np.split(_array(model.latents(numbers)), 2))
    return map(np.concatenate, zip(*ends))


def _features(model, features, latent, label):
    """float64 (m, ...) of the pictures of latents."""
    from keras import ops

    inputs = ops.convert_to_tensor(latent.astype("float32"))
    if label is not None:
        inputs = {"latent": inputs, "label": ops.convert_to_tensor(label)}
    return _array(features(model.run("call", inputs)))


def _array(values):
    """A tensor or an array as float64."""
    from keras import ops

    return ops.convert_to_numpy(values).astype("float64")
