"""What a model must beat: pictures made without a network, to be measured
like a model's.

The mixture of Gaussians and the kernel density are what generators must beat;
the mean picture, PCA, the nearest neighbour and the wrong pair what
reconstructions and translations must. Pictures are uint8 (n, height, width,
channels); wrong types and sizes raise an InputError.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from keras_gen import seeds
from keras_gen.accepted import at_least
from keras_gen.errors import InputError
from keras_gen.metrics import checks, parzen
from keras_gen.metrics.arrays import slices, squared_distances
from keras_gen.metrics.mixture import GaussianMixture
from keras_gen.metrics.pca import PCA

# To choose from. Drawn pictures, with few colours, want narrow kernels.
BANDWIDTHS = tuple(np.geomspace(0.01, 0.5, 12).tolist())

_WAYS = {
    "bicubic": Image.Resampling.BICUBIC, "nearest": Image.Resampling.NEAREST,
}


def gaussian_mixture(
    train: np.ndarray, n: int, dims: int = 50, components: int = 50,
    seed: int = 0,
) -> np.ndarray:
    """n items from a mixture of Gaussians, fitted to training items: to rows
    of numbers, float (n, d), as they are, to pictures' first `dims` principal
    components."""
    train = checks.pictures_or_features(train, "training items")
    if train.ndim == 2:
        mixture = GaussianMixture.fit(train, components, seed)
        return mixture.sample(n, seed).astype(train.dtype)
    pca = PCA.fit(train, dims, seed)
    mixture = GaussianMixture.fit(pca.encode(train), components, seed)
    return pca.decode(mixture.sample(n, seed))


def kernel_density(
    train: np.ndarray, validation: np.ndarray, n: int, seed: int = 0,
    bandwidths: Sequence[float] = BANDWIDTHS,
) -> np.ndarray:
    """n random training items with Gaussian noise, whose deviation is the
    Parzen bandwidth that makes validation items likeliest. Bandwidths are in
    units of a picture's 255; of rows of numbers, float (n, d), in units of
    their deviation, and smaller ones are tried, too."""
    at_least(1, n=n)
    train = checks.pictures_or_features(train, "training items")
    rng = seeds.generator(seed)
    if train.ndim == 2:
        unit = np.sqrt(train.var(0, dtype="float64").mean()) or 1.0
        finer = np.geomspace(1e-4, min(bandwidths), 20)[:-1]
        bandwidth = parzen.best_bandwidth(
            train, validation, unit * np.concatenate([finer, bandwidths])
        )
        made = train[rng.integers(len(train), size=n)]
        return (made + rng.normal(0, bandwidth, made.shape)).astype(
            train.dtype
        )
    bandwidth = parzen.best_bandwidth(train, validation, bandwidths)
    made = train[rng.integers(len(train), size=n)]
    for rows in slices(made):
        noise = rng.normal(0, 255 * bandwidth, made[rows].shape)
        made[rows] = np.clip(np.rint(made[rows] + noise), 0, 255)
    return made


def mean_picture(train: np.ndarray, n: int) -> np.ndarray:
    """The mean of the training pictures, n times (a read-only view)."""
    at_least(1, n=n)
    train = checks.pictures(train)
    total = sum(
        train[rows].sum(0, dtype="float64") for rows in slices(train)
    )
    mean = np.rint(total / len(train)).astype("uint8")
    return np.broadcast_to(mean, (n, *mean.shape))


def pca_reconstruction(
    train: np.ndarray, pictures: np.ndarray, dims: int, seed: int = 0
) -> np.ndarray:
    """Pictures through their first `dims` principal components: what a
    linear autoencoder with codes of that length does at best."""
    pca = PCA.fit(train, dims, seed)
    return pca.decode(pca.encode(pictures))


def nearest_neighbour(
    inputs: np.ndarray, train_inputs: np.ndarray, train_targets: np.ndarray,
    side: int = 16,
) -> np.ndarray:
    """For each input the target of the training input that is nearest to it.
    Targets may be of another size than inputs, with other channels.

    Distances are squared differences of the inputs averaged to `side` x
    `side` pixels: at full size texture decides, and finds worse targets.
    """
    inputs, train_inputs, train_targets = checks.translation(
        inputs, train_inputs, train_targets
    )
    at_least(1, side=side)
    inputs, known = _averaged(inputs, side), _averaged(train_inputs, side)
    nearest = [
        squared_distances(inputs[rows], known).argmin(1)
        for rows in slices(inputs, len(known))
    ]
    return train_targets[np.concatenate(nearest)]


def wrong_pairing(targets: np.ndarray, seed: int = 0) -> np.ndarray:
    """The targets in an order in which none is in its own place: what a
    translator that ignores its input may reach."""
    targets = checks.pictures(targets, "targets")
    if len(targets) < 2:
        raise InputError("wrong pairs need at least 2 targets, got 1")
    cycle = seeds.generator(seed).permutation(len(targets))
    order = np.empty_like(cycle)
    order[cycle] = np.roll(cycle, 1)
    return targets[order]


def resized(
    pictures: np.ndarray, height: int, width: int, how: str = "bicubic"
) -> np.ndarray:
    """Pictures at another size, as anyone enlarges them.

    Args:
        pictures: uint8 (n, height, width, channels).
        height, width: wanted.
        how: "bicubic" (Pillow's, a = -0.5, antialiased where pictures shrink)
            or "nearest", which repeats pixels.

    Raises:
        InputError: another way.
    """
    pictures = checks.pictures(pictures)
    if how not in _WAYS:
        raise InputError(f"how must be one of {', '.join(_WAYS)}, got {how!r}")
    if pictures.shape[1:3] == (height, width):
        return pictures
    made = np.empty((len(pictures), height, width, pictures.shape[3]), "uint8")
    for picture, out in zip(pictures, made):
        for channel in range(picture.shape[-1]):
            image = Image.fromarray(np.ascontiguousarray(picture[..., channel]))
            out[..., channel] = image.resize((width, height), _WAYS[how])
    return made


def with_channels(pictures: np.ndarray, channels: int) -> np.ndarray:
    """Pictures with 1 or 3 channels: grey repeated, or the luma 0.299 R +
    0.587 G + 0.114 B."""
    pictures = checks.pictures(pictures)
    if pictures.shape[-1] == channels:
        return pictures
    if channels == 3 and pictures.shape[-1] == 1:
        return np.repeat(pictures, 3, axis=3)
    if channels == 1 and pictures.shape[-1] == 3:
        return np.concatenate([
            np.rint(pictures[rows] @ [[0.299], [0.587], [0.114]]).astype(
                "uint8"
            ) for rows in slices(pictures)
        ])
    raise InputError(
        f"pictures of {pictures.shape[-1]} channels cannot be told in "
        f"{channels}: give 1 or 3 on both sides"
    )


def _averaged(pictures, side):
    """Means over a grid of side x side equal boxes, float64 (n, values)."""
    def boxes(size):
        # How much of each pixel lies in each box, as shares of the box.
        edges = np.linspace(0, size, min(side, size) + 1)[:, None]
        covered = np.clip(edges - np.arange(size), 0, 1)
        return np.diff(covered, axis=0) * min(side, size) / size

    rows, columns = map(boxes, pictures.shape[1:3])
    return np.concatenate([
        np.einsum(
            "ah,nhwc,bw->nabc", rows, pictures[some], columns, optimize=True
        ).reshape(-1, len(rows) * len(columns) * pictures.shape[3])
        for some in slices(pictures)
    ])
