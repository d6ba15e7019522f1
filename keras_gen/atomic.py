"""Files that survive a kill and a power cut."""

import contextlib
import os
from pathlib import Path

from keras_gen.errors import InputError


def rename(aside, path):
    """Makes the closed file `aside` appear as `path`, at once and whole.

    It is on the disk before it has its name: whatever happens meanwhile,
    `path` is the old file or the new one.
    """
    _sync(aside)
    os.replace(aside, path)
    _sync(path.parent)


@contextlib.contextmanager
def replacing(path):
    """Gives the path to write a file at, which takes the place of `path`
    when the block ends; after an error `path` is what it was.

    Raises:
        InputError: it cannot be written.
    """
    path = Path(path)
    aside = path.with_name(f"{path.stem}.aside{path.suffix}")
    try:
        yield aside
        rename(aside, path)
    except OSError as error:
        raise InputError(
            f"cannot write {path} ({error}): choose another place"
        ) from error
    finally:
        aside.unlink(missing_ok=True)


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
