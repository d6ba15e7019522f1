"""Where picture files lie: a folder or a .zip."""

import os
import zipfile

from keras_gen.errors import InputError


class Folder:
    """The files below a folder. Links to folders are followed."""

    def __init__(self, path):
        self.path = os.path.abspath(path)

    def names(self):
        """Paths relative to the folder, with forward slashes."""
        found, seen = [], set()
        for top, folders, names in os.walk(
            self.path, onerror=_unreadable, followlinks=True
        ):
            real = os.path.realpath(top)
            if real in seen:  # a link back up
                folders.clear()
                continue
            seen.add(real)
            below = os.path.relpath(top, self.path).replace(os.sep, "/")
            prefix = "" if below == "." else f"{below}/"
            found += [prefix + name for name in names]
        return found

    def open(self, name):
        """A file, open for reading bytes."""
        return open(os.path.join(self.path, name), "rb", buffering=0)

    def stamp(self, name):
        """(bytes, time of the last change): another one, another content."""
        found = os.stat(os.path.join(self.path, name))
        return found.st_size, found.st_mtime_ns


class Zip:
    """The files in a .zip, read without unpacking it."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
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

    def open(self, name):
        """A file, open for reading bytes."""
        return self.archive.open(name)

    def stamp(self, name):
        """(bytes, checksum): another one, another content."""
        entry = self.archive.getinfo(name)
        return entry.file_size, entry.CRC


def _unreadable(error):
    raise InputError(
        f"{error.filename} cannot be read ({error.strerror}); "
        "change its permissions or leave it out"
    ) from error
