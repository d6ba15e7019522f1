"""Sums and differences of latents (Radford, Metz and Chintala 2015,
https://arxiv.org/abs/1511.06434, figure 7)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gen.accepted import accepted
from keras_gen.data import keyed
from keras_gen.errors import InputError
from keras_gen.explore.decoding import decode, of_seeds
from keras_gen.objectives.base.objective import Objective


class Arithmetic(NamedTuple):
    """What `arithmetic` made, items as `decode` gives them, such as uint8
    pictures (height, width, channels).

    Attributes:
        terms: three arrays (n, ...), what is made of the latents a, b and c.
        means: (3, ...), of the mean latents.
        around: (3, 3, ...), in the middle that of mean a - mean b + mean c,
            around it its neighbours.
    """

    terms: tuple
    means: np.ndarray
    around: np.ndarray

    @property
    def result(self) -> np.ndarray:
        """The item of mean a - mean b + mean c."""
        return self.around[1, 1]

    def rows(self, blank: float = 255) -> np.ndarray:
        """The paper's figure as rows of items: a column for each term, with
        its mean below; to their right the result among its neighbours.

        Args:
            blank: what an empty place is filled with: `model.made.blank`.
        """
        most = max(map(len, self.terms))
        shape = (max(most + 1, 3), 7, *self.means.shape[1:])
        rows = np.full(shape, blank, self.means.dtype)
        for column, term in enumerate(self.terms):
            rows[:len(term), column] = term
        rows[most, :3] = self.means
        rows[:3, 4:] = self.around
        return rows


@accepted
def arithmetic(
    model: Objective, a: ArrayLike, b: ArrayLike, c: ArrayLike,
    spread: float = 0.25, seed: int = 0, label: int | None = None,
) -> Arithmetic:
    """mean a - mean b + mean c, for instance smiling women - women + men.

    A mean of several latents stands for what they share. The sum of three
    such means of three Gaussian latents each has the length of one Gaussian
    latent again.

    Args:
        model: an objective with latents or codes.
        a, b, c: seeds, ints (n,), or latents, float (n, latent_dim) each, n
            its own; the paper takes three of each.
        spread: of the neighbours: uniform noise in [-spread, spread] is
            added to each number of the result's latent.
        seed: of that noise, any int.
        label: of a conditional model, as of `decode`.

    Returns:
        Arithmetic.

    Raises:
        InputError: no latents for a term.
    """
    terms = [
        of_seeds(model, term, name).astype("float64")
        for name, term in zip("abc", (a, b, c))
    ]
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
