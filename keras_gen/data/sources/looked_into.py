"""What values the pictures in files have, by a sample of them."""

import contextlib

import numpy as np

from keras_gen.data import ranges
from keras_gen.data.sources import layouts
from keras_gen.data.sources.decoded import files_of
from keras_gen.errors import InputError

# What `looked_into` found: a training opens its data several times.
_known: dict[tuple, ranges.Found] = {}


def sampled(groups, names, kind, split, arguments, path):
    """The groups of the training split: what a sample of these tells holds
    for both. Those of the test where there are no others."""
    if split != "train":
        with contextlib.suppress(InputError):
            groups = layouts.find(
                names, kind, "train", arguments, path
            ).groups
    return groups


def looked_into(store, groups, readers):
    """{name: ranges.Found} of the columns whose values have a range, by a
    sample of their files, evenly chosen; broken ones are left out."""
    found = {}
    for group in groups:
        rows = group.rows
        for number, name in enumerate(group.columns):
            if not readers[name].reading:
                continue
            count = min(len(rows), ranges.SAMPLE)
            chosen = np.linspace(0, len(rows) - 1, count).astype(int)
            names = [files_of(rows[place][number][0])[0] for place in chosen]
            stamps = tuple((each, *store.stamp(each)) for each in names)
            key = store.path, stamps, readers[name].reading
            if key not in _known:
                _known[key] = ranges.measure(
                    look(store, names, readers[name]),
                    readers[name].reading.range,
                )
            found[name] = _known[key]
    return {name: each for name, each in found.items() if each.count}


def look(store, names, reader):
    """Yields the pictures in some files, not many more values than
    `ranges.ENOUGH`; broken files are left out."""
    seen = 0
    for name in names:
        try:
            with store.open(name) as file:
                pictures = reader.looked_into([file.read()])
        except Exception:  # Pillow's readers raise all kinds
            continue
        yield from pictures
        seen += sum(array.size for array, _ in pictures)
        if seen > ranges.ENOUGH:
            break
