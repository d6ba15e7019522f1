"""Where picture files lie: a folder or a .zip."""

import os
import re
import zipfile

from keras_gen.data.account import listed
from keras_gen.errors import InputError


class Folder:
    """The files below a folder. Links to folders are followed."""

    # Of what is there but has no name to be read by, as `files.open_store`.
    odd: list = []

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
        return open(self.path + "/" + name, "rb", buffering=0)

    def stamp(self, name):
        """(bytes, time of the last change): another one, another content."""
        found = os.stat(self.path + "/" + name)
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
        self.entries, self.odd = {}, []
        outside, twice = [], []
        for entry in self.archive.infolist():
            # Windows' own tools write backslashes.
            if entry.is_dir() or entry.filename.endswith("\\"):
                continue
            name = inside(entry.filename)
            if name is None:
                outside.append(entry.filename)
                continue
            if name in self.entries:
                twice.append(name)
            self.entries[name] = entry
        if outside:
            self.odd.append((
                len(outside), f"names outside of the archive: "
                f"{listed(outside)}",
            ))
        if twice:
            self.odd.append((
                len(twice), "several in the archive of one name, of which "
                f"the last is read: {listed(twice)}",
            ))

    def names(self):
        """Paths in the archive, with forward slashes."""
        return list(self.entries)

    def open(self, name):
        """A file, open for reading bytes."""
        return self.archive.open(self.entries[name])

    def stamp(self, name):
        """(bytes, checksum): another one, another content."""
        entry = self.entries[name]
        return entry.file_size, entry.CRC


def inside(name):
    """The path of an archive's entry below where it would be unpacked, None
    where that is elsewhere."""
    parts = re.sub(r"^[A-Za-z]:(?=[/\\])", "", name).replace("\\", "/")
    parts = [part for part in parts.split("/") if part not in ("", ".")]
    return None if ".." in parts or not parts else "/".join(parts)


def _unreadable(error):
    raise InputError(
        f"{error.filename} cannot be read ({error.strerror}); "
        "change its permissions or leave it out"
    ) from error
