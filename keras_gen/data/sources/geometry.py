"""The six shapes as signed distances, and how pixels are covered.

Everything drawn here uses +, -, *, / and square roots in float32 only. These
are exact to the last bit by IEEE 754, unlike sin or exp, so the same seed
gives the same bytes on every machine.
"""

import numpy as np

CLASSES = ("disc", "square", "triangle", "cross", "ring", "diamond")

# Area of each shape of radius 1; what `distance` draws, integrated.
AREAS = np.array(
    [np.pi, 4 * 0.86**2, 1.7, 8 * 0.36 - 4 * 0.36**2,
     np.pi * (1 - 0.55**2), 2 * 1.15**2]
)

# No shape of radius 1 reaches further from its centre (in x or y).
REACH = 1.15


def distance(kind, x, y, radius):
    """Signed distance to the edge of a shape, negative inside.

    Args:
        kind: index into CLASSES.
        x, y: position relative to the centre (of gravity), y downwards;
            float32 arrays that broadcast with `radius`.
        radius: of the shape, in the same unit.
    """
    u, v = np.abs(x), np.abs(y)
    if kind == 0:
        return np.sqrt(x * x + y * y) - radius
    if kind == 1:
        return np.maximum(u, v) - radius * np.float32(0.86)
    if kind == 2:  # 1.7 high, 2 wide
        side = np.float32(1.7) * u - y - radius * np.float32(1.7 / 1.5)
        side /= np.float32(np.sqrt(1.7**2 + 1))
        return np.maximum(side, y - radius * np.float32(1.7 / 3))
    if kind == 3:
        arm = radius * np.float32(0.36)
        return np.maximum(np.maximum(u, v) - radius, np.minimum(u, v) - arm)
    if kind == 4:
        middle = np.sqrt(x * x + y * y) - radius * np.float32(0.775)
        return np.abs(middle) - radius * np.float32(0.225)
    return (u + v - radius * np.float32(1.15)) * np.float32(np.sqrt(0.5))


def coverage(inside, size):
    """How much of each pixel is covered, in [0, 1].

    Args:
        inside: signed distance in widths of the picture.
        size: pixels across the picture.
    """
    return np.clip(np.float32(0.5) - inside * np.float32(size), 0, 1)


def centres(size):
    """Pixel centres across a picture, float32 (size,) in (0, 1)."""
    return (np.arange(size, dtype=np.float32) + np.float32(0.5)) / size


def to_uint8(colours):
    """Float colours in [0, 1] as uint8, rounded."""
    return (np.clip(colours, 0, 1) * 255 + np.float32(0.5)).astype(np.uint8)


def templates(
    kind: np.ndarray, x: np.ndarray, y: np.ndarray, radius: np.ndarray,
    size: int,
) -> np.ndarray:
    """How much of each pixel a shape covers: float32 (n, size, size) in
    [0, 1], from arrays (n,) as `singles` gives them."""
    across = centres(size)
    x, y, radius = (
        np.asarray(values, np.float32)[:, None, None]
        for values in (x, y, radius)
    )
    result = np.empty((len(kind), size, size), np.float32)
    for number in range(len(CLASSES)):
        rows = np.flatnonzero(kind == number)
        if len(rows):
            result[rows] = coverage(distance(
                number, across - x[rows], across[:, None] - y[rows],
                radius[rows],
            ), size)
    return result
