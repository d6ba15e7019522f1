"""Pictures of any type, range and channels: made, written, and as they should
be read."""

import numpy as np
from PIL import Image
from tiff_bytes import written

from keras_gen import data

SIDE = 16


def pictures(dtype, low, high, channels=1, count=20):
    """(count, SIDE, SIDE, channels), with the lowest and highest in each."""
    random = np.random.default_rng(0)
    made = random.uniform(low, high, (count, SIDE, SIDE, channels))
    made[:, 0, 0], made[:, 0, 1] = low, high
    return (made if dtype == "f4" else np.round(made)).astype(dtype)


def folder(path, array, form):
    """Writes pictures as files; PNG and TIFF without channels."""
    path.mkdir(parents=True)
    for number, one in enumerate(array):
        if form == "npy":
            np.save(path / f"{number}.npy", one)
        elif form == "tif" and one.shape[-1] > 1:
            (path / f"{number}.tif").write_bytes(written(one))
        else:
            Image.fromarray(one[..., 0]).save(path / f"{number}.{form}")
    return path


def levels(array, span, bits=8):
    """What should be read."""
    top = 2**bits - 1
    scaled = (array.astype("f8") - span[0]) / (span[1] - span[0]) * top
    return np.round(np.clip(scaled, 0, top)).astype(f"u{bits // 8}")


def read(source, kind="images", **arguments):
    """{column: the items of both splits, in no order}."""
    found = {}
    for split in ("train", "test"):
        part = data.load(source, kind, split, SIDE, **arguments)
        for name, items in part.take(np.arange(len(part))).items():
            found[name] = np.concatenate([*found.get(name, ()), *items]) \
                .reshape(-1, *items.shape[1:])
    return found


def same(found, wanted, within=0):
    """Whether items are the same, whatever their order."""
    def ordered(items):
        keys = items.reshape(len(items), -1).astype("f8") @ np.sqrt(
            np.arange(2, 2 + items[0].size)
        )
        return items[np.argsort(keys)].astype("f8")

    assert found.dtype == wanted.dtype and found.shape == wanted.shape
    if not within:
        return sorted(map(bytes, found)) == sorted(map(bytes, wanted))
    return np.abs(ordered(found) - ordered(wanted)).max() <= within
