"""Videos."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from keras_gen import atomic
from keras_gen.values.levels import Levels
from keras_gen.values.picture import enlarged, image

# Milliseconds that a picture of a GIF is shown.
PAUSE = 120
# Pictures of a video in a row of a sheet.
_SHOWN = 8


class Video(Levels):
    """Videos (time, height, width, channels)."""

    __slots__ = ()

    name = "video"
    column = "video"
    plural = "videos"
    axes = ("time", "height", "width", "channels")
    height_axis = -3
    moving = True
    shown = 16
    in_a_picture = True
    ending = ".gif"

    def picture_in_graph(self, items: Any) -> Any:
        """All frames side by side, a strip of them."""
        import tensorflow as tf

        n, time, height, width, channels = tf.unstack(tf.shape(items))
        strips = tf.transpose(items, (0, 2, 1, 3, 4))
        return tf.reshape(strips, (n, height, time * width, channels))

    def sheet(
        self, items: np.ndarray, columns: int | None = None
    ) -> tuple[np.ndarray, int]:
        """At most eight frames of each, evenly chosen, the first and the
        last among them, side by side; one video in a row by default."""
        items = np.asarray(items)
        frames = items.shape[1]
        shown = min(frames, _SHOWN)
        chosen = np.round(np.linspace(0, frames - 1, shown)).astype(int)
        pictures = items[:, chosen].reshape(-1, *items.shape[2:])
        return pictures, shown * (columns or 1)

    def frames(
        self, items: np.ndarray, columns: int | None = None
    ) -> list[Image.Image]:
        """Frame by frame a grid of all videos, small ones enlarged."""
        from keras_gen import plot

        return [
            plot.grid(enlarged(frames), columns=columns)
            for frames in np.swapaxes(items, 0, 1)
        ]

    def save(self, item: np.ndarray, path: str | Path) -> None:
        """Writes a looping GIF of the video's own size."""
        write_gif([image(frame) for frame in item], path)


def write_gif(
    images: Iterable[Image.Image], path: str | Path, pause: int = PAUSE
) -> None:
    """Writes PIL images as a GIF that loops.

    Args:
        images: of one size.
        path: of the file.
        pause: milliseconds that each is shown.

    Raises:
        InputError: it cannot be written.
    """
    first, *others = images
    with atomic.replacing(path) as aside:
        first.save(
            aside, "GIF", save_all=True, append_images=others, loop=0,
            duration=pause,
        )
