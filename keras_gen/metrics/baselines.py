"""What a model must beat: pictures made without a network, to be measured
like a model's.

The mixture of Gaussians and the kernel density are what generators must beat;
the mean picture, PCA, the nearest neighbour and the wrong pair what
reconstructions and translations must. Pictures are uint8 (n, height, width,
channels); wrong types and sizes raise an InputError.
"""

import numpy as np

from keras_gen.errors import InputError
from keras_gen.metrics import checks, parzen
from keras_gen.metrics.arrays import alike, slices, squared_distances
from keras_gen.metrics.mixture import GaussianMixture
from keras_gen.metrics.pca import PCA

# To choose from. Drawn pictures, with few colours, want narrow kernels.
BANDWIDTHS = tuple(np.geomspace(0.01, 0.5, 12).tolist())


def gaussian_mixture(train, n, dims=50, components=50, seed=0):
    """n pictures from a mixture of Gaussians, fitted to the first `dims`
    principal components of the training pictures."""
    pca = PCA.fit(train, dims, seed)
    mixture = GaussianMixture.fit(pca.encode(train), components, seed)
    return pca.decode(mixture.sample(n, seed))


def kernel_density(train, validation, n, seed=0, bandwidths=BANDWIDTHS):
    """n random training pictures with Gaussian noise, whose deviation is the
    Parzen bandwidth that makes validation pictures likeliest."""
    checks.at_least(1, n=n)
    train = checks.pictures(train)
    bandwidth = parzen.best_bandwidth(train, validation, bandwidths)
    rng = np.random.default_rng(seed)
    made = train[rng.integers(len(train), size=n)]
    for rows in slices(made):
        noise = rng.normal(0, 255 * bandwidth, made[rows].shape)
        made[rows] = np.clip(np.rint(made[rows] + noise), 0, 255)
    return made


def mean_picture(train, n):
    """The mean of the training pictures, n times (a read-only view)."""
    checks.at_least(1, n=n)
    train = checks.pictures(train)
    total = sum(
        train[rows].sum(0, dtype="float64") for rows in slices(train)
    )
    mean = np.rint(total / len(train)).astype("uint8")
    return np.broadcast_to(mean, (n, *mean.shape))


def pca_reconstruction(train, pictures, dims, seed=0):
    """Pictures through their first `dims` principal components: what a
    linear autoencoder with codes of that length does at best."""
    pca = PCA.fit(train, dims, seed)
    return pca.decode(pca.encode(pictures))


def nearest_neighbour(inputs, train_inputs, train_targets, side=16):
    """For each input the target of the training input that is nearest to it.

    Distances are squared differences of the inputs averaged to `side` x
    `side` pixels: at full size texture decides, and finds worse targets.
    """
    inputs = checks.pictures(inputs, "inputs")
    train_inputs = checks.pictures(train_inputs, "training inputs")
    alike(train_inputs, inputs, "training inputs")
    train_targets = checks.pictures(train_targets, "training targets")
    if len(train_inputs) != len(train_targets):
        raise InputError(
            f"there are {len(train_inputs)} training inputs but "
            f"{len(train_targets)} targets: give one for each"
        )
    checks.at_least(1, side=side)
    inputs, known = _averaged(inputs, side), _averaged(train_inputs, side)
    nearest = [
        squared_distances(inputs[rows], known).argmin(1)
        for rows in slices(inputs, len(known))
    ]
    return train_targets[np.concatenate(nearest)]


def wrong_pairing(targets, seed=0):
    """The targets in an order in which none is in its own place: what a
    translator that ignores its input may reach."""
    targets = checks.pictures(targets, "targets")
    if len(targets) < 2:
        raise InputError("wrong pairs need at least 2 targets, got 1")
    cycle = np.random.default_rng(seed).permutation(len(targets))
    order = np.empty_like(cycle)
    order[cycle] = np.roll(cycle, 1)
    return targets[order]


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
