"""Power of pictures by its period: the grids that networks leave."""

import numpy as np

from keras_gen.accepted import accepted
from keras_gen.errors import InputError
from keras_gen.metrics import checks
from keras_gen.metrics.arrays import slices


@accepted
def grid_power(pictures: np.ndarray, period: int = 2) -> float:
    """Power of what repeats every `period` pixels along the height or the
    width: of each grey picture, then the mean over pictures, in squared grey
    levels.

    It is the part of the picture's variance that its two-dimensional spectrum
    has where the frequency along an axis is 1 / period, whatever that along
    the other one is. A network that enlarges by 2 may leave a grid there,
    which lies at the same places in all pictures (Odena et al. 2016,
    https://doi.org/10.23915/distill.00003): compare it with real pictures,
    which have little.

    Grey is as in `laplacian_variance`. Rows and columns beyond the last
    multiple of the period do not count.

    Args:
        pictures: uint8 (n, height, width, 1 or 3), no side shorter than the
            period.
        period: in pixels, at least 2.

    Raises:
        InputError: other pictures, or another period.
    """
    if period < 2:
        raise InputError(f"period must be at least 2 pixels, not {period}")
    pictures, weights = checks.to_grey(pictures, "grid_power", period)
    height, width = (side - side % period for side in pictures.shape[1:3])
    total = sum(
        _on_lines(
            pictures[rows, :height, :width].astype("float64") @ weights, period
        ).sum()
        for rows in slices(pictures)
    )
    return float(total / len(pictures))


def _on_lines(grey, period):
    """(n,) power at the period of (n, height, width), whose sides are
    multiples of it."""
    # So that all of a picture's powers sum to the mean of its squares.
    power = np.square(np.abs(np.fft.fft2(grey, norm="forward")))
    on_line = [
        np.isin(np.arange(side), [side // period, side - side // period])
        for side in power.shape[1:]
    ]
    return power[:, on_line[0][:, None] | on_line[1]].sum(1)
