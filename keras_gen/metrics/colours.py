"""Drawn pictures by their colours: maps, labels, flat shapes."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.metrics import checks
from keras_gen.metrics.arrays import alike, slices, squared_distances

# Grey levels of a bin of the histogram; a colour is three bins wide.
_BIN = 8
# Share of the pixels that makes a colour.
_RARE = 0.01
# Drawings have at most so many, which make up at least so much.
_MANY, _MOST = 8, 0.8


class Palette(NamedTuple):
    """The colours that pictures are drawn in.

    Attributes:
        colours: float (k, channels), grey levels 0 ... 255.
        shares: float (k,), of the pixels that are about of each.
    """

    colours: np.ndarray
    shares: np.ndarray

    @property
    def drawn(self) -> bool:
        """Whether at most 8 colours make up four fifths of the pixels: not
        so of photographs."""
        return len(self.shares) <= _MANY and self.shares.sum() >= _MOST


@accepted
def palette(pictures: np.ndarray) -> Palette:
    """The colours that at least 1 % of the pixels have, each for itself.

    A colour is the mean of the pixels in the fullest cube of 24 levels a
    side, then in the fullest of what is left, and so on.

    Args:
        pictures: uint8 (n, height, width, 1 or 3).

    Raises:
        InputError: other types or shapes.
    """
    counts, sums = _histogram(checks.pictures(pictures))
    total, colours, shares = counts.sum(), [], []
    while True:
        fullest = ndimage.uniform_filter(counts, 3, mode="constant").argmax()
        at = np.unravel_index(fullest, counts.shape)
        cube = tuple(slice(max(0, i - 1), i + 2) for i in at)
        there = counts[cube].sum()
        if there < _RARE * total:
            break
        colours.append([each[cube].sum() / there for each in sums])
        shares.append(there / total)
        counts[cube] = sums[:, *cube] = 0
    return Palette(np.reshape(colours, (-1, len(sums))), np.array(shares))


@accepted
def colour_recall(
    made: np.ndarray, truth: np.ndarray, colours: np.ndarray
) -> np.ndarray:
    """Of the true pixels of each colour, the share that is made in it.

    Each pixel counts as the colour that is nearest to it. The mean over
    colours is the per-class accuracy by which CycleGAN's authors measure
    label maps made of photographs, https://arxiv.org/abs/1703.10593.

    Args:
        made, truth: uint8 (n, height, width, channels).
        colours: float (k, channels), as of `palette`.

    Returns:
        float (k,); NaN for a colour that no true pixel counts as.

    Raises:
        InputError: other types or shapes.
    """
    made, truth = checks.pictures(made), checks.pictures(truth, "the truth")
    alike(made, truth, "pictures")
    colours = checks.features(colours, "colours").astype("float64")
    if len(made) != len(truth) or colours.shape[1] != made.shape[3]:
        raise InputError(
            f"colour_recall needs a true picture for each, and their channels "
            f"in each colour, got {len(made)} and {len(truth)} pictures of "
            f"{made.shape[3]} channels and colours of {colours.shape[1]}"
        )
    right, there = np.zeros(len(colours)), np.zeros(len(colours))
    for rows in slices(made, made[0].size * len(colours)):
        kinds, of_truth = (_nearest(x[rows], colours) for x in (made, truth))
        there += np.bincount(of_truth, minlength=len(colours))
        right += np.bincount(
            of_truth[kinds == of_truth], minlength=len(colours)
        )
    return np.where(there > 0, right / np.maximum(there, 1), np.nan)


def _nearest(pictures, colours):
    """Number of the colour that is nearest to each pixel."""
    pixels = pictures.reshape(-1, pictures.shape[-1]).astype("float64")
    return squared_distances(pixels, colours).argmin(1)


def _histogram(pictures):
    """How many pixels are in each bin, float (256 / _BIN, ...), and for each
    channel the sum of its values there."""
    channels, bins = pictures.shape[-1], 256 // _BIN
    if channels not in (1, 3):
        raise InputError(
            f"palette takes pictures of 1 or 3 channels, got {channels}"
        )
    found = np.zeros((1 + channels, bins**channels))
    places = bins ** np.arange(channels)[::-1]
    for rows in slices(pictures):
        pixels = pictures[rows].reshape(-1, channels)
        at = pixels.astype("int64") // _BIN @ places
        for each, weights in zip(found, [None, *pixels.T]):
            each += np.bincount(at, weights, len(each))
    found = found.reshape(-1, *(bins,) * channels)
    return found[0], found[1:]
