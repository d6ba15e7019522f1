"""What the papers prove, checked on the objectives themselves in 1-D."""

import math

import keras
import numpy as np
import pytest
from keras import layers
from scipy import integrate, stats

from check import array, tensor
from keras_gen import losses
from keras_gen.backend import gradients
from keras_gen.lessons._line import (
    P,
    Q,
    against_a_fixed_generator,
    judge,
    judged,
    line,
    on_line,
    quantiles,
    with_a_trained_judge,
)
from keras_gen.lessons._training import measured, train
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.vae import VAE
from keras_gen.objectives.wgan import WGAN

pytestmark = pytest.mark.usefixtures("any_numbers")


def js_divergence():
    """Of P and Q, by quadrature."""
    def integrand(x):
        p, q = P.pdf(x), Q.pdf(x)
        m = (p + q) / 2
        return (p * np.log(p / m) + q * np.log(q / m)) / 2

    return integrate.quad(integrand, -8, 8, limit=200)[0]


def value(logit):
    """V(D, G) of 1406.2661, D = sigmoid(logit(x))."""
    real, fake = tensor(logit(quantiles(P))), tensor(logit(quantiles(Q)))
    return -float(losses.saturating_discriminator(real, fake))


def best_logit(x):
    return P.logpdf(x) - Q.logpdf(x)


def test_the_trained_discriminator_is_p_over_p_plus_q():
    model = with_a_trained_judge("saturating")
    np.testing.assert_array_equal(
        np.concatenate([w.ravel() for w in model.generator.get_weights()]),
        np.float32([0.7, 0.0, 1.0, 0.0]),
    )
    grid = np.linspace(-3, 2.5, 56)
    logits = judged(model, grid)
    trained, best = (
        1 / (1 + np.exp(-x)) for x in (logits, best_logit(grid))
    )
    assert best.min() < 0.1 and best.max() > 0.9
    assert np.abs(trained - best).max() < 0.05


def test_the_trained_relativistic_discriminator_knows_the_ratio_of_ratios():
    """The real one of a pair (x, y) is x with probability p(x) q(y) /
    (p(x) q(y) + p(y) q(x)), so D(x) - D(y) = log p/q (x) - log p/q (y): log
    p/q but for a constant (1807.00734)."""
    model = with_a_trained_judge("relativistic")
    grid = np.linspace(-2.5, 2, 46)
    logits = judged(model, grid)
    middle = len(grid) // 2
    trained, best = (
        1 / (1 + np.exp(x[middle] - x)) for x in (logits, best_logit(grid))
    )
    assert best.min() < 0.1 and best.max() > 0.9
    assert np.abs(trained - best).max() < 0.05


def test_the_best_value_is_twice_the_js_divergence_less_log_4():
    best = 2 * js_divergence() - math.log(4)
    assert value(best_logit) == pytest.approx(best, abs=1e-3)
    for worse in (
        lambda x: 0.8 * best_logit(x), lambda x: 1.2 * best_logit(x),
        lambda x: best_logit(x) + 0.2, lambda x: best_logit(x) - 0.2,
        lambda x: best_logit(x) + 0.3 * np.sin(x), lambda x: 0 * x,
    ):
        assert value(worse) < best - 1e-3
    assert value(lambda x: 0 * x) == pytest.approx(-math.log(4), abs=1e-5)


def gradient_of(loss, logits):
    """Derivative of a generator's loss by each logit on its own."""
    result = gradients.gradient_wrt_input(
        lambda x: loss(x) * len(logits), tensor(logits)
    )
    return array(result)


def test_the_saturating_gradient_vanishes_where_the_other_does_not():
    logits = np.float32([[-30.0], [-8.0], [-1.0], [0.0], [3.0]])
    d = 1 / (1 + np.exp(-np.float64(logits)))
    saturating = gradient_of(losses.saturating_generator, logits)
    np.testing.assert_allclose(saturating, -d, rtol=1e-5)
    other = gradient_of(losses.non_saturating_generator, logits)
    np.testing.assert_allclose(other, d - 1, rtol=1e-5)
    assert abs(saturating[0, 0]) < 1e-12 and other[0, 0] < -0.999


