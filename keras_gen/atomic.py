"""Files: where users say that they are, and why one cannot be written; and
files that survive a kill and a power cut."""

import contextlib
import errno
import os
import re
import shutil
import urllib.parse
import urllib.request
from pathlib import Path

from keras_gen.errors import InputError

# "gs://x"; as a Path it is "gs:/x". One letter is a drive of Windows.
_ADDRESS = re.compile(r"([A-Za-z][\w+.-]+):/+")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_ELSEWHERE = "choose another place"
_IN_THE_WAY = f"a file is where a folder should be; {_ELSEWHERE}"
_WHY = {
    errno.EACCES: f"there is no right to write there; {_ELSEWHERE}, or have "
    "its owner give it",
    errno.EROFS: f"that file system can only be read; {_ELSEWHERE}",
    errno.ENOSPC: f"the disk is full; free some space, or {_ELSEWHERE}",
    errno.EDQUOT: f"the disk quota is used up; free some space, or "
    f"{_ELSEWHERE}",
    errno.EFBIG: "files may not become that large here; have the limit "
    f"raised (ulimit -f), or {_ELSEWHERE}",
    errno.ENOTDIR: _IN_THE_WAY,
    errno.EEXIST: _IN_THE_WAY,
    errno.EISDIR: "a folder has that name; give the name of a file",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
    errno.ENOENT: "there is no folder to write it to; make it first, or "
    f"{_ELSEWHERE}",
}
_WHY[errno.EPERM] = _WHY[errno.EACCES]


def local(given: str | os.PathLike) -> Path:
    """The path that a user named, `~` and `~user` expanded; every path that
    comes from outside goes through here.

    Args:
        given: a path of this machine, or one as a file:// address.

    Raises:
        InputError: it is empty, an address of another machine (gs://,
            s3://, http://, ...), written as on Windows where this is none,
            of an unknown user, or nothing that a path can be.
    """
    try:
        text = os.fsdecode(given)
    except TypeError as error:
        raise InputError(
            f"a path is a string or a Path, got {given!r}"
        ) from error
    if not text.strip() or "\0" in text:
        raise InputError(
            f"{text!r} names no file or folder (an empty shell variable?): "
            "give a path; . is the current folder"
        )
    address = _ADDRESS.match(text)
    if address and address[1].lower() != "file":
        raise InputError(
            f"{text} is an address, and only files of this machine are read "
            "and written: give a local path, and copy from or to there"
        )
    if address:
        text = urllib.request.url2pathname(urllib.parse.urlsplit(text).path)
    _refuse_windows(text)
    # Not Path's own, for which ./~ is ~, too.
    found = os.path.expanduser(text)
    if found.startswith("~"):
        raise InputError(
            f"{text}: nobody's home is {text.partition('/')[0]}; give the "
            "whole path, or begin with ./ for a name with a ~"
        )
    return Path(found)


def _refuse_windows(text):
    if os.sep != "/" or "\\" not in text and not _DRIVE.match(text):
        return
    if _DRIVE.match(text) or not os.path.lexists(text):
        raise InputError(
            f"{text} is a path as on Windows: this machine's have / between "
            "folders and no drives"
        )


def why(error: OSError | RuntimeError) -> str:
    """Why a file could not be written, and what to do, in words."""
    number = getattr(error, "errno", None)
    # HDF5 tells it in its message alone.
    told = re.search(r"errno = (\d+)", str(error))
    if told and number not in _WHY:
        number = int(told[1])
    text = " ".join(str(getattr(error, "strerror", None) or error).split())
    return _WHY.get(number, text)


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
    path = local(path)
    aside = path.with_name(f"{path.stem}.aside{path.suffix}")
    try:
        yield aside
        rename(aside, path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {why(error)}") from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def refuse_existing(path):
    """InputError for a folder that is to be new, and is there already."""
    if path.exists():
        raise InputError(
            f"{path} exists: choose a new folder, or remove this one"
        )


@contextlib.contextmanager
def new_folder(path):
    """Gives an empty folder to fill, which is the new folder `path` when the
    block ends; after an error there is none.

    Raises:
        InputError: it is there already, or cannot be written.
    """
    path = local(path)
    refuse_existing(path)
    aside = path.with_name(f"{path.name}.{os.getpid()}.aside")
    shutil.rmtree(aside, ignore_errors=True)
    try:
        aside.mkdir(parents=True)
        yield aside
        aside.rename(path)
    except OSError as error:
        raise InputError(f"cannot write {path}: {why(error)}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
