"""What lies in a folder or archive, by names alone: pictures to read, and
what is left out and why."""

import collections
import functools
import os
import re

from PIL import Image

from keras_gen.data.account import listed

_SUFFIXES = frozenset((
    ".jpg .jpeg .jpe .jfif .png .apng .bmp .dib .gif .webp .tif .tiff .ppm "
    ".pgm .pbm .pnm .npy"
).split())
# Of Pillow's, those that may be missing where it was built without them.
_WHERE_BUILT = frozenset(
    ".avif .avifs .heic .heif .jxl .jp2 .j2k .jpx .tga .qoi".split()
)
_OWN, _HIDDEN = "of a training or export", "hidden"
_OTHER = "no picture that can be read"
# Names that begin with a dot, and what systems put beside pictures.
_HIDDEN_NAME = re.compile(
    r"(?:^|/)(?:\.|(?:__MACOSX|@eaDir|#recycle|\$RECYCLE\.BIN|Thumbs\.db|"
    r"desktop\.ini)(?:/|$))"
)


@functools.cache
def suffixes():
    """The endings of pictures that can be read here."""
    Image.init()
    return _SUFFIXES | {
        ending for ending, form in Image.registered_extensions().items()
        if ending in _WHERE_BUILT and form in Image.OPEN
    }


def suffix(name):
    """The ending of a file's name in small letters, "" without."""
    return os.path.splitext(name)[1].lower()


def is_picture(name):
    """Whether a path ends like a picture."""
    found = name[name.rfind("."):].lower()
    return found in _SUFFIXES or found in _WHERE_BUILT and (
        found in suffixes()
    )


def is_hidden(name):
    """Whether a part of a path is hidden, or a system's own."""
    return _HIDDEN_NAME.search(name) is not None


def own_folders(names):
    """The folders among these files that a training or an export wrote, with
    a slash at the end: "" for the whole."""
    known, found = None, []
    for name in names:
        if not name.endswith(("recipe.toml", "saved_model.pb")):
            continue
        folder, _, last = name.rpartition("/")
        prefix = folder and folder + "/"
        if last == "saved_model.pb":
            found.append(prefix)
        elif last == "recipe.toml":
            known = known or set(names)
            if {prefix + "lock", prefix + "log.csv"} & known:
                found.append(prefix)
    return tuple(found)


def sorted_out(names):
    """Which files are read.

    Args:
        names: paths with forward slashes.

    Returns:
        (sorted names of pictures, list of (how many, what and why) of the
        others)
    """
    own, usable, left = own_folders(names), [], {}
    for name in names:
        if own and name.startswith(own):
            left.setdefault(_OWN, []).append(name)
        elif is_hidden(name):
            left.setdefault(_HIDDEN, []).append(name)
        elif is_picture(name):
            usable.append(name)
        else:
            left.setdefault(_OTHER, []).append(name)
    return sorted(usable), [
        (len(found), _told(why, found, own)) for why, found in left.items()
    ]


def _told(why, names, own):
    """What files are not read and why; `own`: of `own_folders`."""
    if why == _OWN:
        outer = [
            folder for folder in own
            if not any(folder != o and folder.startswith(o) for o in own)
        ]
        return f"{why}: {listed([each or './' for each in sorted(outer)])}"
    if why == _HIDDEN:
        return f"{why}: {listed(sorted(names))}"
    counts = collections.Counter(
        suffix(name) or "without ending" for name in names
    )
    often = sorted(counts, key=lambda ending: (-counts[ending], ending))
    shown = ", ".join(f"{counts[ending]:,} {ending}" for ending in often[:5])
    if len(often) > 5:
        shown += f" and {len(often) - 5:,} other endings"
    return f"{why}: {shown}: {listed(sorted(names))}"


def beside_folders(names):
    """Those of the files in whose folder are also folders with pictures:
    where a command run there leaves its figures."""
    folders = {name.rpartition("/")[0] for name in names}
    around = set()
    for folder in folders:
        while folder:
            folder = folder.rpartition("/")[0]
            around.add(folder)
    return [name for name in names if name.rpartition("/")[0] in around]