SHIFTS = (0.5, 1.0, 2.0)


@pytest.mark.slow
@pytest.mark.parametrize("scale", [0.0, 1.0], ids=["points", "gaussians"])
def test_the_critic_estimates_the_wasserstein_distance(scale):
    # The best slope is 1 + shift / (2 weight): the weight is a large one.
    model = WGAN(
        line(scale, 0.0), judge(16), gradient_penalty=100.0, critic_steps=1,
        makes="points",
    )
    against_a_fixed_generator(model, 1e-2)
    rng = np.random.default_rng(0)
    for shift in SHIFTS:
        real = shift + scale * rng.normal(size=120 * 128)
        train(model, on_line(real), 128)
        estimate = measured(model, on_line(real))["wasserstein_estimate"]
        distance = stats.wasserstein_distance(
            real, scale * rng.normal(size=len(real))
        )
        assert distance == pytest.approx(shift, rel=0.07)
        assert estimate == pytest.approx(distance, rel=0.1)


def test_the_js_divergence_of_points_saturates_at_log_2():
    model = GAN(
        line(0.0, 0.0), judge(16), adversarial="saturating", makes="points",
    )
    against_a_fixed_generator(model, 3e-2)
    for shift in SHIFTS:
        real = np.full(100 * 32, shift)
        train(model, on_line(real), 32)
        loss = measured(model, on_line(real))["discriminator_loss"]
        js = (math.log(4) - loss) / 2
        assert js == pytest.approx(math.log(2), abs=0.01)


@pytest.mark.parametrize("place, penalised", [
    ("between", False), ("before", True), ("beyond", True),
])
def test_the_penalty_samples_lines_between_real_and_fake(place, penalised):
    """Fakes at 0, real pictures at 1, and a critic of slope 1 between them
    and of slope 5 elsewhere: alpha ~ N(0, 1) would leave the line."""
    model = WGAN(
        line(0.0, 0.0), kinked_critic(place), gradient_penalty=1.0,
        critic_steps=1, makes="points",
    )
    model.compile({p: keras.optimizers.SGD(0.0) for p in model.players})
    logs = measured(model, on_line(np.ones(500)))
    # The middle of the line decides which side of the kink is sampled more.
    assert (logs["gradient_penalty"] > 1e-3) == penalised
    if penalised:
        assert logs["gradient_penalty"] == pytest.approx(16 / 2, rel=0.15)


def kinked_critic(place):
    """Slope 1, and 5 outside [0, 1]; or 5 below or above 1/2."""
    kinks = {
        "between": ([1.0, 1.0, -1.0], [10.0, -1.0, 0.0], [1.0, 4.0, -4.0]),
        "before": ([1.0, -1.0], [10.0, 0.5], [1.0, -4.0]),
        "beyond": ([1.0, 1.0], [10.0, -0.5], [1.0, 4.0]),
    }
    slopes, offsets, outputs = (np.float32(row) for row in kinks[place])
    point = keras.Input((2,), name="points")
    hidden = layers.Dense(len(slopes), activation="relu")(point[:, :1])
    critic = keras.Model(point, layers.Dense(1)(hidden))
    critic.set_weights(
        [slopes[None], offsets, outputs[:, None], np.float32([0.0])]
    )
    return critic


def test_every_weight_is_in_the_box_after_each_clipped_update():
    c = 0.03
    model = WGAN(
        line(1.0, 0.5), judge(8), clip=c, critic_steps=3, makes="points"
    )
    model.compile(
        {p: keras.optimizers.RMSprop(0.05) for p in model.players},
        run_eagerly=True,
    )
    largest = []
    update = model.update

    def recorded(player, loss_fn, begun=None):
        logs = update(player, loss_fn, begun)
        if player == "critic":
            largest.append(
                max(np.abs(w).max() for w in model.critic.get_weights())
            )
        return logs

    object.__setattr__(model, "update", recorded)
    train(model, on_line(np.random.default_rng(0).normal(size=4 * 12)), 12)
    assert len(largest) == 12
    assert max(largest) <= np.float32(c)
    # The rate is larger than the box: without clipping they would be out,
    # as the generator's are.
    assert min(largest) > 0.9 * c
    assert np.abs(model.generator.get_weights()[1]).max() > c


