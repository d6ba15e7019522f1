"""Likelihoods of VAEs whose exact likelihood is known."""

import keras
import numpy as np
import pytest
from scipy import stats

from keras_gen.errors import InputError
from keras_gen.evaluation import likelihood
from keras_gen.evaluation import vae_likelihood as module
from keras_gen.metrics import binarised
from keras_gen.networks import priors
from keras_gen.objectives.vae import VAE
from objectives import tiny


def linear(outputs, inputs, kernel, bias, name=None):
    layer = keras.layers.Dense(outputs, name=name)
    layer.build((None, inputs))
    layer.set_weights([
        np.reshape(kernel, (inputs, outputs)), np.reshape(bias, outputs)
    ])
    return layer


def linear_vae(shape, axes, bias, encoder, log_variance, **options):
    """x = axes z + bias, z ~ N(encoder x, exp(log_variance)); `encoder` is
    the kernel (d, k) and the bias (k,) of the posterior's mean."""
    d, k = axes.shape
    image = keras.Input(shape, name="image")
    flat = keras.layers.Flatten()(image)
    posterior = {
        "mean": linear(k, d, *encoder)(flat),
        "log_variance": linear(k, d, np.zeros((d, k)), log_variance)(flat),
    }
    latent = keras.Input((k,), name="latent")
    pixels = keras.layers.Reshape(shape)(linear(d, k, axes.T, bias)(latent))
    return VAE(
        keras.Model(image, posterior), keras.Model(latent, pixels), **options
    )


class Linear:
    """Probabilistic PCA (Tipping and Bishop 1999): a linear decoder with
    Gaussian noise, whose likelihood and posterior have closed forms."""

    def __init__(self, shape=(4, 3, 1), sigma=0.1, rows=40):
        rng = np.random.default_rng(0)
        d = int(np.prod(shape))
        # Orthogonal axes: the exact posterior is then diagonal.
        self.axes = np.linalg.qr(rng.normal(size=(d, 2)))[0] * [0.6, 0.3]
        self.bias = rng.uniform(-0.1, 0.1, d)
        self.shape, self.sigma = shape, sigma
        x = rng.normal(size=(rows, 2)) @ self.axes.T + self.bias
        x = x + sigma * rng.normal(size=x.shape)
        self.pictures = np.clip(
            np.rint((x + 1) * 127.5), 0, 255
        ).astype("uint8").reshape(-1, *shape)

    def exact(self):
        """log p(x) of each picture, by Woodbury's identity."""
        x = self.pictures.reshape(len(self.pictures), -1) / 127.5 - 1
        centred, axes, variance = x - self.bias, self.axes, self.sigma**2
        d = len(self.bias)
        scale = np.diag(axes.T @ axes) + variance
        codes = centred @ axes
        squares = np.square(centred).sum(1) - (codes**2 / scale).sum(1)
        log_determinant = np.log(scale).sum() + (d - 2) * np.log(variance)
        return -0.5 * (
            d * np.log(2 * np.pi) + log_determinant + squares / variance
        )

    def vae(self, off=0.0, wider=1.0, prior=None):
        """A VAE with the exact posterior of N(0, I), or with one whose mean
        is off by that much and whose variance is wider."""
        scale = np.diag(self.axes.T @ self.axes) + self.sigma**2
        kernel = self.axes / scale
        variance = wider * self.sigma**2 / scale
        return linear_vae(
            self.shape, self.axes, self.bias,
            (kernel, off - self.bias @ kernel), np.log(variance),
            likelihood="gaussian", sigma=self.sigma, prior=prior,
        )


def test_a_prior_is_part_of_the_likelihood():
    """Of one Gaussian, the pictures' distribution is a Gaussian, too."""
    known, prior = Linear(), priors.mixture(2, 1)
    mean, covariance = np.array([0.2, -0.1]), np.array([[1, 0.3], [0.3, 0.8]])
    prior.get_layer("mixture").assign([1.0], mean[None], covariance[None])
    x = known.pictures.reshape(40, -1) / 127.5 - 1
    exact = stats.multivariate_normal(
        known.axes @ mean + known.bias,
        known.axes @ covariance @ known.axes.T
        + known.sigma**2 * np.eye(len(known.bias)),
    ).logpdf(x).mean()
    found = likelihood(
        known.vae(wider=1.5, prior=prior), known.pictures,
        binarisation="grey", k=2000,
    )
    assert found.nll == pytest.approx(-exact, abs=0.01)
    assert abs(known.exact().mean() - exact) > 0.05


def test_with_the_exact_posterior_every_sample_gives_the_likelihood():
    known = Linear()
    exact = known.exact()
    for k in (1, 7):
        found = likelihood(
            known.vae(), known.pictures, binarisation="grey", k=k
        )
        assert found.nll == pytest.approx(-exact.mean(), abs=1e-4)
        assert found.elbo == pytest.approx(exact.mean(), abs=1e-4)
        assert found.standard_error == pytest.approx(
            exact.std(ddof=1) / np.sqrt(40), rel=1e-4
        )
        assert found[3:] == (k, 40, "grey")


