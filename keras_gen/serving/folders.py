"""Which models and versions lie in the served folder.

    DIR/<name>/<version>/saved_model.pb       many models
    DIR/<version>/saved_model.pb              one model, named like DIR; the
                                              export/ of a run like the run

Nothing outside DIR is read: a symbolic link that leads out is refused.
"""

import os
import re
from pathlib import Path

from keras_gen.serving.errors import ServingError

# Not what is being written under another name, such as 3.aside.
_VERSION = re.compile(r"\d{1,18}", re.ASCII)


def inside(path, root):
    """Whether `path`, all links followed, is `root` or in it."""
    return real(path).is_relative_to(root)


def real(path):
    """The absolute path without links; where they go in a circle, as far as
    they can be followed."""
    return Path(os.path.realpath(path))


def models(root):
    """The folders in `root` with a model each, by name."""
    return {
        path.name: path for path in sorted(root.iterdir())
        if is_model(path, root)
    }


def name_of(folder):
    """What a folder of versions is called; the export of a run like it."""
    run = folder.name == "export" and (folder.parent / "recipe.toml").is_file()
    return folder.parent.name if run else folder.name


def is_model(folder, root):
    """Whether there is a version with a SavedModel in `folder`."""
    return any(
        (path / "saved_model.pb").is_file()
        for path in versions(folder, root).values()
    )


def versions(folder, root):
    """The versions of one model.

    Args:
        root: DIR as an absolute path without links.

    Returns:
        Dict from number to the Path of its folder; {} where `folder` is no
        folder that can be read, or leads out of `root`.
    """
    try:
        if not inside(folder, root) or not folder.is_dir():
            return {}
        return {
            int(path.name): path for path in sorted(folder.iterdir())
            if _VERSION.fullmatch(path.name) and path.is_dir()
        }
    except (FileNotFoundError, PermissionError):
        return {}


def state(version):
    """What changes when a file in the version's folder does: names, sizes and
    times. A copy that is still growing is tried again when it has grown."""
    found = []
    for entry in _entries(version):
        try:
            status = entry.lstat()
        except OSError:
            continue  # removed meanwhile
        found.append((entry, status.st_size, status.st_mtime_ns))
    return tuple(sorted(found))


def check_links(version, root):
    """PERMISSION_DENIED if loading the version would read outside `root`.

    A link inside the version's folder must stay inside that folder, since
    what is behind it is not looked at.
    """
    if not inside(version, root):
        raise ServingError(
            "PERMISSION_DENIED", f"{version} leads out of {root}"
        )
    own = real(version)
    for entry in _entries(version):
        if entry.is_symlink() and not inside(entry, own):
            raise ServingError(
                "PERMISSION_DENIED", f"the link {entry} leads out of {own}"
            )


def _entries(folder):
    """All files and folders below, links not followed."""
    for here, folders, names in os.walk(folder):
        for name in folders + names:
            yield Path(here, name)
