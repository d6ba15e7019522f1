"""Smoothing, label noise, dequantisation and instance noise: what the judge
is told and shown."""

import keras
import numpy as np
import pytest
from keras import ops

from check import array, assert_same, tensor, values
from keras_gen import penalties
from keras_gen.errors import InputError
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN
from objectives import tiny

SHAPE = (4, 4, 2)
rng = np.random.default_rng(0)
LEVELS = rng.integers(0, 256, (1000, *SHAPE)).astype("uint8")


def generator():
    """Pictures whose numbers are all over (-1, 1)."""
    latent = keras.Input((8,), name="latent")
    x = keras.layers.Dense(32, activation="tanh")(latent)
    return keras.Model(latent, keras.layers.Reshape(SHAPE)(x))


def linear(seen=None):
    """D(x) = w x, which writes down what it sees."""
    seen = [] if seen is None else seen
    network = keras.Sequential([
        keras.Input(SHAPE, name="image"),
        keras.layers.Lambda(lambda x: (seen.append(x), x)[1]),
        keras.layers.Flatten(), keras.layers.Dense(1),
    ])
    weights = np.random.default_rng(1).normal(size=(32, 1))
    network.set_weights([np.float32(weights), np.float32([0.0])])
    seen.clear()
    return network


def gan(seen=None, **options):
    return GAN(generator(), linear(seen), seed=3, **options)


# -- what is real ------------------------------------------------------------


def real_of(model, key=0):
    batch = {"image": model.types["image"].prepare(LEVELS)}
    with model.unmoved(key):
        return array(model.shown(batch)[0])


def from_a_level(pictures, top=255):
    """How far numbers are from the nearest level, in levels."""
    levels = (np.float64(pictures) + 1) * top / 2
    return np.abs(levels - np.round(levels))


def on_a_level(pictures):
    """The share of numbers within 1e-3 of a level, in [-1, 1]."""
    return (from_a_level(pictures) < 1e-3 * 255 / 2).mean()


def test_dequantised_pictures_leave_their_levels_by_half_of_one():
    plain, spread = real_of(gan()), real_of(gan(dequantise=True))
    assert on_a_level(plain) == 1
    # 0.255 of what is spread over a level is so near to its middle.
    assert 0.2 < on_a_level(spread) < 0.3
    moved = (np.float64(spread) - plain) * 255
    assert np.abs(moved).max() <= 1 + 1e-4
    assert moved.min() < -0.99 and moved.max() > 0.99
    assert abs(moved.mean()) < 5 / np.sqrt(3 * moved.size)
    # Of its own each time, for each picture and place.
    assert (real_of(gan(dequantise=True), key=1) != spread).mean() > 0.99
    assert len(np.unique(np.round(moved, 4))) > 1000


@pytest.mark.parametrize("dequantise, least, most", [
    (False, 0.999, 1.0), (True, 0.45, 0.55),
])
def test_levels_no_longer_tell_what_is_real(dequantise, least, most):
    """A threshold of the mean distance from a level, chosen on half of the
    pictures of either side and tried on the others."""
    model = gan(dequantise=dequantise)
    with model.unmoved(0):
        fake = model.made_of(model.drawn(len(LEVELS)))
    seen = [
        from_a_level(x).mean((1, 2, 3)) for x in (real_of(model), array(fake))
    ]
    (real, made), (other_real, other_made) = (
        [x[i::2] for x in seen] for i in (0, 1)
    )
    right, threshold, sign = max(
        ((sign * (real - t) < 0).mean() + (sign * (made - t) >= 0).mean(),
         t, sign)
        for t in np.quantile(np.concatenate(seen), np.linspace(0, 1, 101))
        for sign in (1, -1)
    )
    assert right >= 1
    found = (
        (sign * (other_real - threshold) < 0).mean()
        + (sign * (other_made - threshold) >= 0).mean()
    ) / 2
    assert least <= found <= most


def test_levels_of_16_bits_are_as_fine():
    model = gan(dequantise=True, makes="picture16")
    moved = real_of(model) - real_of(gan())
    assert 0.9 / 65535 < np.abs(moved).max() < 1.2 / 65535


def test_what_has_no_levels_is_not_dequantised():
    points = tiny.build("gan_points")
    with pytest.raises(InputError, match="points have none"):
        GAN(points.generator, points.discriminator, makes="points",
            dequantise=True)


# -- what the judge sees -----------------------------------------------------


def seen_of(items, step=0, **options):
    """What the judge is shown of items, twice in a training step."""
    seen = []
    model = gan(seen, **options)
    model.step.assign(step)
    with model.unmoved(0):
        for _ in range(2):
            model.judged(tensor(items))
    return [array(x) for x in seen]


def test_instance_noise_is_normal_and_of_its_own_for_each_item():
    items = np.zeros((500, *SHAPE))
    first, second = seen_of(items, instance_noise=0.3)
    for noise in (first, second):
        assert abs(noise.mean()) < 5 * 0.3 / np.sqrt(noise.size)
        assert noise.std() == pytest.approx(0.3, rel=0.02)
    assert np.abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.04
    assert len(np.unique(first)) > 0.99 * first.size
    # It is added, to whatever there is.
    moved, _ = seen_of(items + 0.5, instance_noise=0.3)
    np.testing.assert_allclose(moved, first + 0.5, atol=1e-6)


def test_instance_noise_may_fall_with_the_training_step():
    schedule = keras.optimizers.schedules.PolynomialDecay(0.4, 100, 0.0)
    for step, deviation in [(0, 0.4), (50, 0.2), (100, 0.0), (300, 0.0)]:
        noise, _ = seen_of(np.zeros((500, *SHAPE)), step,
                           instance_noise=schedule)
        assert noise.std() == pytest.approx(deviation, rel=0.03, abs=1e-9)


