"""Whether a run goes on with the data that it began with, wherever these lie
now."""

import hashlib

import numpy as np

from keras_gen import atomic, data
from keras_gen.errors import InputError

# Items of a column that are looked at.
_LOOKED = 64


def fingerprint(dataset):
    """A hash of a `data.Dataset`: of its columns' lengths, all labels and 64
    items, evenly chosen. It does not depend on where the data lie.

    Returns:
        str, 32 hexadecimal digits.
    """
    code = hashlib.sha256(repr(dataset.classes).encode("utf-8", "replace"))
    for name, column in dataset.columns.items():
        rows = np.linspace(0, len(column) - 1, _LOOKED).astype(int)
        items = column[np.unique(rows)]
        if isinstance(column, np.ndarray) and column.ndim == 1:
            items = column
        code.update(repr((name, len(column), items.shape)).encode())
        code.update(np.ascontiguousarray(items))
    return code.hexdigest()[:32]


def located(source):
    """A recipe's data source as it is written down: an absolute path of what
    is on this machine, else the name."""
    if data.built_in(source):
        return source
    path = atomic.local(source)
    return str(path.resolve()) if path.exists() else source


def checked(recipe, begun, dataset, workdir):
    """The fingerprint of the data that a run goes on with; prints where they
    were before, or that they have changed.

    Args:
        recipe: the `Recipe` to train.
        begun: that of the run so far, None for a new one.
        dataset: the recipe's `data.Dataset`.
        workdir: the run's folder, for messages.

    Raises:
        InputError: they come from another place and are others.
    """
    found = fingerprint(dataset)
    if begun is None:
        return found
    before = begun.values.get("run", {}).get("data")
    old, new = (located(r["data"]["source"]) for r in (begun, recipe))
    if old != new and before != found:
        unknown = "" if before else ", as far as is known,"
        raise InputError(
            f"the run in {workdir} began with the data in {old}, and those "
            f"in {new} are others{unknown}: give the same by --data, or "
            "choose another --workdir"
        )
    if old != new:
        print(f"data        moved from {old}, and the same")
    elif before not in (None, found):
        print(
            f"warning: the data in {new} have changed since the run began; it "
            "goes on with them as they are now"
        )
    return found
