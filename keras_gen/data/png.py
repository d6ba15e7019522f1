"""PNG files as they are where Pillow reads less: it keeps 16 bits of plain
grey only, and does not scale the transparent colour of few greys."""

import io

import numpy as np
from PIL import Image

MAGIC = b"\x89PNG\r\n\x1a\n"
# Places in the header.
_BITS, _COLOUR = 24, 25
# {colour type: how Pillow is told to unpack the lower bytes of 16 bits, as if
# the others were these}. Grey with alpha has four bytes a pixel.
_LOWER = {2: "RGB;16L", 4: "RGBA", 6: "RGBA;16L"}


def is_deep(content: bytes) -> bool:
    """Whether a file is a PNG of 16 bits."""
    return content[:8] == MAGIC and content[_BITS:_BITS + 1] == b"\x10"


def samples(content: bytes, image: Image.Image) -> np.ndarray:
    """All bits of a PNG of 16: uint16 (height, width, 1 to 4), grey or
    colours and, where the file has any transparency, alpha last.

    Args:
        content: bytes of the file.
        image: the PIL image of it, loaded.
    """
    colour = content[_COLOUR]
    values = np.asarray(image)
    if colour in _LOWER:
        with Image.open(io.BytesIO(content)) as again:
            again.tile = [(*tile[:3], _LOWER[colour]) for tile in again.tile]
            lower = np.asarray(again)
        if colour == 4:
            values, lower = lower[..., ::2], lower[..., 1::2]
        values = values.astype(np.uint16) << 8 | lower
    values = values.reshape(*values.shape[:2], -1)
    if "transparency" in image.info:
        hole = np.atleast_1d(image.info["transparency"]).astype(np.uint16)
        alpha = (values != hole).any(-1, keepdims=True) * np.uint16(65535)
        values = np.concatenate([values, alpha], axis=-1)
    return values


def spread(content: bytes, image: Image.Image) -> int:
    """How far apart the values of the PIL image of a file are that in the
    file are neighbours: 85 of a grey PNG of 2 bits, 17 of 4, else 1."""
    if content[:8] != MAGIC or image.mode != "L":
        return 1
    return 255 // (2**content[_BITS] - 1)


def scale_transparency(content: bytes, image: Image.Image) -> None:
    """Gives the transparent colour of a PNG of at most 8 bits the values that
    its PIL image has."""
    hole = image.info.get("transparency")
    if content[:8] != MAGIC or is_deep(content) or hole is None:
        return
    if image.mode == "L":
        top = 2**content[_BITS] - 1
        image.info["transparency"] = (hole & top) * spread(content, image)
    elif image.mode == "RGB":
        image.info["transparency"] = tuple(value & 255 for value in hole)
