"""The forms in which users hand over the same data, for the tests of every
way into a model."""

import keras
import numpy as np
import pytest

from objectives import tiny


def mostly_slow(quick, names=tiny.NAMES):
    """The names, all but some marked slow."""
    return pytest.mark.parametrize("name", [
        pytest.param(name, marks=[pytest.mark.slow] * (name not in quick))
        for name in names
    ])


SOME = mostly_slow(
    ["autoencoder"], ["autoencoder", "classifier", "pix2pix", "gan_ema"]
)
FORMS = {
    "int64": lambda x: x.astype("int64"),
    "levels": lambda x: x.astype("float32"),
    "float64": lambda x: x.astype("float64"),
    "signed": lambda x: x / np.float32(127.5) - 1,
    "unit": lambda x: x / np.float32(255),
}
# Of labels.
NUMBERS = {
    "int64": lambda x: x.astype("int64"),
    "levels": lambda x: x.astype("float32"),
    "float64": lambda x: x[..., None].astype("float64"),
    "signed": lambda x: x.astype("uint8"),
    "unit": lambda x: x.astype("int8"),
}


def formed(columns, form):
    """The same columns, each in this form."""
    forms = {"u": FORMS, "i": NUMBERS}
    return {
        column: forms.get(x.dtype.kind, {form: np.float64})[form](x)
        for column, x in columns.items()
    }


def pictures(n):
    return tiny.pictures(np.random.default_rng(4), n)


def first(columns):
    return next(iter(columns.values()))


def losses(model, *data, **options):
    return model.evaluate(
        *data, batch_size=tiny.ROWS, verbose=0, return_dict=True, **options
    )


def batches(columns, plain=True):
    for i in range(0, len(first(columns)), tiny.ROWS):
        batch = {c: x[i:i + tiny.ROWS] for c, x in columns.items()}
        yield tuple(batch.values()) if plain else batch


class Sequence(keras.utils.PyDataset):
    """Batches that may be asked for in any order."""

    def __init__(self, columns, plain):
        super().__init__()
        self.batches = list(batches(columns, plain))

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]
