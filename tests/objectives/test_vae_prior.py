"""A VAE's loss on a frozen network's maps, and the prior that is fitted."""

import math

import keras
import numpy as np
import pytest

from check import array, assert_same, tensor, values
from keras_gen import zoo
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.networks import classifier, mlp, priors
from keras_gen.objectives.vae import VAE
from keras_gen.training import fine_tuning, trainer
from objectives import tiny

SHAPE = {"size": 16, "channels": 1, "latent_dim": 3}
TAPS = ["maps_8"]


def model(weight=0.0, components=0, **options):
    keras.utils.set_random_seed(0)
    networks = [mlp.gaussian_encoder(**SHAPE), mlp.decoder(**SHAPE)]
    if components:
        networks.append(priors.mixture(3, components))
    if weight:
        features = classifier.residual(size=16, channels=1, classes=2, width=4)
        options |= {
            "perceptual": features, "taps": TAPS, "perceptual_weight": weight,
        }
    vae = VAE(*networks, likelihood="gaussian", seed=3, **options)
    vae.compile(
        {"vae": keras.optimizers.SGD(1e-6)}, run_eagerly=True
    )
    return vae


def pictures(rows=8):
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (rows, 16, 16, 1)).astype("uint8")


# -- the loss ----------------------------------------------------------------


def test_the_loss_on_maps_stands_beside_the_bound():
    vae = model(50.0, beta=2.0)
    seen = {}
    whole = vae.perceptual_loss
    vae.perceptual_loss = lambda *pair: seen.update(pair=pair) or whole(*pair)
    logs = {
        k: float(array(v))
        for k, v in vae.test_step({"image": pictures()}).items()
    }
    target, fake = map(array, seen["pair"])
    np.testing.assert_allclose(target, pictures() / 127.5 - 1, atol=1e-6)
    assert np.abs(fake).max() <= 1
    maps = keras.Model(
        vae.perceptual.inputs, vae.perceptual.get_layer("maps_8").output
    )
    right, made = (
        array(maps(tensor(x), training=False)) for x in (target, fake)
    )
    assert logs["perceptual"] == pytest.approx(
        np.square(right - made).mean(), rel=1e-5
    )
    assert logs["vae_loss"] == pytest.approx(
        logs["reconstruction"] + 2 * logs["kl"] + 50 * logs["perceptual"],
        rel=1e-5,
    )
    # What is called a bound has no part of it.
    plain = model(beta=2.0).test_step({"image": pictures()})
    assert logs["elbo"] == pytest.approx(float(array(plain["elbo"])), rel=1e-6)


def moved(weight):
    """How far a step of plain descent moves each of the two networks, and
    that nothing of the frozen one moves."""
    vae = model(weight)
    frozen = vae.perceptual and values(vae.perceptual)
    before = values(vae.encoder), values(vae.decoder)
    vae.train_step({"image": pictures()})
    if frozen:
        assert_same(values(vae.perceptual), frozen)
    after = values(vae.encoder), values(vae.decoder)
    return [
        np.concatenate([(a - b).ravel() for a, b in zip(*pair)])
        for pair in zip(after, before)
    ]


def test_both_networks_and_no_other_learn_from_it():
    """The slope is linear in the weight."""
    none, once, twice = (moved(weight) for weight in (0.0, 2e4, 4e4))
    for a, b, c in zip(none, once, twice):
        part = b - a
        assert np.abs(part).max() > 1e-6
        np.testing.assert_allclose(
            c - b, part, atol=0.02 * np.abs(part).max()
        )


def test_weights_without_a_network_are_refused():
    networks = mlp.gaussian_encoder(**SHAPE), mlp.decoder(**SHAPE)
    features = classifier.residual(size=16, channels=1, classes=2, width=4)
    with pytest.raises(InputError, match="and no network"):
        VAE(*networks, perceptual_weight=1.0)
    with pytest.raises(InputError, match="and a network"):
        VAE(*networks, perceptual=features, taps=TAPS)
    with pytest.raises(InputError, match="above 0"):
        VAE(
            *networks, perceptual=features, taps=TAPS, perceptual_weight=-1.0
        )


# -- the prior ---------------------------------------------------------------


def drawn(vae, first, n, *truncation):
    seeds = np.arange(first, first + n)
    return array(vae.latents(tensor(seeds, "int64"), *truncation))


def test_until_it_is_fitted_latents_are_those_of_no_prior():
    np.testing.assert_array_equal(
        drawn(model(components=3), 0, 16), drawn(model(), 0, 16)
    )


def test_a_prior_of_one_component_is_the_latents_gaussian():
    """The moments of the mean over pictures of their posteriors: what
    maximises the evidence lower bound."""
    vae, rows = model(components=1), 4000
    vae.fit_prior(pictures(rows))
    posterior = vae.encoder(tensor(pictures(rows) / 127.5 - 1))
    mean = array(posterior["mean"]).astype("float64")
    variance = np.exp(array(posterior["log_variance"])).mean(0)
    covariance = np.cov(mean.T, bias=True) + np.diag(variance)
    assert (variance > 0.05 * np.diag(covariance)).all()
    layer = vae.prior.get_layer("mixture")
    scale = np.sqrt(np.diag(covariance))
    # Five standard errors.
    error = 5 / rows**0.5
    assert (np.abs(array(layer.means)[0] - mean.mean(0)) < error * scale).all()
    factor = array(layer.factors)[0].astype("float64")
    np.testing.assert_allclose(
        factor @ factor.T / np.outer(scale, scale),
        covariance / np.outer(scale, scale), atol=error * 2**0.5,
    )
    normal = array(noise.normal(noise.fold(0, np.arange(9)), (3,)))
    np.testing.assert_allclose(
        drawn(vae, 0, 9), normal @ factor.T + array(layer.means)[0],
        rtol=1e-4, atol=1e-5,
    )
    before = values(vae.prior)
    vae.fit_prior(pictures(rows))
    assert_same(values(vae.prior), before)


