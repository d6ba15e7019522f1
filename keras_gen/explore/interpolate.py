"""Pictures on the way from one latent to the next."""

import numpy as np
from numpy.typing import ArrayLike

from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.explore.decoding import decode, of_seeds
from keras_gen.interpolation import between
from keras_gen.objectives.base.objective import Objective


@accepted
def interpolate(
    model: Objective, latents: ArrayLike, steps: int = 9,
    how: str = "spherical", label: ArrayLike | None = None,
) -> np.ndarray:
    """Rows of items, each from one latent to the next.

    Args:
        model: an objective with latents or codes.
        latents: seeds, ints (n,), n at least 2; or float (n, latent_dim),
            such as `model.encode(pictures)`.
        steps: items in a row, at least 2, both ends among them.
        how: "spherical" for latents drawn from a Gaussian (see
            `keras_gen.interpolation.spherical` for why), or "linear", for
            codes of pictures, which lie on no sphere.
        label: of a conditional model, as of `decode`.

    Returns:
        Items (n - 1, steps, ...), such as uint8 pictures (n - 1, steps,
        height, width, channels); the ends of a row are those of its two
        latents.

    Raises:
        InputError: too few latents or steps.
    """
    latents = of_seeds(model, latents)
    if latents.ndim != 2 or len(latents) < 2 or steps < 2:
        raise InputError(
            "interpolation needs two latents or more, (n, latent_dim), and "
            f"two steps or more, got {latents.shape} and {steps}"
        )
    t = np.linspace(0, 1, steps)[:, None]
    ends = latents[:-1, None], latents[1:, None]
    return decode(model, between(how)(*ends, t), label)
