"""Which items are for what: to train on, for the validation, for the test.

Where the data bring no such split it is cut from the training. What decides
on an item then is that item alone: a file's name, or the content of an
array's row; never its place among the others, nor its label.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from keras_gen.data import content
from keras_gen.data.sources.arrangement import (
    SPLITS,
    below,
    top_folder,
    tops,
)
from keras_gen.errors import InputError

# Fewer than so many are no validation: their mean says nothing.
_FEWEST = 5


class Chosen(NamedTuple):
    """The entries of a split, those of the others by split, and which are cut
    from what would else be trained on."""

    entries: list
    others: dict
    held: frozenset


def parts(entries, side=""):
    """{split: entries}, of "train", "validation" and "test"; none of those of
    which a part is to be held out. `side` is "" or, for trainA/ ..., "A" or
    "B"."""
    there = tops(entries)
    train, test, val = (
        below(entries, split + side) if split + side in there else []
        for split in SPLITS
    )
    if not train and not side:  # what lies beside test/, or all
        train = entries if there.isdisjoint(SPLITS) else [
            entry for entry in entries if top_folder(entry) not in SPLITS
        ]
    # Without test/, val/ is the test.
    return {
        "train": train, "validation": val if test else [], "test": test or val
    }


def choose(entries, split, side, source, share, sides=None):
    """The Chosen of a split: `side` is as of `parts`. Without a folder for
    the test, every tenth or so is held out for it; without one for the
    validation a share of the rest, if that of all `sides` suffices."""
    found = parts(entries, side)
    share = enough(share, *(
        len(parts(entries, each)["train"]) for each in sides or [side]
    ))
    held = {name for name in ("test", "validation") if not found[name]}
    if "test" in held:
        _cut(found, "test", held_out(entry.stem for entry in found["train"]))
    if "validation" in held:
        names = kept_back((entry.stem for entry in found["train"]), share)
        _cut(found, "validation", names)
    entries = found.pop(split)
    if not entries:
        _refuse_empty(split, found, side, source)
    return Chosen(entries, found, frozenset(held))


def _cut(found, split, names):
    """Moves the entries of these names from the training to a split."""
    both = [[], []]
    for entry in found["train"]:
        both[entry.stem in names].append(entry)
    found["train"], found[split] = both


def _refuse_empty(split, others, side, source):
    counts = " and ".join(
        f"{len(entries):,} for {name}" for name, entries in others.items()
    )
    folder = {"validation": "val"}.get(split, split) + side
    more = ", or give a larger share as validation" * (split == "validation")
    raise InputError(
        f"no {split} pictures in {source}: looked for {folder}/ and found "
        f"{counts}; add a folder {folder}/ with pictures{more}"
    )


def held_out(names: Iterable[str]) -> set[str]:
    """The set of names, about one in ten, that are kept for the test: chosen
    by a hash, so that adding files moves no other file."""
    held, rest, least, most = set(), False, None, None
    # Not kept: the hashes of a million take more than the names.
    for name in names:
        code = _code(name)
        least = min(least or (code, name), (code, name))
        most = max(most or (code, name), (code, name))
        if int.from_bytes(code[:8], "big") % 10 == 0:
            held.add(name)
        else:
            rest = True
    if least == most:  # one name, or none
        return set()
    return held if held and rest else {least[1]}


def enough(share: float, *counts: int) -> float:
    """The share of the validation; 0 where that were fewer than five of any
    of these counts of items: of so few all are trained on."""
    return share if share * min(counts) >= _FEWEST else 0.0


def kept_back(names: Iterable[str], share: float) -> set[str]:
    """The set of names, about a share of them, that are kept for the
    validation: chosen by other digits of the same hash; none where these were
    all, as of rows that are all alike."""
    back, rest, bound = set(), False, int(share * 2**64)
    for name in names if bound else ():
        if int.from_bytes(_code(name)[8:16], "big") < bound:
            back.add(name)
        else:
            rest = True
    return back if rest else set()


def _code(name):
    return hashlib.blake2b(name.encode("utf-8", "replace")).digest()


def parted(
    count: int, cut: Sequence[str], share: float,
    codes: Callable[[], Sequence[bytes]],
) -> dict[str, np.ndarray]:
    """Which rows of an array are for what.

    Args:
        count: of rows.
        cut: the splits that it holds beside "train".
        share: of the validation, of `enough`.
        codes: gives a hash of each row's content; asked for only where there
            is a validation to cut.

    Returns:
        {split: int (n,)}, of "train" and of those in `cut`.
    """
    # By its place: another rule would now make tests of rows that models of
    # before were trained on.
    tested = held_out(map(str, range(count))) if "test" in cut else set()
    rest = [row for row in range(count) if str(row) not in tested]
    parts = {"test": [row for row in range(count) if str(row) in tested]}
    if "validation" in cut and share:
        names = [code.hex() for code in codes()]
        back = kept_back((names[row] for row in rest), share)
        parts["validation"] = [row for row in rest if names[row] in back]
        rest = [row for row in rest if names[row] not in back]
    parts["train"] = rest
    return {
        split: np.array(parts.get(split, ()), int)
        for split in ("train", *cut)
    }


def chosen(
    parts: dict[str, np.ndarray], split: str, source: object
) -> np.ndarray:
    """The rows of a split of `parted`; InputError where there are none."""
    rows = parts[split]
    if not len(rows):
        count = sum(map(len, parts.values()))
        more = "add more"
        if split == "validation":
            more = "add more, or give a larger share as validation"
        raise InputError(
            f"no {split} items in {source}: only {count:,} in all; {more}"
        )
    return rows


def row_codes(arrays: dict[str, np.ndarray]) -> list[bytes]:
    """Hashes of the rows of arrays of one length by column: of all but their
    labels, whichever of a pair is the input."""
    found = [
        content.codes([array]) for name, array in arrays.items()
        if name != "label"
    ]
    return [b"".join(sorted(row)) for row in zip(*found)]
