"""Decoded pictures on disk, so that each is decoded once.

A cache is one file in the folder `home()`: uint8 pictures, row after row, as
they come out of the decoder, then one byte of status for each row. Its name
is a hash of everything the pixels depend on. A process fills a file of its
own aside, a row at a time, and puts it in place under its name when it is
complete, or when it ends. A complete file never changes; a file that is not
complete is taken over, by renaming it, by the one process that goes on with
it. So any number of processes may work at once, without locks.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator

import numpy as np

from keras_gen import atomic, terminal
from keras_gen.errors import InputError

UNKNOWN, DECODED, BROKEN = 0, 1, 2

_ENDING = ".pictures"
ASIDE = ".aside"
# Of keras_gen.evaluation.kept_statistics, in the same folder, with the same
# rules.
STATISTICS = ".statistics"
_DAY = 24 * 3600


def home():
    """The folder of all caches: KERAS_GEN_CACHE, or keras_gen in the user's
    cache folder."""
    path = os.environ.get("KERAS_GEN_CACHE")
    if path:
        return atomic.local(path)
    user = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return atomic.local(user) / "keras_gen"


def key(*parts):
    """A name for what depends on `parts`, all of which have a `repr`; of an
    iterator counts the list of its items, which is never whole in memory."""
    code = hashlib.sha256()
    for part in parts:
        for piece in _written(part):
            code.update(piece.encode("utf-8", "surrogateescape"))
        code.update(b"\n")
    return code.hexdigest()[:32]


def _written(part):
    """The `repr` of a part of `key`, piece by piece."""
    if not isinstance(part, Iterator):
        yield repr(part)
        return
    yield "["
    for number, item in enumerate(part):
        yield ", " * bool(number) + repr(item)
    yield "]"


class Cache:
    """Rows of pictures, kept on disk as they are decoded.

    Args:
        name: from `key`.
        shape: (rows, pictures in a row, height, width, channels).

    Attributes:
        status: uint8 (rows,): UNKNOWN, DECODED or BROKEN.
        whole: whether every row is DECODED.
        pictures: uint8 array of `shape`, to be read only where DECODED. It
            is mapped, not loaded: the system keeps in memory what there is
            room for.
        note: one line, where the cache is or why there is none.
    """

    def __init__(self, name, shape):
        self.path = home() / (name + _ENDING)
        self.size = int(np.prod(shape, dtype=np.int64))
        self.row = self.size // shape[0]
        self.status = np.zeros(shape[0], np.uint8)
        self.aside = None
        self.full = False
        self.lock = threading.Lock()
        self.note = f"cached in {self.path}"
        self.file = self._open()
        # A plain view: indexing a memmap itself is slower than an array.
        self.pictures = np.asarray(
            np.memmap(self.file, np.uint8, "r", shape=shape)
        )
        self.left = int((self.status == UNKNOWN).sum())
        self.whole = bool((self.status == DECODED).all())
        # Also where the process ends before every row was met.
        self.publish = weakref.finalize(
            self, _publish, self.file, self.status, self.size, self.aside,
            self.path,
        )
        if not self.left:
            self.publish()

    def _open(self):
        """The file: complete, taken over, or new."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            aside = self.path.with_name(
                f"{self.path.stem}.{os.getpid()}.{time.time_ns()}{ASIDE}"
            )
            with contextlib.suppress(FileNotFoundError):
                return self._found(aside)
            make_room(self.path.parent, self.size)
            file = open(aside, "x+b", buffering=0)
            self.aside = aside
            file.truncate(self.size + len(self.status))
            return file
        except OSError as error:
            if self.aside:
                self.aside.unlink(missing_ok=True)
            self.aside = None
            return self._scratch(error)

    def _scratch(self, why):
        """A file that ends with the process."""
        self.note = (
            f"not cached for the next run: {atomic.why(why)}; KERAS_GEN_CACHE "
            "names the folder"
        )
        try:
            file = tempfile.TemporaryFile(buffering=0)
            file.truncate(self.size)
        except OSError as error:
            raise InputError(
                f"there is no room for decoded pictures ({why}; {error}): set "
                f"KERAS_GEN_CACHE to a folder with {self.size / 1e9:.1f} GB"
            ) from error
        return file

    def _found(self, aside):
        """The file of an earlier process, moved aside unless complete."""
        file = open(self.path, "rb", buffering=0)
        if (self._read_status(file) == UNKNOWN).any():
            os.rename(self.path, aside)
            self.aside = aside
            # Another process may have put another one there meanwhile.
            file = open(aside, "r+b", buffering=0)
            self._read_status(file)
        else:
            os.utime(self.path)  # used: the last to be deleted
        return file

    def _read_status(self, file):
        file.seek(self.size)
        found = np.frombuffer(file.read(), np.uint8)
        if len(found) != len(self.status):
            raise FileNotFoundError("damaged: as good as none")
        self.status[:] = found
        return found

    def write(self, row, pictures):
        """Keeps a row, uint8 (pictures in a row, height, width, channels),
        or None for one that cannot be decoded."""
        if pictures is not None:
            # Not through the map: on a full disk that would end the process.
            if not self._written(pictures, row * self.row):
                return
        with self.lock:
            self.left -= int(self.status[row] == UNKNOWN)
            self.status[row] = BROKEN if pictures is None else DECODED
            if not self.left:
                self.whole = bool((self.status == DECODED).all())
                self.publish()

    def _written(self, pictures, place):
        """Whether bytes went to the file; once not, no more are tried."""
        if self.full:
            return False
        try:
            done = os.pwrite(self.file.fileno(), pictures, place)
            if done < pictures.nbytes:
                raise OSError("the disk is full")
        except OSError as error:
            self.full = True
            terminal.say(
                f"the cache stays incomplete ({error}): pictures that are "
                "not in it are decoded anew in each epoch"
            )
        return not self.full


def _publish(file, status, size, aside, path):
    """Puts a file in its place, unless another process was faster."""
    if aside is None:
        return
    with contextlib.suppress(OSError):
        complete = not (status == UNKNOWN).any()
        if complete or status.any() and not path.exists():
            os.pwrite(file.fileno(), status, size)
            os.fsync(file.fileno())
            os.replace(aside, path)
        else:
            os.unlink(aside)


def make_room(folder, size):
    """Deletes the caches that were not used for longest until `size` bytes
    more leave half of the disk's free space free; OSError where they cannot.

    A process that still reads a deleted cache goes on reading it.
    """
    known = []
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            found = path.stat()
            if path.suffix in (_ENDING, STATISTICS):
                known.append((found.st_mtime, found.st_blocks * 512, path))
            elif path.suffix == ASIDE and (
                time.time() - found.st_mtime > _DAY
            ):  # of a process that was killed
                path.unlink()
    free = shutil.disk_usage(folder).free
    used = sum(kept for _, kept, _ in known)
    if 2 * size > free + used:
        raise OSError(
            f"{size / 1e9:.1f} GB are more than half of the disk's room"
        )
    for _, kept, path in sorted(known):
        if 2 * size <= free:
            break
        path.unlink(missing_ok=True)
        free += kept
