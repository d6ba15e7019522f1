"""A small source of each kind of data, by the kind's name.

Each makes (source, arguments of `load`) in a folder. A kind that is found in
`keras_gen.data.kinds` and has no case here fails its tests.
"""

import numpy as np
from PIL import Image

COUNT = 24


def random(*shape, high=256, seed=0):
    """Random uint8 below `high`."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, high, (COUNT, *shape), np.uint8)


def npz(folder, **arrays):
    """The path of an .npz of these arrays."""
    np.savez(folder / "pack.npz", **arrays)
    return folder / "pack.npz"


def images(folder):
    return npz(folder, x=random(20, 30, 3)), {"size": 16, "crop": 2}


def labelled(folder):
    label = np.arange(COUNT) % 4 - 1
    return npz(folder, x=random(20, 30), y=label), {
        "size": 16, "channels": 1, "crop": 3,
    }


def attributes(folder):
    return npz(folder, x=random(20, 30), y=random(5, high=2)), {"size": 8}


def pairs(folder):
    return npz(folder, a=random(20, 30), b=random(20, 30, seed=1)), {
        "size": [12, 20], "crop": 1, "direction": "BtoA",
    }


def unpaired(folder):
    return npz(folder, a=random(20, 30), b=random(9, 9, 3)[:11]), {
        "size": [20, 12], "crop": 4,
    }


def masks(folder):
    return npz(folder, image=random(20, 30, 3), mask=random(20, 30)), {
        "size": [12, 16], "crop": 2,
    }


def label_ids(folder):
    maps = random(20, 30, high=7).astype(np.int64)
    return npz(folder, input=maps, target=random(20, 30, 3)), {
        "size": [12, 16], "crop": 2,
    }


def single(folder):
    Image.fromarray(random(20, 30, 3)[0]).save(folder / "one.png")
    return folder / "one.png", {"size": [16, 24], "crop": 2}


def points(folder):
    x = np.random.default_rng(0).normal(size=(COUNT, 2))
    return npz(folder, x=x), {}


def videos(folder):
    return npz(folder, x=random(5, 20, 30)), {
        "size": [16, 12], "frames": 4, "crop": 3, "channels": 1,
    }


def voxels(folder):
    return npz(folder, x=random(4, 6, 8) < 128), {"size": [4, 6, 8]}


def tokens(folder):
    words = np.array(["<end>", "a", "red", "disc"])
    return npz(folder, tokens=random(7, high=4).astype(int),
               vocabulary=words), {}
