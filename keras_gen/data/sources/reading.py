"""Which shape a picture shows, read off it by what was drawn."""

import numpy as np

from keras_gen.data.sources.geometry import AREAS, centres, templates

# Pictures looked at at once: few enough for the processor's cache.
_CHUNK = 32


def classify(images: np.ndarray) -> np.ndarray:
    """Which shape each picture shows, without any learning.

    Args:
        images: uint8 (n, size, size, channels) such as kind "labelled" gives:
            one shape, lighter or of another colour than the ground.

    Returns:
        int (n,): index into CLASSES of the shape that, drawn with the place
        and area of what stands out from the ground, matches it best.
    """
    return np.concatenate([np.empty(0, int)] + [
        _classify(images[start:start + _CHUNK])
        for start in range(0, len(images), _CHUNK)
    ])


def _classify(images):
    mask = foreground(images)
    size = mask.shape[1]
    across = centres(size)
    total = mask.sum((1, 2)) + 1e-6
    x = (mask.sum(1) * across).sum(1) / total
    y = (mask.sum(2) * across).sum(1) / total
    errors = []
    for number, area in enumerate(AREAS):
        radius = np.sqrt(total / area) / size
        kind = np.full(len(images), number)
        drawn = templates(kind, x, y, radius, size)
        errors.append(np.abs(drawn - mask).sum((1, 2)))
    return np.argmin(errors, axis=0)


def foreground(images: np.ndarray) -> np.ndarray:
    """What stands out from the ground: float32 (n, size, size) in [0, 1]."""
    values = images.astype(np.float32)
    rim = np.concatenate(
        [values[:, 0], values[:, -1], values[:, :, 0], values[:, :, -1]], 1
    )
    values = values - np.median(rim, axis=1)[:, None, None]
    flat = values.reshape(len(values), -1, values.shape[-1])
    power = (flat * flat).sum(-1)
    # The strongest twenty-fifth of the pixels is inside of any shape.
    most = max(4, power.shape[1] // 25)
    top = np.argpartition(power, -most, axis=1)[:, -most:]
    colour = np.take_along_axis(flat, top[..., None], 1).mean(1)
    along = (flat * colour[:, None]).sum(-1)
    along /= (colour * colour).sum(-1)[:, None] + 1e-6
    # Noise on the ground would add to the area: cut it off, and as much at
    # the other end, so that blurred edges keep theirs.
    along = np.clip((along - 0.2) / 0.6, 0, 1)
    return along.reshape(values.shape[:3])
