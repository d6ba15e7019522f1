"""What the machine recorded of a recipe, in a file beside it.

`zoo/x.toml` is what a person reads and writes, `zoo/x.record.toml` what
training and measuring found:

    [weights]               sha256 of the published weights, by network
    [parameters]            how many numbers each network has
    [golden]                `keras_gen.export.golden.numbers` of the model
    [frozen.<name>]         sha256 of the weights that it was trained with
    [[results]]             what was measured: see keras_gen.zoo.results
    [card]                  trained and measured: when, how, on what; and what
                            experiments with it showed

Reading a recipe merges the two, so that nothing else need know of it. A
recipe elsewhere, as in a work directory, may have all in one file.
"""

import tomllib
from pathlib import Path

from keras_gen import atomic
from keras_gen.errors import InputError
from keras_gen.zoo import toml

ENDING = ".record"
_TABLES = ("weights", "parameters", "golden", "results")
_CARD = ("trained", "measured", "ablation", "arithmetic", "correlation")


def file_of(path: str | Path) -> Path:
    """The file of what is recorded of the recipe in a file."""
    path = atomic.local(path)
    return path.with_name(f"{path.stem}{ENDING}{path.suffix}")


def split(values: dict) -> tuple[dict, dict]:
    """A recipe's nested dicts in two: a person's, and what is recorded."""
    own, record = {}, {}
    for key, value in values.items():
        if key in _TABLES:
            record[key] = value
        elif key == "card":
            own[key], found = _parted(value, _CARD)
            record |= {key: found} if found else {}
        elif key == "frozen":
            parts = {name: _parted(v, ("sha256",)) for name, v in value.items()}
            own[key] = {name: rest for name, (rest, _) in parts.items()}
            found = {name: pin for name, (_, pin) in parts.items() if pin}
            record |= {key: found} if found else {}
        else:
            own[key] = value
    return own, record


def _parted(table, keys):
    if not isinstance(table, dict):
        return table, {}
    found = {k: v for k, v in table.items() if k in keys}
    return {k: v for k, v in table.items() if k not in keys}, found


def merged(values: dict, record: dict, where: str) -> dict:
    """A recipe's nested dicts with what is recorded of it.

    Args:
        values: a person's part.
        record: of the file beside it.
        where: the record's file, for messages.

    Raises:
        InputError: the record has something else, or what `values` have.
    """
    for key, rest in split(record)[0].items():
        if not isinstance(rest, dict) or any(rest.values()):
            raise InputError(
                f"{where}: {key} has what nobody records: it belongs into "
                "the recipe beside it"
            )
    return _merged(values, record, where, "")


def _merged(values, record, where, prefix):
    result = dict(values)
    for key, value in record.items():
        there = result.get(key)
        if isinstance(there, dict) and isinstance(value, dict):
            result[key] = _merged(there, value, where, f"{prefix}{key}.")
        elif key in result:
            raise InputError(
                f"{where}: {prefix}{key} is in the recipe beside it, too: "
                "take it out of there"
            )
        else:
            result[key] = value
    return result


def refuse_alone(path: Path) -> None:
    """Raises an InputError where a recipe has in its own file what belongs
    into that beside it."""
    found = split(tomllib.loads(path.read_text("utf-8-sig")))[1]
    if found:
        raise InputError(
            f"{path} has recorded {', '.join(found)} itself: move that into "
            f"{file_of(path)}"
        )


def write(path: Path, values: dict) -> Path:
    """Puts what is recorded in a recipe's nested dicts into the file beside
    the recipe's own, at once and whole; the file."""
    refuse_alone(path)
    with atomic.replacing(file_of(path)) as aside:
        aside.write_text(toml.text(split(values)[1]), "utf-8")
    return file_of(path)
