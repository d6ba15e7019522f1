"""What data are, for machines: Croissant, the JSON-LD of MLCommons.

https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html: schema.org's
Dataset, its files with their sha256, and what an item is made of.
"""

import datetime
import hashlib
import json
import mimetypes
import os
from pathlib import Path
from typing import Any

from keras_gen import atomic
from keras_gen.accepted import accepted
from keras_gen.data import sources
from keras_gen.data.sources import contents, files
from keras_gen.errors import InputError

FILE = "croissant.json"
_VERSION = "http://mlcommons.org/croissant/1.1"
# Of the names below; "@vocab" has those of schema.org.
_CONTEXT = {
    "@language": "en", "@vocab": "https://schema.org/",
    "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/", "conformsTo": "dct:conformsTo",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    **{name: f"cr:{name}" for name in (
        "extract", "field", "fileProperty", "fileSet", "includes",
        "recordSet", "regex", "source", "transform",
    )},
}
# Of kinds with one picture an item, whether its folder is its class.
_RECORDS = {"images": False, "labelled": True}
# The library that reads it wants no spaces in an @id.
_ARCHIVE = "archive"
# The folder that a file is in.
_CLASS = r"^(?:.*/)?([^/]+)/[^/]+$"


def document(name: str, description: str, **more: Any) -> dict[str, Any]:
    """A Dataset.

    Args:
        name: of the data.
        description: what they are.
        more: other properties of schema.org or Croissant.
    """
    return {
        "@context": _CONTEXT, "@type": "sc:Dataset", "name": name,
        "description": description, "conformsTo": _VERSION, **more,
    }


@accepted
def of_files(
    source: str | Path, kind: str, out: str | Path, description: str = "",
) -> dict[str, Any]:
    """The Dataset of files on this machine: of a folder its pictures, of a
    .zip also its sha256, with what an item is where it is one picture, and
    its class where that is its folder; of another file its sha256 alone.

    Args:
        source: a folder, .zip, .npz, .npy or .csv.
        kind: how it is read, as of `data.load`.
        out: the file that the Dataset will be in; paths are told from there.
        description: what the data are; their name by default.

    Raises:
        InputError: no such files, or not in the folder of `out`.
    """
    reader, path = sources.find(source)
    if not isinstance(path, Path):
        raise InputError(
            f"{source} is no folder or file of this machine: a Croissant file "
            "tells where files are"
        )
    here = atomic.local(out).resolve().parent
    try:
        below = path.resolve().relative_to(here).as_posix()
    except ValueError:
        raise InputError(
            f"{out} would have to be in the folder of {source}, or in one "
            "above, for it tells paths from there"
        ) from None
    name = path.resolve().stem
    listed = [] if path.is_dir() else [file_object(path, below)]
    more: dict[str, Any] = {"distribution": listed}
    if reader is files:
        sets = file_sets(
            files.open_store(path)[0].names(),
            "" if below == "." or listed else f"{below}/", bool(listed),
        )
        listed += sets
        if kind in _RECORDS:
            more["recordSet"] = [
                record_set(each["@id"], _RECORDS[kind]) for each in sets
            ]
    day = datetime.date.fromtimestamp(path.stat().st_mtime)
    return document(
        name, description or name, datePublished=day.isoformat(), **more
    )


def file_object(path, below):
    """A file, with its sha256."""
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "@type": "cr:FileObject", "@id": _ARCHIVE, "name": path.name,
        "contentUrl": below, "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": kind, "sha256": digest,
    }


def file_sets(names, inside, archived):
    """The pictures among files, a set for each of their endings.

    Args:
        names: of all files.
        inside: what their paths begin with, seen from the Dataset's file.
        archived: whether the FileObject holds them.
    """
    endings = sorted({
        os.path.splitext(name)[1] for name in names
        if contents.is_picture(name) and not contents.is_hidden(name)
    })
    return [
        {
            "@type": "cr:FileSet", "@id": f"pictures{ending}",
            "name": f"pictures{ending}",
            **({"containedIn": {"@id": _ARCHIVE}} if archived else {}),
            "encodingFormat": mimetypes.guess_type(f"x{ending}")[0]
            or "application/octet-stream",
            # Their * stands for / as well.
            "includes": [f"{inside}*{ending}"],
        } for ending in endings
    ]


def record_set(pictures, labelled):
    """What an item is: a picture of a FileSet, and its class."""
    name = f"items-{pictures}"
    found = [field(name, "image", "sc:ImageObject", pictures, "content")]
    if labelled:
        label = field(name, "label", "sc:Text", pictures, "fullpath")
        label["source"]["transform"] = {"regex": _CLASS}
        found.append(label)
    return {
        "@type": "cr:RecordSet", "@id": name, "name": name, "field": found,
    }


def field(records, name, type_, pictures, extracted):
    """A column of a RecordSet."""
    return {
        "@type": "cr:Field", "@id": f"{records}/{name}", "name": name,
        "dataType": type_,
        "source": {
            "fileSet": {"@id": pictures},
            "extract": {"fileProperty": extracted},
        },
    }


def text(found: dict[str, Any]) -> str:
    """A Dataset as its file has it."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
