import keras
import numpy as np
import pytest
from keras import ops

from check import array, tensor
from keras_gen import penalties
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.layers import normalization

SHAPE = (2, 3, 2)
rng = np.random.default_rng(0)
WEIGHT = rng.normal(size=12).astype("float32")
REAL, FAKE = (rng.normal(size=(5, *SHAPE)).astype("float32") for _ in "rf")
ALPHA = rng.uniform(size=(5, 1, 1, 1)).astype("float32")


def linear_critic():
    """f(x) = 0.7 + w x, a network on pictures."""
    network = keras.Sequential([
        keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(1),
    ])
    network.set_weights([WEIGHT[:, None], np.float32([0.7])])
    return network


def norm():
    return np.linalg.norm(WEIGHT)


def test_gradient_penalty_of_a_linear_critic():
    penalty = penalties.gradient_penalty(
        linear_critic(), tensor(REAL), tensor(FAKE), tensor(ALPHA)
    )
    assert array(penalty).shape == ()
    assert float(penalty) == pytest.approx((norm() - 1) ** 2, rel=1e-5)


def test_r1_of_a_linear_critic():
    penalty = penalties.r1(linear_critic(), tensor(REAL))
    assert float(penalty) == pytest.approx(norm() ** 2 / 2, rel=1e-5)


@pytest.mark.parametrize("name, slope", [
    ("gradient_penalty", 2 * (1 - 1 / np.linalg.norm(WEIGHT))), ("r1", 1.0),
])
def test_penalties_train_the_critic(name, slope):
    """Their own derivative, the second order, is slope * w."""
    critic = linear_critic()
    arguments = [tensor(REAL)]
    if name == "gradient_penalty":
        arguments += [tensor(FAKE), tensor(ALPHA)]
    optimizer = keras.optimizers.SGD(0.1)
    kernel = critic.trainable_variables[:1]
    optimizer.build(kernel)
    gradients.minimize(
        lambda: (getattr(penalties, name)(critic, *arguments), {}),
        kernel, optimizer,
    )
    np.testing.assert_allclose(
        array(kernel[0])[:, 0], WEIGHT * (1 - 0.1 * slope), rtol=1e-4
    )


@pytest.mark.parametrize("name", ["instance", "layer"])
def test_second_order_through_a_normalization(name):
    """tf.nn.moments stops the gradient at the mean, which leaves the first
    derivative as it is and not the second."""
    before = keras.layers.Conv2D(4, 3, padding="same", use_bias=False)
    norm, last = normalization(name), keras.layers.Dense(1)
    x = tensor(3 * np.random.default_rng(1).normal(size=(3, 4, 4, 2)))

    def critic(x):
        return last(ops.reshape(ops.tanh(norm(before(x))), (3, -1)))

    critic(x)
    kernel = before.kernel
    start = array(kernel)
    optimizer = keras.optimizers.SGD(1.0)
    optimizer.build([kernel])
    gradients.minimize(lambda: (slope(critic, x), {}), [kernel], optimizer)
    gradient = start - array(kernel)
    # Along the gradient, where the difference is largest.
    unit, ends = gradient / np.linalg.norm(gradient), []
    for sign in (1, -1):
        kernel.assign(start + sign * 1e-2 * unit)
        ends.append(float(array(slope(critic, x))))
    difference = (ends[0] - ends[1]) / 2e-2
    assert np.linalg.norm(gradient) == pytest.approx(difference, rel=5e-3)


def slope(critic, x):
    """The critic's gradient in a direction of no symmetry."""
    direction = np.random.default_rng(2).uniform(size=x.shape)
    gradient = gradients.gradient_wrt_input(critic, x)
    return ops.sum(gradient * tensor(direction))


def quadratic(x):
    """f(x) = |x|^2 / 2, whose gradient is x: it shows where it was taken."""
    return ops.sum(ops.square(x), axis=(1, 2, 3)) / 2


def test_gradient_penalty_is_taken_between_real_and_fake():
    penalty = penalties.gradient_penalty(
        quadratic, tensor(REAL), tensor(FAKE), tensor(ALPHA)
    )
    between = ALPHA * REAL + (1 - ALPHA) * FAKE
    norms = np.linalg.norm(between.reshape(5, -1), axis=1)
    assert float(penalty) == pytest.approx(
        np.mean((norms - 1) ** 2), rel=1e-5
    )


def test_r1_is_taken_on_real_data():
    penalty = penalties.r1(quadratic, tensor(REAL))
    norms = np.linalg.norm(REAL.reshape(5, -1), axis=1)
    assert float(penalty) == pytest.approx(np.mean(norms**2) / 2, rel=1e-5)


def test_a_flat_critic_has_a_finite_derivative():
    critic = linear_critic()
    critic.set_weights([0 * WEIGHT[:, None], np.float32([0.7])])
    optimizer = keras.optimizers.SGD(0.1)
    kernel = critic.trainable_variables[:1]
    optimizer.build(kernel)
    loss, _ = gradients.minimize(
        lambda: (penalties.gradient_penalty(
            critic, tensor(REAL), tensor(FAKE), tensor(ALPHA)
        ), {}),
        kernel, optimizer,
    )
    assert float(loss) == pytest.approx(1, rel=1e-4)
    assert np.isfinite(array(kernel[0])).all()


def test_penalties_of_half_precision_critics_are_float32():
    # The squared norm would overflow in float16.
    far = tensor(np.full((20, *SHAPE), 200.0), "float16")
    penalty = penalties.r1(quadratic, far)
    assert array(penalty).dtype == np.float32
    assert float(penalty) == pytest.approx(240_000, rel=1e-2)


def test_clip_weights():
    clip = penalties.ClipWeights(0.25)
    clipped = array(clip(tensor([-3.0, -0.1, 0.2, 9.0])))
    np.testing.assert_allclose(clipped, [-0.25, -0.1, 0.2, 0.25])
    copy = keras.constraints.deserialize(keras.constraints.serialize(clip))
    assert copy.limit == 0.25


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_above_zero(limit):
    with pytest.raises(InputError):
        penalties.ClipWeights(limit)
