"""Unrolled GANs against the paper's equations, computed once more here in
float64, and against finite differences of the objective's own loss."""

import keras
import numpy as np
import pytest

from check import array, needs, tensor, values
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.networks import dcgan
from keras_gen.objectives.base.imagined import Imagined
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.unrolled import UnrolledGAN
from keras_gen.optimizers import Adam
from keras_gen.penalties import R1
from objectives import tiny

ROWS, RATE = 16, 0.05


def generator():
    """A linear map of two numbers: scales and offsets of the points."""
    latent = keras.Input((2,), name="latent")
    return keras.Model(latent, keras.layers.Dense(2, name="out")(latent))


def discriminator(activation="tanh", width=6):
    points = keras.Input((2,), name="points")
    hidden = keras.layers.Dense(width, activation=activation)(points)
    return keras.Model(points, keras.layers.Dense(1)(hidden))


def game(game=UnrolledGAN, optimizer=None, rate=0.0, judge=None, **options):
    """A game of two points in the plane, whose generator moves by SGD, so
    that its step tells its gradient."""
    keras.utils.set_random_seed(2)
    model = game(
        generator(), judge or discriminator(), makes="points", seed=3,
        **options,
    )
    model.compile({
        "discriminator": optimizer or Adam(RATE, beta_1=0.5),
        "generator": keras.optimizers.SGD(rate),
    }, run_eagerly=True)
    return model


def batch(seed=0):
    rng = np.random.default_rng(seed)
    return {"points": rng.normal(0.5, 1.0, (ROWS, 2)).astype("float32")}


# -- the paper's equations, in float64 ---------------------------------------


def softplus(x):
    return np.logaddexp(0.0, x)


def logits(theta, points):
    kernel, bias, out, last = theta
    return (np.tanh(points @ kernel + bias) @ out + last)[:, 0]


def slopes(theta, real, fake, pairs):
    """Of the discriminator's loss by each of its weights."""
    kernel, bias, out, _ = theta
    on_real, on_fake = logits(theta, real), logits(theta, fake)
    if pairs:
        by_real = -1 / (1 + np.exp(on_real - on_fake))
        by_fake = -by_real
    else:
        by_real = -1 / (1 + np.exp(on_real))
        by_fake = 1 / (1 + np.exp(-on_fake))
    total = [np.zeros_like(each) for each in theta]
    for points, by in ((real, by_real), (fake, by_fake)):
        by = by[:, None] / len(points)
        hidden = np.tanh(points @ kernel + bias)
        inside = by @ out.T * (1 - hidden**2)
        for each, slope in zip(total, (
            points.T @ inside, inside.sum(0), hidden.T @ by, by.sum(0)
        )):
            each += slope
    return total


def adam(theta, steps, real, fake, pairs, state):
    """K of the discriminator's steps: Kingma and Ba, with beta 0.5, 0.999."""
    first, second, done = [*state[0]], [*state[1]], state[2]
    for done in range(done + 1, done + steps + 1):
        rate = RATE * np.sqrt(1 - 0.999**done) / (1 - 0.5**done)
        found = slopes(theta, real, fake, pairs)
        first = [0.5 * m + 0.5 * g for m, g in zip(first, found)]
        second = [0.999 * v + 0.001 * g**2 for v, g in zip(second, found)]
        theta = [
            x - rate * m / (np.sqrt(v) + 1e-7)
            for x, m, v in zip(theta, first, second)
        ]
    return theta


def surrogate(weights, latent, real, theta, steps, adversarial, state):
    """Equation 5 of the paper, or another loss of the generator."""
    fake = latent @ weights[0] + weights[1]
    pairs = adversarial == "relativistic"
    theta = adam(theta, steps, real, fake, pairs, state)
    on_real, on_fake = logits(theta, real), logits(theta, fake)
    if adversarial == "saturating":
        return -softplus(-on_real).mean() - softplus(on_fake).mean()
    return softplus(-on_fake + (on_real if pairs else 0)).mean()


def by_differences(function, weights, step=1e-5):
    found = [np.zeros_like(each) for each in weights]
    for number, each in enumerate(weights):
        for place in np.ndindex(each.shape):
            values = []
            for sign in (1, -1):
                moved = [x.copy() for x in weights]
                moved[number][place] += sign * step
                values.append(function(moved))
            found[number][place] = (values[0] - values[1]) / (2 * step)
    return found


def doubles(tensors):
    return [np.float64(array(each)) for each in tensors]