@pytest.mark.parametrize("game, options", [
    (GAN, {}), (WGAN, {"clip": 1.0, "critic_steps": 1}),
])
def test_a_step_shows_the_judge_noise_on_both_sides(game, options):
    """The real and the made ones, and the made ones again for the
    generator."""
    seen, made = [], []
    model = game(generator(), linear(seen), instance_noise=0.5, seed=3,
                 **options)
    model.compile({p: keras.optimizers.SGD(0.0) for p in model.players},
                  run_eagerly=True)
    fakes = model.fakes
    object.__setattr__(
        model, "fakes", lambda *x: made.append(fakes(*x)) or made[-1]
    )
    model.train_step({"image": np.full((400, *SHAPE), 128, "uint8")})
    (_, fake), = made
    fake, real = array(fake), 128 / 127.5 - 1
    noises = [array(x) - y for x, y in zip(seen, (real, fake, fake))]
    assert len(seen) == 3
    for number, noise in enumerate(noises):
        assert noise.std() == pytest.approx(0.5, rel=0.02)
        pair = noise.ravel(), noises[number - 1].ravel()
        assert abs(np.corrcoef(*pair)[0, 1]) < 0.05


def test_a_penalty_is_of_the_slope_under_the_noise():
    """The slope of |x|^2 / 2 is x, what the judge sees."""
    def r1(**options):
        square = keras.Sequential([
            keras.Input(SHAPE, name="image"), keras.layers.Flatten(),
            keras.layers.Lambda(lambda x: ops.square(x) / 2),
            keras.layers.Dense(1, kernel_initializer="ones"),
        ])
        model = GAN(
            generator(), square, penalties=[penalties.R1(1.0)], seed=3,
            **options,
        )
        logs = model.test_step({"image": LEVELS})
        return float(array(logs["r1"]))

    image = LEVELS.astype("float64") / 127.5 - 1
    plain = np.square(image).sum((1, 2, 3)).mean() / 2
    assert r1() == pytest.approx(plain, rel=1e-5)
    # 32 numbers of variance 4 more, halved; five deviations of its mean.
    more = r1(instance_noise=2.0, dequantise=True) - plain
    assert abs(more - 64) < 5 * 0.6


def test_what_is_0_changes_nothing():
    def trained(**options):
        keras.utils.set_random_seed(0)
        model = gan(**options)
        model.compile({p: tiny.adam() for p in model.players},
                      run_eagerly=True)
        model.train_step({"image": LEVELS[:8]})
        return values(model)

    assert_same(trained(), trained(
        smoothing=0.0, label_noise=0, dequantise=False, instance_noise=0.0,
    ))


# -- what the judge is told --------------------------------------------------


def targets(real, rows=4000, step=0, **options):
    model = gan(**options)
    model.step.assign(step)
    with model.unmoved(0):
        return array(model.targets(tensor(np.zeros((rows, 1))), real))


def test_targets_are_the_papers():
    assert np.unique(targets(True, smoothing=0.25)) == [0.75]
    # One-sided: fakes stay what they are.
    assert np.unique(targets(False, smoothing=0.25)) == [0]
    for real, usual in [(True, 0.75), (False, 0.0)]:
        told = targets(real, smoothing=0.25, label_noise=0.2)
        assert told.shape == (4000, 1)
        assert set(np.unique(told)) == {0, 0.75}
        swapped = (told != usual).mean()
        assert abs(swapped - 0.2) < 5 * np.sqrt(0.16 / 4000)


def test_targets_may_change_with_the_training_step():
    linear = keras.optimizers.schedules.PolynomialDecay
    schedules = {
        "smoothing": linear(0.5, 10, 0.0),
        "label_noise": linear(1.0, 10, 0.0),
    }
    assert np.unique(targets(True, **schedules)) == [0]
    told = targets(True, step=5, **schedules)
    assert set(np.unique(told)) == {0, 0.75}
    assert abs((told == 0).mean() - 0.5) < 5 * np.sqrt(0.25 / 4000)
    assert np.unique(targets(True, step=10, **schedules)) == [1]


def test_the_loss_is_that_of_the_targets():
    model = gan(smoothing=0.1)
    real, fake = np.array([[2.0], [-1.0]]), np.array([[0.5], [-3.0]])
    with model.unmoved(0):
        found = float(array(model.game_loss(tensor(real), tensor(fake))))
    d_real, d_fake = (1 / (1 + np.exp(-x)) for x in (real, fake))
    expected = -(0.9 * np.log(d_real) + 0.1 * np.log(1 - d_real)).mean()
    expected -= np.log(1 - d_fake).mean()
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("option", ["smoothing", "label_noise"])
@pytest.mark.parametrize("adversarial", [
    "least_squares", "hinge", "wasserstein", "relativistic",
])
def test_what_tells_no_probability_refuses_other_targets(option, adversarial):
    with pytest.raises(InputError, match=f"with '{adversarial}' it tells none"):
        gan(adversarial=adversarial, **{option: 0.1})
    gan(adversarial=adversarial)


@pytest.mark.parametrize("option, most", [
    ("smoothing", " and at most 1"), ("label_noise", " and at most 1"),
    ("instance_noise", ""),
])
@pytest.mark.parametrize("value", [-0.1, float("nan"), "x", None])
def test_impossible_numbers_are_refused(option, most, value):
    with pytest.raises(InputError, match=f"{option} must be at least 0{most},"):
        gan(**{option: value})


@pytest.mark.parametrize("option", ["smoothing", "label_noise"])
def test_more_than_all_is_refused(option):
    with pytest.raises(InputError, match="at most 1, got 1.5"):
        gan(**{option: 1.5})
