"""What JPEG leaves of pictures, as tensors: levels, chroma of half the size,
and rounded cosines of squares of 8 pixels (ITU-T T.81, baseline)."""

import functools

import numpy as np
from keras import ops

from keras_gen.losses import Tensor

# Annex K's tables for the quality 50, by frequency.
_LUMA = np.array([
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55,
    14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
    18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
], "float32").reshape(8, 8)
_CHROMA = np.full((8, 8), 99, "float32")
_CHROMA[:4, :4] = [
    [17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99],
]
# From red, green and blue to luma and two chromas (JFIF 1.02).
_COLOURS = np.array([
    [0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5],
    [0.5, -0.418688, -0.081312],
], "float32")
_MIDDLE = np.array([0, 128, 128], "float32")


def levels(pictures: Tensor) -> Tensor:
    """Pictures in [-1, 1] -> the nearest that have 8 bits, in [-1, 1]. The
    gradient is what it were without the rounding."""
    return _of_8_bits((pictures + 1) * 127.5) / 127.5 - 1


def compressed(pictures: Tensor, quality: Tensor) -> Tensor:
    """What a JPEG file of each picture shows when it is read again, with
    chroma of half the height and width, as most programs write it.

    Args:
        pictures: (n, height, width, 1 or 3) in [-1, 1].
        quality: (n,), each from 1 to 100, as libjpeg's.

    Returns:
        Pictures like those, of 8 bits. The gradient is that of a file
        without any rounding.
    """
    height, width, channels = pictures.shape[1:]
    x = _of_8_bits((pictures + 1) * 127.5)
    # Whole squares, also of the chroma: the border goes on.
    side = 16 if channels == 3 else 8
    x = _continued(x, -height % side, -width % side)
    if channels == 1:
        x = _coded(x, quality, _LUMA)
    else:
        x = _of_8_bits(ops.matmul(x, _COLOURS.T) + _MIDDLE)
        luma = _coded(x[..., :1], quality, _LUMA)
        chroma = _coded(_halved(x[..., 1:]), quality, _CHROMA)
        x = ops.concatenate([luma, _doubled(chroma)], axis=-1)
        back = np.linalg.inv(_COLOURS).T.astype("float32")
        x = _of_8_bits(ops.matmul(x - _MIDDLE, back))
    return x[:, :height, :width] / 127.5 - 1


def _coded(x, quality, table):
    """Maps (n, h, w, c) of whole squares of levels, as a file has them."""
    h, w, c = x.shape[1:]
    cosines = _cosines()
    x = ops.reshape(x - 128, (-1, h // 8, 8, w // 8, 8, c))
    x = ops.einsum("fi,gj,nyixjc->nyxcfg", cosines, cosines, x)
    steps = _steps(quality, table)
    squares = ops.reshape(x, (-1, h // 8 * (w // 8) * c, 8, 8))
    x = ops.reshape(
        _rounded(squares / steps) * steps, (-1, h // 8, w // 8, c, 8, 8)
    )
    x = ops.einsum("fi,gj,nyxcfg->nyixjc", cosines, cosines, x)
    return _of_8_bits(ops.reshape(x, (-1, h, w, c)) + 128)


def _steps(quality, table):
    """The table for a quality, as libjpeg scales it: (n, 1, 8, 8)."""
    quality = ops.reshape(ops.cast(quality, "float32"), (-1, 1, 1, 1))
    scale = ops.where(quality < 50, 5000 / quality, 200 - 2 * quality)
    return ops.clip(ops.floor((scale * table + 50) / 100), 1, 255)


@functools.cache
def _cosines():
    """The orthonormal cosine transform of 8 numbers, frequencies in rows."""
    places, frequencies = np.arange(8) + 0.5, np.arange(8)[:, None]
    found = np.cos(np.pi / 8 * places * frequencies) / 2
    found[0] /= np.sqrt(2)
    return found.astype("float32")


def _halved(x):
    """Means of 2 x 2 pixels."""
    h, w, c = x.shape[1:]
    squares = ops.reshape(x, (-1, h // 2, 2, w // 2, 2, c))
    return _of_8_bits(ops.mean(squares, axis=(2, 4)))


def _doubled(x):
    return ops.repeat(ops.repeat(x, 2, axis=1), 2, axis=2)


def _continued(x, down, right):
    """The border's pixels repeated below and at the right."""
    if down:
        x = ops.concatenate([x, ops.repeat(x[:, -1:], down, axis=1)], axis=1)
    if right:
        x = ops.concatenate(
            [x, ops.repeat(x[:, :, -1:], right, axis=2)], axis=2
        )
    return x


def _of_8_bits(x):
    """The nearest levels, whole numbers from 0 to 255."""
    return _rounded(ops.clip(x, 0, 255))


def _rounded(x):
    return x + ops.stop_gradient(ops.round(x) - x)
