"""The numbers in a picture file as they are: of any type and number of
channels, where `pictures.decode` makes 8 bits of all of them."""

import io

import numpy as np
from PIL import Image

from keras_gen.data import orientation, pictures, png, tiff

_NPY = b"\x93NUMPY"
# Modes of Pillow whose numbers are pixels, and those with alpha.
_PLAIN, _ALPHA = ("L", "RGB", "F"), ("LA", "RGBA")
# Arrays with the channels first have at most so many, and at least so many
# pixels across and down.
_FIRST, _LEAST = 16, 8


def read(content: bytes) -> tuple[np.ndarray, bool]:
    """A picture file's own numbers, upright.

    Args:
        content: bytes of a file: .npy, or any that Pillow reads, TIFF and
            PNG with all their bits, channels and pages.

    Returns:
        (array (height, width, channels), whether the last channel is alpha).
        The type is the file's: uint8, uint16, a signed or a floating one.

    Raises:
        ValueError: no picture; or whatever Pillow raises.
    """
    if content[:6] == _NPY:
        return of_array(np.load(io.BytesIO(content), allow_pickle=False))
    if tiff.takes(content):
        found = tiff.pages(io.BytesIO(content))
        if tiff.deep(found):
            array = tiff.read(content, found)
            return _upright(array, tiff.turn(found)), tiff.alpha(found)
    with pictures.opened(content) as (image, turn):
        if png.is_deep(content):
            array = _upright(png.samples(content, image), turn)
            return array, array.shape[-1] % 2 == 0
        return of_image(orientation.upright(image, turn))


def only(content: bytes) -> bool:
    """Whether Pillow cannot make 8 bits of a file without losing channels or
    pages."""
    if tiff.takes(content):
        found = tiff.pages(io.BytesIO(content))
        return tiff.deep(found) and not tiff.of_pillow(found)
    return content[:6] == _NPY


def of_image(image: Image.Image) -> tuple[np.ndarray, bool]:
    """As `read`, of a PIL image."""
    if image.mode.startswith("I"):
        array = np.asarray(image)[..., None]
        if array.min() >= 0 and array.max() <= 65535:
            array = array.astype(np.uint16)
        return array, False
    if image.mode not in _ALPHA and image.has_transparency_data:
        image = image.convert("LA" if image.mode in ("1", "L") else "RGBA")
    elif image.mode not in _PLAIN + _ALPHA:
        image = image.convert("L" if image.mode == "1" else "RGB")
    array = np.asarray(image)
    array = array if array.ndim == 3 else array[..., None]
    return array, image.mode in _ALPHA


def of_array(array: np.ndarray) -> tuple[np.ndarray, bool]:
    """As `read`, of one picture's array (height, width) or (height, width,
    channels); four channels of uint8 may be RGBA."""
    check_shape(array.shape)
    check_numbers(array.dtype)
    array = array if array.ndim == 3 else array[..., None]
    return array, may_be_rgba(array)


def may_be_rgba(array: np.ndarray) -> bool:
    """Whether the last of an array's channels may be alpha."""
    return array.shape[-1] == 4 and array.dtype == np.uint8


def check_shape(shape: tuple) -> None:
    """ValueError unless it is that of one picture."""
    if len(shape) not in (2, 3) or 0 in shape:
        raise ValueError(
            f"an array of shape {shape}; give one picture, (height, width) "
            "or (height, width, channels)"
        )
    if channels_first(shape):
        raise ValueError(
            f"an array of shape {shape}, its channels first; give (height, "
            "width, channels): x.transpose(1, 2, 0)"
        )


def channels_first(shape: tuple) -> bool:
    """Whether the shape of a picture, (?, ?, ?), looks like (channels,
    height, width)."""
    return len(shape) == 3 and (
        shape[0] <= _FIRST and max(shape[0] + 1, _LEAST) <= min(shape[1:])
    )


def check_numbers(dtype: np.dtype) -> None:
    """ValueError unless it is a type of numbers, or bool."""
    if dtype.kind not in "biuf":
        raise ValueError(f"an array of {dtype}; give numbers")


def header(file) -> tuple[int, int, bool, tuple] | None:
    """(width, height, whether it is grey, numbers of channels that it can be
    read with) of an array or a TIFF of several channels; None of any other
    file, which is then at its beginning.

    Args:
        file: open for reading bytes, and for going to and fro.
    """
    head = file.read(8)
    file.seek(0)
    if head[:6] == _NPY:
        form = np.lib.format
        read_header = {
            (1, 0): form.read_array_header_1_0,
            (2, 0): form.read_array_header_2_0,
        }.get(form.read_magic(file))
        if read_header is None:
            raise ValueError("an array file of an unknown version")
        shape, _, dtype = read_header(file)
        check_shape(shape)
        check_numbers(dtype)
        like = np.empty((1, 1, *(shape[2:] or (1,))), dtype)
        channels = like.shape[2]
        return shape[1], shape[0], channels == 1, gives(
            channels, may_be_rgba(like)
        )
    if tiff.takes(head):
        found = tiff.pages(file)
        if tiff.deep(found):
            channels, alpha = tiff.channels(found), tiff.alpha(found)
            return *tiff.sides(found), channels - alpha == 1, gives(
                channels, alpha
            )
        file.seek(0)
    return None


def several(head: bytes) -> bool:
    """Whether `header` may know a file of these first bytes."""
    return head[:6] == _NPY or tiff.takes(head)


def gives(channels: int, alpha: bool = False) -> tuple:
    """With which numbers of channels a picture can be read: grey and RGB
    for each other, any other for itself."""
    if channels - alpha in (1, 3):
        return (1, 3, channels) if alpha else (1, 3)
    return (channels,)


def _upright(array, turn):
    """An array of an orientation, 1 ... 8, turned and mirrored."""
    if turn > 4:
        array = array.swapaxes(0, 1)
    if turn in (2, 3, 6, 7):
        array = array[:, ::-1]
    if turn in (3, 4, 7, 8):
        array = array[::-1]
    return np.ascontiguousarray(array)