def test_the_bound_falls_with_k_to_the_negative_log_likelihood():
    known = Linear()
    model, exact = known.vae(off=0.15, wider=2.0), known.exact()
    found = [
        likelihood(model, known.pictures, binarisation="grey", k=k)
        for k in (1, 10, 100, 3000)
    ]
    above = np.array([f.nll for f in found]) + exact.mean()
    assert above[0] > above[1] + 0.3 and above[1] > above[2] + 0.02
    assert above[2] > -0.01 and abs(above[3]) < 5e-3
    assert found[0].nll == -found[0].elbo
    # KL(q || p) of two Gaussians that differ by `off` and by `wider`.
    scale = np.diag(known.axes.T @ known.axes) + known.sigma**2
    gap = 0.5 * np.sum(
        2 - 1 - np.log(2) + 0.15**2 * scale / known.sigma**2
    )
    assert found[-1].elbo == pytest.approx(exact.mean() - gap, abs=0.02)


def test_pictures_of_thousands_of_nats_are_summed_in_float64():
    known = Linear((64, 32, 3), rows=24)
    found, _ = module.bounds_of(known.vae(), known.pictures, k=2)
    errors = found - known.exact()
    assert found.mean() > 5000
    assert abs(errors.mean()) < 2e-3
    # Sums over whole pictures in float32 scatter by 3e-4.
    assert errors.std() < 1e-4


def test_bernoulli_pixels_against_quadrature():
    rng = np.random.default_rng(0)
    shape, d = (4, 4, 1), 16
    axes, bias = rng.normal(size=(d, 1)), rng.normal(size=d)
    model = linear_vae(
        shape, axes, bias, (axes / 20, [0.0]), [-0.5],
    )
    pictures = rng.integers(0, 256, (12, *shape)).astype("uint8")
    for how in ("threshold", "stochastic"):
        found = likelihood(model, pictures, binarisation=how, k=4000, seed=3)
        white = binarised(pictures, how, seed=3).reshape(12, 1, d) / 255
        z = np.linspace(-9, 9, 2001)
        logits = z[:, None] * axes[:, 0] + bias
        terms = white * logits - np.logaddexp(0, logits)
        density = np.exp(terms.sum(2)) * stats.norm.pdf(z)
        exact = np.log(density.sum(1) * (z[1] - z[0]))
        assert found.nll == pytest.approx(-exact.mean(), abs=0.01)
        assert found.binarisation == how
        assert -found.elbo > found.nll + 0.05


def test_batches_change_nothing_and_the_seed_does(monkeypatch):
    known = Linear(rows=10)
    model, seen = known.vae(off=0.1), []

    def measure(**options):
        return likelihood(
            model, known.pictures, binarisation="grey",
            **{"k": 11, "seed": 4, **options},
        )

    whole = measure()
    for values in (12 * 4, 12 * 25):
        monkeypatch.setattr(module, "_VALUES", values)
        seen.clear()
        parts = measure(progress=lambda done, n: seen.append((done, n)))
        np.testing.assert_allclose(parts[:3], whole[:3], rtol=1e-6)
        assert len(seen) > 4 and seen == sorted(set(seen))
        assert seen[-1] == (110, 110)
    assert measure() == measure()
    assert measure(seed=5).elbo != whole.elbo


def test_averaged_networks_are_measured():
    known = Linear(rows=5)
    model = known.vae()
    model.average(0.9, ["encoder", "decoder"])
    before = likelihood(model, known.pictures, binarisation="grey", k=2)
    model.decoder.layers[1].bias.assign(np.full(12, 3.0))
    after = likelihood(model, known.pictures, binarisation="grey", k=2)
    assert before == after


def test_a_convolutional_vae_in_any_batch():
    pictures = tiny.data("vae")["image"][:3]
    found = likelihood(
        tiny.build("vae"), pictures, binarisation="threshold", k=5
    )
    assert np.isfinite(found[:3]).all() and -found.elbo >= found.nll


@pytest.mark.parametrize("name, options, message", [
    ("vae", {"binarisation": "none"}, "one of grey, threshold"),
    ("vae", {"binarisation": "grey", "k": 0}, "k must be"),
    ("vae_gaussian", {"binarisation": "threshold"}, "gaussian"),
    ("autoencoder", {"binarisation": "grey"}, "choose a VAE"),
    ("vae", {"binarisation": "grey", "pictures": np.zeros(
        (1, 8, 8, 3), "uint8")}, "16 x 16 x 3"),
])
def test_bad_input_gives_one_line(name, options, message):
    options = {"pictures": tiny.data("vae")["image"], **options}
    with pytest.raises(InputError, match=message) as error:
        likelihood(tiny.build(name), **options)
    assert "\n" not in str(error.value)