def test_a_seed_is_a_latent_and_a_picture():
    vae = tiny.build("vae_features")
    whole = drawn(vae, 0, 32)
    np.testing.assert_allclose(drawn(vae, 7, 3), whole[7:10], rtol=1e-5)
    made = vae.generate(4, seed=7)
    expected = vae.made.restore(array(vae.decode(tensor(whole[7:11]))))
    np.testing.assert_allclose(made, expected.astype(int), atol=1)
    # Other components than those of a tiny standard deviation.
    layer = vae.prior.get_layer("mixture")
    layer.factors.assign(1e-6 * layer.factors)
    means = array(layer.means)
    nearest = np.abs(drawn(vae, 0, 2000)[:, None] - means).sum(2)
    assert nearest.min(1).max() < 1e-3
    shares = np.bincount(nearest.argmin(1), minlength=3) / 2000
    np.testing.assert_allclose(shares, [0.5, 0.2, 0.3], atol=0.05)


def test_truncation_is_within_a_component():
    vae = tiny.build("vae_features")
    layer = vae.prior.get_layer("mixture")
    near = drawn(vae, 0, 50, tensor(np.full(50, 1e-3)))
    distances = np.abs(near[:, None] - array(layer.means)).sum(2)
    assert distances.min(1).max() < 0.1
    assert len(set(distances.argmin(1))) == 3
    # Of the component that the whole latent is of.
    choice = array(noise.uniform(noise.fold(1, np.arange(50)), ()))
    chosen = np.searchsorted([0.5, 0.7], choice, side="right")
    np.testing.assert_array_equal(distances.argmin(1), chosen)


def test_the_log_density_of_what_is_drawn():
    latent = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    expected = -0.5 * (latent**2).sum(1) - 1.5 * math.log(2 * math.pi)
    for vae in (model(), model(components=2)):
        np.testing.assert_allclose(
            array(vae.log_prior(tensor(latent))), expected, rtol=1e-5
        )
    vae.fit_prior(pictures(64))
    assert (array(vae.log_prior(tensor(latent))) != expected).all()


def test_the_prior_does_not_train_and_does_not_change_training():
    vae, plain = model(components=2), model()
    before = values(vae.prior)
    for each in (vae, plain):
        each.train_step({"image": pictures()})
    assert_same(values(vae.prior), before)
    assert_same(values(vae.encoder), values(plain.encoder))
    assert_same(values(vae.decoder), values(plain.decoder))


def test_what_cannot_be_fitted_is_refused():
    with pytest.raises(InputError, match="has no prior to fit"):
        model().fit_prior(pictures())
    with pytest.raises(InputError, match="at least 20 rows"):
        model(components=20).fit_prior(pictures(8))
    with pytest.raises(InputError, match="prior makes 4, but decoder takes 3"):
        VAE(
            mlp.gaussian_encoder(**SHAPE), mlp.decoder(**SHAPE),
            priors.mixture(4),
        )


# -- a run -------------------------------------------------------------------


def recipe(chosen):
    """With a prior beside its networks."""
    latent_dim = chosen["networks"]["decoder"]["latent_dim"]
    return chosen.override({
        "networks.prior": {
            "function": "keras_gen.networks.priors:mixture",
            "latent_dim": latent_dim, "components": 2,
        }, "train.precision": "float32",
    })


@pytest.mark.slow
def test_a_run_ends_with_a_fitted_prior(tmp_path):
    own = recipe(zoo.recipe("vae_shapes").smoke())
    trainer.run(own, tmp_path)
    loaded = zoo.load(tmp_path)
    data = own.batches(own.dataset(), loaded)
    expected = own.build()
    fresh = values(expected.prior)
    for name in ("encoder", "decoder"):
        expected.networks[name].set_weights(
            loaded.networks[name].get_weights()
        )
    expected.fit_prior(np.concatenate([data[i]["image"] for i in range(2)]))
    pairs = zip(values(loaded.prior), values(expected.prior), fresh)
    for a, b, c in pairs:
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
        assert (a != c).any()
    # One that was fitted to other networks is not this end's.
    loaded.decoder.trainable_variables[0].assign(
        2 * loaded.decoder.trainable_variables[0]
    )
    loaded.decoder.save_weights(tmp_path / "export" / "decoder.weights.h5")
    assert_same(values(zoo.load(tmp_path).prior), fresh)


def test_a_run_starts_from_a_model_without_a_prior():
    vae = recipe(zoo.recipe("vae_shapes")).build()
    start = values(vae.prior)
    fine_tuning.apply("vae_shapes", vae)
    source = zoo.load("vae_shapes")
    assert_same(values(vae.encoder), values(source.encoder))
    assert_same(values(vae.prior), start)
