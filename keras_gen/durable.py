"""Files that survive a kill and a power cut."""

import os


def rename(aside, path):
    """Makes the closed file `aside` appear as `path`, at once and whole.

    It is on the disk before it has its name: whatever happens meanwhile,
    `path` is the old file or the new one.
    """
    _sync(aside)
    os.replace(aside, path)
    _sync(path.parent)


def _sync(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
