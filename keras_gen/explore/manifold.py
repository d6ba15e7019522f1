"""A sheet of pictures over a surface of latents."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from keras_gen.abilities import DrawsLatents
from keras_gen.errors import InputError
from keras_gen.explore.decoding import decode, latent_length, of_seeds
from keras_gen.interpolation import spherical
from keras_gen.objectives.base.objective import Objective


def manifold(
    model: Objective, side: int = 20, corners: ArrayLike | None = None,
    label: ArrayLike | None = None,
) -> np.ndarray:
    """A square sheet of pictures.

    With two latents it is figure 4 of Kingma and Welling 2013
    (https://arxiv.org/abs/1312.6114): latents at the quantiles
    (i + 1/2) / side of the normal distribution, the first rising to the
    right and the second upwards, so that equal areas of the sheet are
    equally likely. With more latents it spans four of them by spherical
    interpolation, along both edges and then between these, so that all of it
    has lengths as Gaussian latents do.

    Args:
        model: an objective with latents, such as a GAN or a VAE.
        side: pictures along each side, at least 2.
        corners: four seeds, or latents, float (4, latent_dim): top left, top
            right, bottom left and bottom right; by default the quantiles if
            there are two latents, else the latents of the seeds 0 ... 3.
        label: of a conditional model, as of `decode`.

    Returns:
        Items (side, side, ...), such as uint8 pictures (side, side, height,
        width, channels), the top row first.

    Raises:
        InputError: a model without latents, or another number of corners.
    """
    if side < 2:
        raise InputError(f"a sheet has at least 2 pictures a side, got {side}")
    if corners is None and latent_length(model) == 2:
        DrawsLatents.require(model)
        return decode(model, quantiles(side), label)
    if corners is None:
        corners = range(4)
    corners = of_seeds(model, corners)
    if corners.shape != (4, latent_length(model)):
        raise InputError(
            f"a sheet has 4 corners, (4, {latent_length(model)}), got "
            f"{corners.shape}"
        )
    return decode(model, sheet(corners, side), label)


def quantiles(side: int) -> np.ndarray:
    """float64 (side, side, 2): the standard normal distribution's inverse at
    the middles of side x side equal squares."""
    z = special.ndtri((np.arange(side) + 0.5) / side)
    return np.stack(np.meshgrid(z, z[::-1]), -1)


def sheet(corners: np.ndarray, side: int) -> np.ndarray:
    """float64 (side, side, d) between (4, d) corners."""
    t = np.linspace(0, 1, side)[:, None]
    top = spherical(corners[0], corners[1], t)
    bottom = spherical(corners[2], corners[3], t)
    return spherical(top, bottom, t[:, None])
