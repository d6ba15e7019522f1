"""Baselines against what the mathematics says of them."""

import subprocess
import sys

import numpy as np
import pytest

from check import TESTS
from keras_gen.data.sources import shapes
from keras_gen.errors import InputError
from keras_gen.metrics import arrays, baselines, pairs, parzen
from keras_gen.metrics.mixture import GaussianMixture
from keras_gen.metrics.pca import PCA


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def real():
    """400 pictures of 16 pixels."""
    return shapes.columns("images", "train", 16, 3, 0)["image"][np.arange(400)]


def noise(n=10, size=6, seed=0):
    return rng(seed).integers(0, 256, (n, size, size, 1)).astype("uint8")


def spectrum(pictures):
    return np.linalg.eigvalsh(
        np.cov(pictures.reshape(len(pictures), -1).T, bias=True)
    )[::-1]


def test_pca_finds_the_largest_variances(real):
    pca = PCA.fit(real, 20)
    wanted = spectrum(real)
    np.testing.assert_allclose(pca.variances, wanted[:20], rtol=1e-6)
    assert pca.dropped == pytest.approx(wanted[20:].sum(), rel=1e-6)
    np.testing.assert_allclose(pca.axes.T @ pca.axes, np.eye(20), atol=1e-10)


def test_pca_error_is_the_sum_of_the_dropped_variances(real):
    pca = PCA.fit(real, 20)
    flat = arrays.flat(real)
    restored = pca.encode(real) @ pca.axes.T + pca.mean
    error = np.square(restored - flat).sum(1).mean()
    assert error == pytest.approx(pca.dropped, rel=1e-9)
    # Rounding and the range 0 ... 255 change it by little.
    rounded = baselines.pca_reconstruction(real, real, 20)
    assert pairs.rmse(rounded, real) ** 2 * real[0].size == pytest.approx(
        pca.dropped, rel=0.2
    )


def test_all_components_give_the_pictures_back():
    pictures = noise(60, 4)
    found = baselines.pca_reconstruction(pictures, pictures, 16)
    np.testing.assert_array_equal(found, pictures)


def test_pca_in_blocks_is_the_same(real, monkeypatch):
    whole = PCA.fit(real, 5)
    monkeypatch.setattr(arrays, "_BLOCK", 7 * real[0].size)
    parts = PCA.fit(real, 5)
    np.testing.assert_allclose(parts.variances, whole.variances, rtol=1e-9)
    np.testing.assert_allclose(
        np.abs(parts.encode(real)), np.abs(whole.encode(real)), atol=1e-3
    )


WEIGHTS = np.array([0.5, 0.3, 0.2])
MEANS = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 5.0]])
COVARIANCES = np.array([
    [[1.0, 0.6], [0.6, 1.0]], [[0.3, 0.0], [0.0, 2.0]],
    [[1.0, -0.4], [-0.4, 0.5]],
])
TRUE = GaussianMixture(WEIGHTS, MEANS, COVARIANCES)


def test_every_iteration_raises_the_likelihood():
    rows = rng(1).normal(size=(600, 5)) ** 3
    history = GaussianMixture.fit(rows, 6, tolerance=1e-5).history
    assert len(history) > 10
    assert (np.diff(history) > -1e-7).all()


def test_a_known_mixture_is_recovered():
    rows = TRUE.sample(8000)
    found = GaussianMixture.fit(rows, 3, tolerance=1e-6)
    order = [np.abs(found.means - m).sum(1).argmin() for m in MEANS]
    np.testing.assert_allclose(found.weights[order], WEIGHTS, atol=0.02)
    np.testing.assert_allclose(found.means[order], MEANS, atol=0.1)
    np.testing.assert_allclose(
        found.covariances[order], COVARIANCES, atol=0.15
    )
    assert found.log_density(rows).mean() >= TRUE.log_density(rows).mean()
    assert found.history[-1] == pytest.approx(found.log_density(rows).mean())


def test_a_mixture_has_mass_one():
    x = np.linspace(-8, 12, 401)
    grid = np.stack(np.meshgrid(x, x), -1).reshape(-1, 2)
    mass = np.exp(TRUE.log_density(grid)).sum() * (x[1] - x[0]) ** 2
    assert mass == pytest.approx(1, rel=1e-6)


def test_samples_have_the_moments_of_the_mixture():
    rows = TRUE.sample(40000, seed=2)
    mean = WEIGHTS @ MEANS
    np.testing.assert_allclose(rows.mean(0), mean, atol=0.05)
    wanted = np.einsum("k,kij->ij", WEIGHTS, COVARIANCES) + np.einsum(
        "k,ki,kj->ij", WEIGHTS, MEANS - mean, MEANS - mean
    )
    np.testing.assert_allclose(np.cov(rows.T), wanted, atol=0.12)
    # In no order of components.
    halves = rows[:20000].mean(0) - rows[20000:].mean(0)
    assert np.abs(halves).max() < 0.1


