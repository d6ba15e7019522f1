"""Sums and differences of latents (Radford, Metz and Chintala 2015,
https://arxiv.org/abs/1511.06434, figure 7)."""

from typing import NamedTuple

import numpy as np

from keras_gen.data import keyed
from keras_gen.errors import InputError
from keras_gen.explore.decoding import decode


class Arithmetic(NamedTuple):
    """What `arithmetic` made, all uint8.

    Attributes:
        terms: three arrays (n, height, width, channels), the pictures of the
            latents a, b and c.
        means: (3, height, width, channels), those of the mean latents.
        around: (3, 3, height, width, channels), in the middle the picture of
            mean a - mean b + mean c, around it its neighbours.
    """

    terms: tuple
    means: np.ndarray
    around: np.ndarray

    @property
    def result(self):
        """uint8 (height, width, channels)."""
        return self.around[1, 1]

    def rows(self):
        """The paper's figure as rows of pictures: a column for each term,
        with its mean below; to their right the result among its neighbours.
        """
        most = max(map(len, self.terms))
        shape = (max(most + 1, 3), 7, *self.means.shape[1:])
        rows = np.full(shape, 255, "uint8")
        for column, term in enumerate(self.terms):
            rows[:len(term), column] = term
        rows[most, :3] = self.means
        rows[:3, 4:] = self.around
        return rows


def arithmetic(model, a, b, c, spread=0.25, seed=0, label=None):
    """mean a - mean b + mean c, for instance smiling women - women + men.

    A mean of several latents stands for what they share. The sum of three
    such means of three Gaussian latents each has the length of one Gaussian
    latent again.

    Args:
        model: an objective with latents or codes.
        a, b, c: latents, float (n, latent_dim) each, n its own; the paper
            takes three of each.
        spread: of the neighbours: uniform noise in [-spread, spread] is
            added to each number of the result's latent.
        seed: of that noise, any int.
        label: of a conditional model, as of `decode`.

    Returns:
        Arithmetic.

    Raises:
        InputError: no latents for a term.
    """
    terms = [np.asarray(term, "float64") for term in (a, b, c)]
    if any(term.ndim != 2 or not len(term) for term in terms):
        raise InputError(
            "each of the three terms needs latents (n, latent_dim), got "
            f"{', '.join(str(term.shape) for term in terms)}"
        )
    means = np.stack([term.mean(0) for term in terms])
    result = means[0] - means[1] + means[2]
    noise = spread * (2 * keyed.uniform((3, 3, len(result)), seed) - 1)
    noise[1, 1] = 0
    return Arithmetic(
        tuple(decode(model, term, label) for term in terms),
        decode(model, means, label),
        decode(model, result + noise, label),
    )
