"""What a lesson has shown here: `docs/lessons/<name>.png`, its figure, and
`<name>.toml`, its numbers and what they are of.

The documentation is written from these; `keras-gen lesson NAME --record`
writes both.
"""

import tomllib
from pathlib import Path
from typing import Any

from keras_gen import atomic, plot
from keras_gen.errors import InputError
from keras_gen.zoo import toml, weights


def folder() -> Path:
    """Where records are: in a checkout alone.

    Raises:
        InputError: this is none.
    """
    docs = weights.home() / "docs"
    if not docs.is_dir():
        raise InputError(
            f"records of lessons are in docs/lessons of a checkout, and there "
            f"is no {docs}: leave --record out, and take --out"
        )
    return docs / "lessons"


def read(name: str) -> dict[str, Any]:
    """A lesson's record: seed, seconds, device, date, command, and `numbers`.

    Raises:
        InputError: there is none.
    """
    file = folder() / f"{name}.toml"
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise InputError(
            f"there is no record of the lesson {name} ({error}): keras-gen "
            f"lesson {name} --record writes it"
        ) from error


def write(name: str, picture: Any, record: dict[str, Any]) -> list[Path]:
    """Writes a lesson's figure, a PIL image, and its record; both or, after
    an error, neither.

    Returns:
        The paths of the two files.
    """
    place = folder()
    place.mkdir(exist_ok=True)
    files = [place / f"{name}{ending}" for ending in (".png", ".toml")]
    with atomic.replacing(files[1]) as aside:
        aside.write_text(toml.text(record), "utf-8")
        plot.save(picture, files[0])
    return files