def test_equal_rows_make_no_error():
    found = GaussianMixture.fit(np.ones((20, 3)), 4)
    assert np.isfinite(found.log_density(np.ones((2, 3)))).all()
    np.testing.assert_allclose(found.sample(5), 1, atol=1e-5)


def test_mixture_pictures_have_the_training_moments(real):
    made = baselines.gaussian_mixture(real, 400, dims=15, components=4)
    assert made.dtype == np.uint8 and made.shape == real.shape
    again = baselines.gaussian_mixture(real, 400, dims=15, components=4)
    np.testing.assert_array_equal(made, again)
    off = np.abs(made.mean(0, "float64") - real.mean(0, "float64"))
    assert off.mean() < 6
    assert spectrum(made)[0] == pytest.approx(spectrum(real)[0], rel=0.2)


def test_kernel_density_is_training_pictures_with_that_noise():
    # Mid grey, so that the range does not cut the noise.
    train = np.full((30, 8, 8, 1), 120, "uint8")
    train[15:] = 136
    about = rng().normal(0, 0.1 * 255, (200, 8, 8, 1))
    validation = np.clip(train[rng().integers(0, 30, 200)] + about, 0, 255)
    grid = [0.02, 0.05, 0.1, 0.2, 0.4]
    made = baselines.kernel_density(
        train, validation.astype("uint8"), 500, bandwidths=grid
    )
    spread = made.astype("float64").std()
    assert spread == pytest.approx(np.hypot(25.5, 8), rel=0.03)
    assert parzen.best_bandwidth(
        train, validation.astype("uint8"), grid
    ) == 0.1


def test_the_mean_picture():
    pictures = noise()
    found = baselines.mean_picture(pictures, 4)
    assert found.shape == (4, 6, 6, 1) and found.dtype == np.uint8
    np.testing.assert_array_equal(found[3], np.rint(pictures.mean(0)))


def test_nearest_neighbours(monkeypatch):
    train, targets = noise(50), noise(50, seed=1)
    order = rng().permutation(50)[:20]
    inputs = np.uint8(np.clip(train[order].astype(int) + 3, 0, 255))
    monkeypatch.setattr(arrays, "_BLOCK", 7 * train[0].size)
    for side in (3, 4, 6, 16):
        found = baselines.nearest_neighbour(inputs, train, targets, side)
        np.testing.assert_array_equal(found, targets[order])


def test_neighbours_are_sought_among_averages():
    # Of checks the inverse is farthest, but with the same means.
    checks = np.indices((8, 8)).sum(0)[None, :, :, None] % 2 * 254
    train = np.concatenate([254 - checks, np.full_like(checks, 90)])
    for side, wanted in ((8, 1), (4, 0), (3, 0)):
        found = baselines.nearest_neighbour(
            checks.astype("uint8"), train.astype("uint8"),
            train.astype("uint8"), side,
        )
        np.testing.assert_array_equal(found[0], train[wanted])
    pictures = noise(2, 6)
    np.testing.assert_allclose(
        baselines._averaged(pictures, 3).reshape(2, 3, 3),
        pictures.reshape(2, 3, 2, 3, 2).mean((2, 4)),
    )
    # Boxes of one and a half pixels.
    row = baselines._averaged(pictures, 4).reshape(2, 4, 4)[0].mean(0)
    columns = pictures[0, ..., 0].mean(0)
    wanted = (columns[[0, 2, 3, 5]] + columns[[1, 1, 4, 4]] / 2) / 1.5
    np.testing.assert_allclose(row, wanted)


@pytest.mark.parametrize("n", [2, 3, 50])
def test_no_pair_of_the_wrong_pairing_is_right(n):
    targets = noise(n)
    for seed in range(5):
        found = baselines.wrong_pairing(targets, seed)
        assert not (found == targets).all((1, 2, 3)).any()
        assert {p.tobytes() for p in found} == {p.tobytes() for p in targets}


@pytest.mark.parametrize("call", [
    lambda: baselines.mean_picture(noise() * 16.0, 2),
    lambda: baselines.mean_picture(noise(), 0),
    lambda: baselines.nearest_neighbour(noise(), noise(5), noise(6)),
    lambda: baselines.wrong_pairing(noise(1)),
    lambda: PCA.fit(noise(), 10),
    lambda: PCA.fit(noise(), 3).encode(noise(size=5)),
    lambda: GaussianMixture.fit(np.zeros((3, 2)), 4),
])
def test_bad_input_gives_one_line(call):
    with pytest.raises(InputError) as error:
        call()
    assert "\n" not in str(error.value)


def test_no_keras_is_imported():
    # The package offers names that need Keras: import past it.
    code = (
        "import sys, types, keras_gen\n"
        "package = types.ModuleType('keras_gen.metrics')\n"
        "package.__path__ = [keras_gen.__path__[0] + '/metrics']\n"
        "sys.modules[package.__name__] = package\n"
        "import keras_gen.metrics.baselines, keras_gen.metrics.pairs\n"
        "import keras_gen.metrics.labels\n"
        "assert not {'keras', 'tensorflow', 'torch'} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=TESTS.parent
    )