@pytest.mark.parametrize("steps, adversarial", [
    (0, "non_saturating"), (1, "non_saturating"), (7, "non_saturating"),
    (3, "relativistic"), (7, "saturating"),
])
def test_the_step_is_the_papers(steps, adversarial):
    """After some steps, so that the averages of Adam are not 0."""
    judge = discriminator()
    model = game(judge=judge, adversarial=adversarial, unrolled_steps=steps)
    for seed in range(3):
        model.train_step(batch(seed))
    optimizer = model.optimizers["discriminator"]
    places = map(optimizer._get_variable_index, judge.trainable_variables)
    first, second = zip(*(
        doubles([optimizer._momentums[i], optimizer._velocities[i]])
        for i in places
    ))
    real = batch(9)
    with model.unmoved(tensor(np.int64(5))):
        latent, _ = model.fakes(tensor(real["points"]))
        begun = gradients.Ahead((latent, model.made_of(latent)))
        loss, _ = model.generator_loss(tensor(real["points"]), begun=begun)
    weights = doubles(model.generator.trainable_variables)
    known = (
        np.float64(array(latent)), np.float64(real["points"]),
        doubles(judge.trainable_variables), steps, adversarial,
        (first, second, 3),
    )
    assert float(loss) == pytest.approx(surrogate(weights, *known), rel=1e-5)

    object.__setattr__(model, "drawn", lambda rows: latent)
    model.optimizers["generator"].learning_rate = 1.0
    model.train_step(real)
    expected = by_differences(lambda w: surrogate(w, *known), weights)
    for before, after, slope in zip(
        weights, doubles(model.generator.trainable_variables), expected
    ):
        np.testing.assert_allclose(
            before - after, slope, rtol=2e-4, atol=1e-6
        )
    # What the discriminator then does is one ordinary step.
    fake = np.float64(array(latent)) @ weights[0] + weights[1]
    pairs = adversarial == "relativistic"
    once = adam(known[2], 1, known[1], fake, pairs, known[-1])
    for value, expected in zip(doubles(judge.trainable_variables), once):
        np.testing.assert_allclose(value, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("optimizer", [
    lambda: Adam(0.05, beta_1=0.5),
    lambda: keras.optimizers.Adam(0.05),
    lambda: keras.optimizers.SGD(0.3),
    lambda: keras.optimizers.SGD(0.3, momentum=0.9),
    lambda: keras.optimizers.LossScaleOptimizer(Adam(0.05, beta_1=0.5)),
])
def test_imagined_steps_are_the_optimizers_own(optimizer):
    """From where three real steps have left it: the same values, and nothing
    but the game's own step has moved."""
    model = game(optimizer=optimizer())
    for seed in range(3):
        model.train_step(batch(seed))
    real = tensor(batch(4)["points"])
    fake = tensor(batch(5)["points"] - 1.0)
    variables = model.variables_of("discriminator")

    def loss():
        return model.discriminator_objective(
            model.told(real), model.told(fake)
        )

    before = values(model)
    with model.unmoved(tensor(np.int64(0))):
        found = gradients.unrolled(
            lambda: loss()[0], variables, 4,
            Imagined(model.optimizers["discriminator"], variables).move,
        )
        for one, other in zip(before, values(model)):
            np.testing.assert_array_equal(one, other)
        for _ in range(4):
            gradients.minimize(
                loss, variables, model.optimizers["discriminator"]
            )
    for value, variable in zip(found, variables):
        np.testing.assert_allclose(
            array(value), array(variable), rtol=1e-4, atol=1e-6
        )


def test_no_gradient_is_lost_where_an_average_is_0():
    """sqrt(v) has no derivative at 0: a hidden unit that both sides leave
    at its limit."""
    model = game(unrolled_steps=3, rate=1.0)
    kernel, bias = model.discriminator.trainable_variables[:2]
    kernel.assign(np.eye(2, 6, dtype="float32"))
    bias.assign(np.float32([0, 0, 0, 0, 0, 100]))
    before = values(model.generator)
    logs = model.train_step(batch())
    assert np.isfinite(float(logs["generator_gradient_norm"]))
    assert float(logs["generator_gradient_norm"]) > 0
    assert any(
        (a != b).any() for a, b in zip(before, values(model.generator))
    )


def test_without_steps_it_is_the_plain_game():
    """Each player's first step, the other's rate being 0: the plain game's
    generator sees a discriminator that has moved."""
    for rate, of_generator in ((RATE, 0.0), (0.0, 0.1)):
        unrolled, plain = (
            game(kind, Adam(rate, beta_1=0.5), of_generator, **options)
            for kind, options in (
                (UnrolledGAN, {"unrolled_steps": 0}), (GAN, {})
            )
        )
        before = values(plain)
        for model in (unrolled, plain):
            model.train_step(batch())
        for one, other in zip(values(unrolled), values(plain)):
            np.testing.assert_allclose(one, other, rtol=1e-6)
        assert any((a != b).any() for a, b in zip(before[1:], values(plain)))


def test_a_discriminator_that_waits_is_not_unrolled():
    model, plain = game(unrolled_steps=5), game(unrolled_steps=0)
    for each in (model, plain):
        each.waiting = ("discriminator",)
    logs, others = model.train_step(batch()), plain.train_step(batch())
    assert float(logs["generator_loss"]) == float(others["generator_loss"])
    model.waiting = ()
    logs = model.train_step(batch())
    assert float(logs["generator_loss"]) != float(
        plain.train_step(batch())["generator_loss"]
    )


@pytest.mark.parametrize("wrong, said", [
    ({"unrolled_steps": -1}, "unrolled_steps"),
    ({"unrolled_steps": 1.5}, "unrolled_steps"),
    ({"r1_weight": 0.1}, "R1"),
    ({"penalties": [R1(0.1)]}, "R1"),
])
def test_what_cannot_be_unrolled_is_refused(wrong, said):
    with pytest.raises(InputError, match=said):
        game(**wrong)


def test_batch_normalization_is_refused():
    sizes = {"size": tiny.SIZE, "channels": 3, "width": 4}
    with pytest.raises(InputError, match="normalization='layer'"):
        UnrolledGAN(
            dcgan.generator(latent_dim=5, **sizes),
            dcgan.discriminator(**sizes),
        )


@pytest.mark.parametrize("optimizer, said", [
    (lambda: keras.optimizers.RMSprop(), "RMSprop"),
    (lambda: keras.optimizers.Adam(amsgrad=True), "amsgrad"),
    (lambda: keras.optimizers.SGD(momentum=0.9, nesterov=True), "nesterov"),
    (lambda: keras.optimizers.Adam(clipnorm=1.0), "clipnorm"),
    (lambda: keras.optimizers.AdamW(), "weight_decay"),
])
def test_optimizers_of_other_steps_are_refused(optimizer, said):
    with pytest.raises(InputError, match=said):
        game(optimizer=optimizer())


@needs("tensorflow")
def test_replicas_are_refused():
    import tensorflow as tf

    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope(), pytest.raises(InputError, match="one device"):
        game()
