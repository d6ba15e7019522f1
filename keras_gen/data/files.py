"""Columns of pictures from a folder or a .zip."""

import os
import pathlib
import zipfile

import numpy as np
from PIL import UnidentifiedImageError

from keras_gen.data import layouts, pictures
from keras_gen.data.dataset import Dataset
from keras_gen.errors import InputError

SUFFIXES = frozenset(
    ".jpg .jpeg .png .bmp .gif .webp .tif .tiff .ppm .pgm".split()
)


class Folder:
    """The files below a folder. Links to folders are followed."""

    def __init__(self, path):
        self.path = path

    def names(self):
        """Paths relative to the folder, with forward slashes."""
        found, seen = [], set()
        for top, folders, names in os.walk(
            self.path, onerror=_unreadable, followlinks=True
        ):
            if os.path.realpath(top) in seen:  # a link back up
                folders.clear()
                continue
            seen.add(os.path.realpath(top))
            base = pathlib.Path(top).relative_to(self.path)
            found += [(base / name).as_posix() for name in names]
        return found

    def read(self, name):
        """The bytes of a file."""
        return (self.path / name).read_bytes()


class Zip:
    """The files in a .zip, read without unpacking it."""

    def __init__(self, path):
        try:
            self.archive = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{path} cannot be read as a .zip ({error}); "
                "make or download it again"
            ) from error

    def names(self):
        """Paths in the archive."""
        return [
            entry.filename for entry in self.archive.infolist()
            if not entry.is_dir()
        ]

    def read(self, name):
        """The bytes of a file."""
        return self.archive.read(name)


class Files:
    """A column too large for memory: pictures are decoded on access.

    Args:
        store: Folder or Zip.
        parts: list of (name, None, "left" or "right").
        size, channels: of the pictures.
    """

    def __init__(self, store, parts, size, channels):
        self.store = store
        self.parts = parts
        self.size = size
        self.channels = channels

    def __len__(self):
        return len(self.parts)

    def __getitem__(self, indices):
        """uint8 (n, size, size, channels) for an int array (n,)."""
        result = np.empty(
            (len(indices), self.size, self.size, self.channels), np.uint8
        )
        for place, index in enumerate(indices):
            result[place], = decode_row(
                self.store, [self.parts[index]], self.size, self.channels
            )
        return result


def load_files(path, kind, split, size, channels, direction):
    """The Dataset in a folder or .zip; see keras_gen.data.load."""
    store = Folder(path) if path.is_dir() else Zip(path)
    names = store.names()
    usable = sorted(name for name in names if is_picture(name))
    if not usable:
        others = sorted({pathlib.Path(name).suffix for name in names})
        raise InputError(
            f"no picture in {path}: looked for files ending in "
            f"{' '.join(sorted(SUFFIXES))}, also in sub-folders, and found "
            f"{len(names)} others ({' '.join(others[:5]) or 'none'})"
        )
    groups, classes = layouts.find(usable, kind, split, direction, path)
    columns, skipped = {}, []
    for group in groups:
        added, bad = load_group(store, group, size, channels)
        skipped += bad
        if not len(added[group.columns[0]]):
            raise InputError(
                f"none of the {len(group.rows)} pictures found for {split} "
                f"in {path} can be read; the first: {bad[0]}"
            )
        columns.update(added)
    return Dataset(
        columns, kind == "unpaired", tuple(classes), tuple(skipped)
    )


def is_picture(name):
    """Whether a path ends like a picture and no part of it is hidden."""
    path = pathlib.PurePosixPath(name)
    hidden = any(
        part.startswith(".") or part == "__MACOSX" for part in path.parts
    )
    return path.suffix.lower() in SUFFIXES and not hidden


def load_group(store, group, size, channels):
    """(columns, skipped): all rows of the group that can be decoded, in one
    array per column or, where that is too large, as Files."""
    shape = (len(group.rows), size, size, channels)
    total = len(group.columns) * np.prod(shape, dtype=np.int64)
    held = total <= pictures.MEMORY_LIMIT
    arrays = [np.empty(shape, np.uint8) for _ in group.columns if held]

    def attempt(place):
        row = group.rows[place]
        try:
            # Also where nothing is held: a file that breaks in the middle of
            # a long training would be found too late.
            decoded = decode_row(store, row, size, channels)
        except InputError:
            raise
        except Exception as error:  # Pillow's readers raise all kinds
            shown = " + ".join(dict.fromkeys(name for name, _ in row))
            return f"{shown}: {reason(error)}"
        for array, picture in zip(arrays, decoded):
            array[place] = picture
        return None

    problems = pictures.in_chunks(attempt, range(len(group.rows)))
    good = [place for place, why in enumerate(problems) if why is None]
    if held:
        columns = [keep(array, good) for array in arrays]
    else:
        columns = [
            Files(store, [group.rows[place][number] for place in good],
                  size, channels)
            for number in range(len(group.columns))
        ]
    columns = dict(zip(group.columns, columns))
    if group.labels is not None:
        columns["label"] = np.array(group.labels, np.int32)[good]
    return columns, [why for why in problems if why]


def reason(error):
    """Why a file cannot be read, in one line."""
    if isinstance(error, UnidentifiedImageError):
        return "not a picture, or broken at its beginning"
    return str(error).partition("\n")[0] or type(error).__name__


def decode_row(store, row, size, channels):
    """The pictures of one row of a group, uint8 (size, size, channels)."""
    opened, result = {}, []
    for name, part in row:
        if name not in opened:
            opened[name] = pictures.decode(store.read(name), channels)
        image = opened[name]
        if part:
            image = pictures.half(image, part, name)
        result.append(pictures.fit(image, size))
    return result


def keep(array, rows):
    """array[rows] for rising `rows`, without a second array."""
    for place, row in enumerate(rows):
        if place != row:
            array[place] = array[row]
    return array[:len(rows)]


def _unreadable(error):
    raise InputError(
        f"{error.filename} cannot be read ({error.strerror}); "
        "change its permissions or leave it out"
    ) from error
