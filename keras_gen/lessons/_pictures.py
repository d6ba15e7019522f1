"""The built-in pictures of lessons, and rows of pictures in figures."""

import numpy as np
from keras import ops

from keras_gen import data

_BATCH = 256


def shapes(
    size: int = 16, channels: int = 1, split: str = "train",
    count: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Shapes that keras_gen draws, and which of six each shows.

    Args:
        size: pixels of a side.
        channels: 1 or 3.
        split: "train", "validation" or "test".
        count: as many as that, the first ones; None for all.

    Returns:
        Pictures, float32 (n, size, size, channels) in [-1, 1], and their
        classes, int (n,).
    """
    found = data.load("shapes", "labelled", split, size, channels)
    batch = found.take(np.arange(len(found) if count is None else count))
    return floats(batch["image"]), np.asarray(batch["label"])


def levels(split: str, count: int, size: int = 32) -> np.ndarray:
    """The first shapes of a split in colours, uint8 (count, size, size, 3),
    as the published models of them take pictures."""
    found = data.load("shapes", "images", split, size, 3)
    return found.take(np.arange(count))["image"]


def floats(pictures: np.ndarray) -> np.ndarray:
    """uint8 pictures as float32 in [-1, 1]."""
    return np.float32(pictures) / 127.5 - 1


def show(axis, pictures: np.ndarray, title: str) -> None:
    """Draws a row of pictures into an axis of Matplotlib's.

    Args:
        axis: where.
        pictures: (n, h, w, c) in [-1, 1], 1 or 3 channels.
        title: stands above, at the left.
    """
    n, h, w, c = pictures.shape
    gap = max(1, w // 16)
    row = np.ones((h, n * (w + gap) - gap, 3))
    for i, picture in enumerate(np.clip((pictures + 1) / 2, 0, 1)):
        row[:, i * (w + gap):i * (w + gap) + w] = picture
    axis.imshow(row, interpolation="nearest")
    axis.set_title(title, loc="left", fontsize=10)
    axis.set_axis_off()


def decoded(model, codes: np.ndarray) -> np.ndarray:
    """uint8 pictures of codes (n, length), of an autoencoder or a VAE."""
    made = [
        ops.convert_to_numpy(model.decode(np.float32(codes[i:i + _BATCH])))
        for i in range(0, len(codes), _BATCH)
    ]
    return model.made.restore(np.concatenate(made))
