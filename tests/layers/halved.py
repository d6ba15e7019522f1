"""What halving by means must make, pixel by pixel."""

import numpy as np


def by_pixels(x):
    """Means over 3 x 3 at every second pixel, of those inside."""
    n, height, width, channels = x.shape
    made = np.empty((n, -(-height // 2), -(-width // 2), channels))
    for i in range(made.shape[1]):
        for j in range(made.shape[2]):
            rows = slice(max(0, 2 * i - 1), 2 * i + 2)
            columns = slice(max(0, 2 * j - 1), 2 * j + 2)
            made[:, i, j] = x[:, rows, columns].mean((1, 2))
    return made
