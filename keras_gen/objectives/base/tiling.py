"""Pictures that are too large for the memory, translated tile by tile."""

from collections.abc import Callable

import numpy as np

from keras_gen.errors import InputError


def check(tile: int, overlap: int, multiple: int, name: str) -> None:
    """Checks what a user asks for.

    Args:
        tile, overlap: pixels of a side, and of it shared by neighbours.
        multiple: of which the network's sides must be multiples.
        name: of the model.

    Raises:
        InputError: tiles that the network does not take, or an overlap that
            is no smaller than a tile.
    """
    if tile < 1 or tile % multiple:
        raise InputError(
            f"{name} takes tiles whose sides are multiples of {multiple}, "
            f"not {tile}: choose {max(1, round(tile / multiple)) * multiple}"
        )
    if not 0 <= overlap < tile:
        raise InputError(
            f"tiles of {tile} pixels cannot overlap by {overlap}: choose "
            f"from 0 to {tile - 1}"
        )


def starts(side: int, tile: int, overlap: int, multiple: int) -> list[int]:
    """Where the tiles of a side begin; the last one ends with it, and has
    more in common with the one before.

    They begin at multiples of `multiple` where the overlap lets them: a
    network that halves then sees each tile as it sees the whole.
    """
    step = tile - overlap
    step -= step % multiple if step >= multiple else 0
    return [*range(0, max(side - tile, 0), step), max(side - tile, 0)]


def weights(
    side: int, tile: int, overlap: int, begins: list[int]
) -> list[np.ndarray]:
    """How much each tile counts at each of its pixels; over all tiles 1.

    At an edge that is not the picture's own, the first quarter of the overlap
    counts for nothing, since what the network makes of it lacks what is
    beyond; through the half after that the weight rises to 1 as a cosine.

    Returns:
        For each beginning float32 (tile,), or (side,) of a single one.
    """
    length = min(tile, side)
    inside = np.arange(length) + 0.5 - overlap / 4
    ramp = np.clip(inside / max(overlap / 2, 0.5), 0, 1)
    rise = (1 - np.cos(np.pi * ramp)) / 2
    windows = [
        (1 if begin == 0 else rise)
        * (1 if begin + length == side else rise[::-1]) * np.ones(length)
        for begin in begins
    ]
    total = np.zeros(side)
    for begin, window in zip(begins, windows):
        total[begin:begin + length] += window
    return [
        (window / total[begin:begin + length]).astype("float32")
        for begin, window in zip(begins, windows)
    ]


def translated(
    picture: np.ndarray, tile: int, overlap: int, multiple: int, scale: int,
    translate: Callable, restore: Callable,
) -> np.ndarray:
    """One picture through a network, tile by tile; in memory are beside it
    and the result a row of tiles.

    Args:
        picture: (height, width, channels), sides multiples of `multiple`.
        tile, overlap, multiple: see `check`.
        scale: how many times as high and wide what is made is.
        translate: (1, h, w, channels) -> float numbers (1, scale * h,
            scale * w, channels made).
        restore: of such numbers the pictures.

    Returns:
        The restored picture (scale * height, scale * width, channels made).
    """
    height, width = picture.shape[:2]
    rows, columns = (
        starts(side, tile, overlap, multiple) for side in (height, width)
    )
    shares = [
        [share.repeat(scale) for share in weights(side, tile, overlap, begins)]
        for side, begins in ((height, rows), (width, columns))
    ]
    finished, pending = [], None
    for i, (row, down) in enumerate(zip(rows, shares[0])):
        for column, along in zip(columns, shares[1]):
            made = translate(
                picture[None, row:row + tile, column:column + tile]
            )[0]
            if pending is None:
                pending = np.zeros(
                    (len(down), scale * width, made.shape[-1]), "float32"
                )
            at = slice(scale * column, scale * column + len(along))
            pending[:, at] += made * (down[:, None, None] * along[:, None])
        # What no later tile touches.
        done = scale * ((rows[i + 1] if i + 1 < len(rows) else height) - row)
        finished.append(restore(pending[None, :done])[0])
        pending = np.concatenate(
            [pending[done:], np.zeros_like(pending[:done])]
        )
    return np.concatenate(finished)
