"""The user's own picture files: found, read one by one, written whole."""

import functools
import pathlib
from collections.abc import Callable, Iterable, Iterator

import numpy as np
from PIL import Image

from keras_gen import atomic, terminal
from keras_gen.data.reading import Reading
from keras_gen.data.sources import headers
from keras_gen.data.sources.files import open_store
from keras_gen.errors import InputError


def find(
    sources: Iterable[str | pathlib.Path], tell: bool = True
) -> list[tuple[str, Callable]]:
    """Picture files by name.

    Args:
        sources: paths of picture files, of folders and of .zip files; of the
            latter two whatever looks like a picture.
        tell: whether stderr gets a line on what else is there.

    Returns:
        List of (name, function that opens the file for reading bytes); the
        name is the path below the folder, with forward slashes.

    Raises:
        InputError: no such file, or a folder without pictures.
    """
    found: list[tuple[str, Callable]] = []
    for source in sources:
        path = atomic.local(source)
        if path.is_dir() or path.is_file() and path.suffix.lower() == ".zip":
            store, names, unread = open_store(path)
            for _, why in unread if tell else ():
                terminal.say(f"not read    {why}")
            found += [
                (name, functools.partial(store.open, name)) for name in names
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
    files: list[tuple[str, Callable]], reading: Reading
) -> Iterator[tuple[int, str, Image.Image | np.ndarray]]:
    """Reads pictures of any format and mode, upright, one by one.

    A file that is none is told in a line on stderr and left out.

    Args:
        files: of `find`.
        reading: how they become levels.

    Yields:
        (number in `files`, name, what `reading` has opened).

    Raises:
        InputError: at the end, when there was not one picture.
    """
    good = 0
    for number, (name, open_file) in enumerate(files):
        try:
            with open_file() as file:
                opened = reading.opened(file.read())
        except Exception as error:  # Pillow's readers raise all kinds
            skip(name, headers.reason(error))
            continue
        good += 1
        yield number, name, opened
    if not good:
        raise InputError(
            f"none of the {len(files)} files is a picture that can be read: "
            "give pictures in a format that Pillow knows"
        )


def skip(name: str, reason: object) -> None:
    """Tells that a file is left out."""
    terminal.say(f"skipped     {name}: {reason}")