# -- the linear-Gaussian model: x = W z + b + sigma e ------------------------

SIGMA = 0.4
# Orthogonal columns: the exact posterior has a diagonal covariance.
LOADINGS = np.array([[1.0, 0.5], [1.0, -0.5], [-1.0, 0.5], [-1.0, -0.5]])
OFFSET = np.array([0.3, -0.2, 0.1, 0.0])


def linear_gaussian():
    image = keras.Input((2, 2, 1))
    flat = layers.Flatten()(image)
    encoder = keras.Model(image, {
        "mean": layers.Dense(2)(flat), "log_variance": layers.Dense(2)(flat),
    })
    latent = keras.Input((2,), name="latent")
    pixels = layers.Reshape((2, 2, 1))(layers.Dense(4)(latent))
    model = VAE(
        encoder, keras.Model(latent, pixels), likelihood="gaussian",
        sigma=SIGMA,
    )
    model.compile({"vae": keras.optimizers.Adam(3e-2)})
    return model


def exact_likelihood(model, x):
    """Mean log p(x) of the decoder that the model has now, in nats."""
    loadings, offset = model.decoder.get_weights()
    covariance = loadings.T @ loadings + SIGMA**2 * np.eye(4)
    return stats.multivariate_normal(offset, covariance).logpdf(x).mean()


def elbo(model, x):
    return model.evaluate(
        np.float32(x).reshape(-1, 2, 2, 1), batch_size=len(x), verbose=0,
        return_dict=True,
    )["elbo"]


def set_exact_posterior(model):
    """Mean M^-1 W' (x - b), covariance sigma^2 M^-1, M = W'W + sigma^2."""
    m = LOADINGS.T @ LOADINGS + SIGMA**2 * np.eye(2)
    kernel = LOADINGS @ np.linalg.inv(m)
    log_variance = np.log(SIGMA**2 / np.diag(m))
    model.decoder.set_weights([LOADINGS.T, OFFSET])
    parts = {
        "mean": (kernel, -OFFSET @ kernel),
        "log_variance": (np.zeros((4, 2)), log_variance),
    }
    for name, output in model.encoder.output.items():
        layer = output._keras_history.operation
        layer.set_weights([np.float32(w) for w in parts[name]])


def linear_gaussian_data(n=20_000):
    rng = np.random.default_rng(0)
    z, e = rng.normal(size=(n, 2)), rng.normal(size=(n, 4))
    return z @ LOADINGS.T + OFFSET + SIGMA * e


def test_the_elbo_is_the_likelihood_under_the_exact_posterior():
    model, x = linear_gaussian(), linear_gaussian_data()
    set_exact_posterior(model)
    best = elbo(model, x)
    assert best == pytest.approx(exact_likelihood(model, x), abs=0.03)
    weights = model.encoder.get_weights()
    rng = np.random.default_rng(1)
    for size in (0.1, 0.3):
        model.encoder.set_weights(
            [w + size * rng.normal(size=w.shape) for w in weights]
        )
        assert elbo(model, x) < best - 0.03


def test_the_elbo_never_exceeds_the_likelihood_and_reaches_it():
    model, x = linear_gaussian(), linear_gaussian_data()
    gaps = []
    for _ in range(4):
        gaps.append(exact_likelihood(model, x) - elbo(model, x))
        model.fit(
            np.float32(x).reshape(-1, 2, 2, 1), batch_size=200, verbose=0
        )
    gaps.append(exact_likelihood(model, x) - elbo(model, x))
    # One latent for each of 20000 rows: the estimate is good to 0.02.
    assert min(gaps) > -0.03
    assert gaps[0] > 0.3 and gaps[-1] < 0.1
