"""How far pictures lie off their truth, all in the same direction."""

from typing import NamedTuple

import numpy as np

from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.metrics import checks
from keras_gen.metrics.arrays import alike, slices

# Of the shorter side: how far is looked in each direction.
_FARTHEST = 1 / 8


class Displacement(NamedTuple):
    """Whole pixels, the same for all pictures.

    Attributes:
        down, right: from where the truth has something to where the pictures
            have it.
        correlation: of the two there, -1 ... 1.
    """

    down: int
    right: int
    correlation: float

    @property
    def pixels(self) -> float:
        """Its length."""
        return float(np.hypot(self.down, self.right))


@accepted
def displacement(made: np.ndarray, truth: np.ndarray) -> Displacement:
    """Where pictures lie instead of where their truth does: of all
    displacements by up to an eighth of the shorter side that at which the
    truth's middle correlates best with what the pictures have there, over all
    pictures and channels together (normalised cross-correlation).

    Two translators that must undo each other may move what they make, and
    move it back. A correlation that is hardly above 0 tells of no
    displacement. Phase correlation would tell of what all pictures have at
    the same place, such as the blocks of JPEG, rather than of what they show.

    Args:
        made, truth: uint8 (n, height, width, channels), at least 8 x 8
            pixels.

    Raises:
        InputError: other types or shapes, or all pictures of a side are flat.
    """
    made, truth = checks.pictures(made), checks.pictures(truth, "the truth")
    alike(made, truth, "pictures")
    height, width = made.shape[1:3]
    if len(made) != len(truth) or min(height, width) < 8:
        raise InputError(
            "displacement needs a true picture for each, of at least 8 x 8 "
            f"pixels, got {len(made)} and {len(truth)} of {height} x {width}"
        )
    margin = int(min(height, width) * _FARTHEST)
    covariance, variance, of_truth = map(sum, zip(*(
        _moments(made[rows], truth[rows], margin) for rows in slices(made)
    )))
    # Flat to rounding: sums of squares of whole numbers.
    if variance.max() < 0.5 or of_truth < 0.5:
        raise InputError(
            "displacement needs pictures that show something on both sides; "
            "these are flat"
        )
    found = covariance / np.sqrt(np.maximum(variance, 0.5) * of_truth)
    down, right = np.unravel_index(found.argmax(), found.shape)
    return Displacement(
        int(down) - margin, int(right) - margin, float(found[down, right])
    )


def _moments(made, truth, margin):
    """Sums over pictures, channels and the pixels of the truth's middle: of
    products with the pictures' for each displacement (2 margin + 1, 2 margin
    + 1), of the pictures' squares there, of the truth's; all without their
    means."""
    made, truth = (
        np.moveaxis(x.astype("float64"), 3, 1) for x in (made, truth)
    )
    made -= made.mean((2, 3), keepdims=True)
    height, width = made.shape[2:]
    size = (height - 2 * margin, width - 2 * margin)
    inner = np.s_[..., margin:margin + size[0], margin:margin + size[1]]
    middle = np.zeros_like(truth)
    middle[inner] = truth[inner] - truth[inner].mean((2, 3), keepdims=True)
    # No product goes round the edge: the middle is that far from it.
    spectrum = np.fft.rfft2(made) * np.conj(np.fft.rfft2(middle))
    products = np.fft.irfft2(spectrum.sum((0, 1)), s=(height, width))
    near = np.arange(-margin, margin + 1)
    squares = _boxes(np.square(made).sum((0, 1)), size)
    means = np.square(_boxes(made, size)).sum((0, 1)) / np.prod(size)
    return (
        products[np.ix_(near, near)], squares - means, np.square(middle).sum()
    )


def _boxes(values, size):
    """Sums over each box of that size: (..., height, width) -> (..., height -
    size + 1, width - size + 1)."""
    for axis, n in zip((-2, -1), size):
        sums = np.moveaxis(np.cumsum(values, axis), axis, 0)
        sums = np.concatenate([np.zeros_like(sums[:1]), sums])
        values = np.moveaxis(sums[n:] - sums[:-n], 0, axis)
    return values
