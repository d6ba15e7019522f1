"""Solids of voxels as pictures, by parallel rays and one light.

All solids are seen from the same place, so that the rays' ways through the
voxels are found once for all of them.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import ArrayLike

# How far the viewer looks from above, in degrees.
_ELEVATION = 25
# Width of the picture in widths of the cube: its corners just fit when it is
# turned.
_EXTENT = 1.6
# A voxel is seen when at least this much of it is filled, of 255.
_SOLID = 128
# Voxels of at least this many sides are not made finer.
_FINE = 32
# Solids at a time, so that what the rays meet stays small in memory.
_CHUNK = 16
# Half of the cube's diagonal.
_REACH = 0.87
_AMBIENT = 0.35
_COLOUR = np.array([86, 150, 220], np.float32)
_GROUND = 255
# To the light from the viewer: right, down, away.
_LIGHT = np.array([-0.45, -0.65, -0.61], np.float32)


def views(
    voxels: ArrayLike, angles: Iterable[float], side: int
) -> Iterator[np.ndarray]:
    """Renders solids, view by view.

    Args:
        voxels: uint8 (n, depth, height, width, 1), see `Voxels`.
        angles: degrees by which the viewer has gone around the vertical
            axis.
        side: pixels of a picture's side.

    Yields:
        uint8 (n, side, side, 3) for each angle.
    """
    solids = _prepared(np.asarray(voxels)[..., 0])
    for angle in angles:
        axes = _camera(np.radians(angle))
        rays, cells = _rays(axes, side, solids.shape[1:])
        pictures = np.full((len(solids), side * side, 3), _GROUND, np.uint8)
        for start in range(0, len(solids), _CHUNK):
            part = slice(start, start + _CHUNK)
            pictures[part, rays] = _seen(solids[part], cells, axes)
        yield pictures.reshape(-1, side, side, 3)


def _prepared(levels):
    """Finer and in a cube, with two empty voxels around: float32 (n, s, s,
    s)."""
    levels = levels.astype(np.float32)
    while max(levels.shape[1:]) < _FINE:
        for axis in (1, 2, 3):
            levels = _doubled(levels, axis)
    most = max(levels.shape[1:]) + 4
    paddings = [(0, 0)] + [
        ((most - length) // 2, most - length - (most - length) // 2)
        for length in levels.shape[1:]
    ]
    return np.pad(levels, paddings)


def _doubled(x, axis):
    """Twice as many samples along an axis, between the old by halves and
    quarters."""
    x = np.moveaxis(x, axis, -1)
    before = np.concatenate([x[..., :1], x[..., :-1]], -1)
    after = np.concatenate([x[..., 1:], x[..., -1:]], -1)
    x = np.stack([0.75 * x + 0.25 * before, 0.75 * x + 0.25 * after], -1)
    x = x.reshape(*x.shape[:-2], -1)
    return np.moveaxis(x, -1, axis)


def _camera(angle):
    """Unit vectors to the right, down and away from the viewer, each as
    (depth, height, width): float32 (3, 3)."""
    up = np.radians(_ELEVATION)
    sin, cos = np.sin(angle), np.cos(angle)
    return np.array([
        [-sin, 0, cos],
        [-cos * np.sin(up), np.cos(up), -sin * np.sin(up)],
        [cos * np.cos(up), np.sin(up), sin * np.cos(up)],
    ], np.float32)


def _rays(axes, side, shape):
    """Which voxels the rays pass, the nearest first.

    Returns:
        (rays, cells): the numbers of the pixels whose rays meet the cube,
        and flat numbers of voxels (rays, steps), 0 (an empty corner) outside
        of the cube.
    """
    size = shape[0]
    inner = size - 4
    line = ((np.arange(side, dtype=np.float32) + 0.5) / side - 0.5) * (
        _EXTENT * inner
    )
    down, right = np.meshgrid(line, line, indexing="ij")
    away = np.arange(-_REACH * inner, _REACH * inner, dtype=np.float32)
    start = right.reshape(-1, 1) * axes[0] + down.reshape(-1, 1) * axes[1]
    place = start[:, None] + away[:, None] * axes[2]
    index = np.floor(place + size / 2).astype(np.int32)
    inside = ((index >= 1) & (index < size - 1)).all(-1)
    cells = (index[..., 0] * size + index[..., 1]) * size + index[..., 2]
    cells[~inside] = 0
    rays = np.flatnonzero(inside.any(1))
    return rays, cells[rays]


def _seen(solids, cells, axes):
    """Colours where rays meet the solids: uint8 (n, rays, 3)."""
    size = solids.shape[1]
    flat = solids.reshape(len(solids), -1)
    filled = flat >= _SOLID
    hits = filled[:, cells]
    first = hits.argmax(-1)
    cell = np.take_along_axis(
        np.broadcast_to(cells, hits.shape), first[..., None], -1
    )[..., 0]
    met = np.take_along_axis(filled, cell, 1)
    colours = np.full((*cell.shape, 3), _GROUND, np.uint8)
    solid, ray = np.nonzero(met)
    normal = _normals(flat, solid, cell[solid, ray], size)
    light = np.clip(normal @ (_LIGHT @ axes), 0, 1)
    shade = _AMBIENT + (1 - _AMBIENT) * light
    colours[solid, ray] = np.round(shade[:, None] * _COLOUR)
    return colours


def _normals(flat, solid, cell, size):
    """Unit vectors out of the surface, (hits, 3) as (depth, height, width):
    against the gradient of what is filled, over the voxels around."""
    slopes = np.zeros((len(cell), 3), np.float32)
    offsets = np.stack(np.meshgrid(*[[-1, 0, 1]] * 3, indexing="ij"), -1)
    for offset in offsets.reshape(-1, 3):
        if not offset.any():
            continue
        # The nearer of the 26 neighbours count more.
        weight = 2.0 ** (1 - np.abs(offset).sum())
        step = (offset[0] * size + offset[1]) * size + offset[2]
        near = flat[solid, cell + step]
        slopes -= near[:, None] * (weight * offset).astype(np.float32)
    length = np.sqrt((slopes ** 2).sum(1, keepdims=True))
    return slopes / np.maximum(length, 1e-6)
