"""The user's own picture files: found, read one by one, written whole."""

import functools
import pathlib
from collections.abc import Callable, Iterable, Iterator

from PIL import Image

from keras_gen import terminal
from keras_gen.data import pictures
from keras_gen.data.sources import headers
from keras_gen.data.sources.files import open_store
from keras_gen.errors import InputError


def find(sources: Iterable[str | pathlib.Path]) -> list[tuple[str, Callable]]:
    """Picture files by name.

    Args:
        sources: paths of picture files, of folders and of .zip files; of the
            latter two whatever looks like a picture.

    Returns:
        List of (name, function that opens the file for reading bytes); the
        name is the path below the folder, with forward slashes.

    Raises:
        InputError: no such file, or a folder without pictures.
    """
    found: list[tuple[str, Callable]] = []
    for path in map(pathlib.Path, sources):
        if path.is_dir() or path.is_file() and path.suffix.lower() == ".zip":
            store, names = open_store(path)
            found += [
                # An archive may hold absolute paths; names stay below a folder.
                (name.lstrip("/"), functools.partial(store.open, name))
                for name in names
            ]
        elif path.is_file():
            found.append((path.name, functools.partial(open, path, "rb")))
        else:
            raise InputError(
                f"there is no {path}: give picture files, folders or .zip "
                "files"
            )
    return found


def images(
    files: list[tuple[str, Callable]], channels: int, size: int | None = None
) -> Iterator[tuple[int, str, Image.Image]]:
    """Reads pictures of any format and mode, upright, one by one.

    A file that is none is told in a line on stderr and left out.

    Args:
        files: of `find`.
        channels: 1 (grey) or 3 (RGB).
        size: pixels that they will be scaled to, which makes large JPEG
            files quicker to read; None for all of their pixels.

    Yields:
        (number in `files`, name, PIL image of mode L or RGB).

    Raises:
        InputError: at the end, when there was not one picture.
    """
    good = 0
    for number, (name, open_file) in enumerate(files):
        try:
            with open_file() as file:
                image = pictures.decode(file.read(), channels, size)
        except Exception as error:  # Pillow's readers raise all kinds
            skip(name, headers.reason(error))
            continue
        good += 1
        yield number, name, image
    if not good:
        raise InputError(
            f"none of the {len(files)} files is a picture that can be read: "
            "give pictures in a format that Pillow knows"
        )


def skip(name: str, reason: object) -> None:
    """Tells that a file is left out."""
    terminal.say(f"skipped     {name}: {reason}")


def scaled(image: Image.Image, size: int) -> Image.Image:
    """A PIL image whose short side has `size` pixels, with antialiasing, as
    the pictures of a training are scaled; the shape stays."""
    short = min(image.size)
    if short == size:
        return image
    sides = [max(1, round(side * size / short)) for side in image.size]
    return image.resize(sides, Image.Resampling.LANCZOS)
