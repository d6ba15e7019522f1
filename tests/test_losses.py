import inspect
import math

import numpy as np
import pytest
from scipy import stats

from check import array, tensor
from keras_gen import losses
from keras_gen.backend import gradients
from keras_gen.errors import InputError

REAL = np.array([[2.0], [-1.0]])
FAKE = np.array([[0.5], [-3.0]])

# Worked out by hand from the papers' formulas, in terms of
# log(1 + e^-2) = 0.1269280, log(1 + e^1) = 1.3132617,
# log(1 + e^0.5) = 0.9740770, log(1 + e^-3) = 0.0485874.
DISCRIMINATOR = {
    "saturating": 0.7200949 + 0.5113322,
    "non_saturating": 0.7200949 + 0.5113322,
    "least_squares": (1 + 4) / 4 + (0.25 + 9) / 4,
    "hinge": (0 + 2) / 2 + (1.5 + 0) / 2,
    "wasserstein": -1.25 - 0.5,
    # log(1 + e^-1.5) and log(1 + e^-2), the differences of the two rows.
    "relativistic": (0.2014133 + 0.1269280) / 2,
}
GENERATOR = {
    "saturating": -0.5113322,
    "non_saturating": (0.4740770 + 3.0485874) / 2,
    "least_squares": (0.25 + 16) / 4,
    "hinge": 1.25,
    "wasserstein": 1.25,
    "relativistic": (1.7014133 + 2.1269280) / 2,
}
PAIRS = sorted(GENERATOR)


def pair_of(name):
    """(discriminator's loss, generator's loss), each of real and fake."""
    pair = losses.adversarial(name, of_pairs=True)
    if pair.of_pairs:
        return pair.discriminator, lambda real, fake: pair.generator(fake, real)
    return pair.discriminator, lambda real, fake: pair.generator(fake)


def patches(logits):
    """The same mean over (n, h, w, 1): every other patch is turned round."""
    row = logits.reshape(2)
    return np.stack([row, row[::-1]]).repeat(3).reshape(2, 2, 3, 1)


@pytest.mark.parametrize("shape", ["scalar", "patches"])
@pytest.mark.parametrize("name", PAIRS)
def test_golden_values(name, shape):
    shaped = patches if shape == "patches" else np.asarray
    real, fake = tensor(shaped(REAL)), tensor(shaped(FAKE))
    for loss, values in zip(pair_of(name), (DISCRIMINATOR, GENERATOR)):
        loss = loss(real, fake)
        assert array(loss).shape == ()
        assert float(loss) == pytest.approx(values[name], abs=1e-6)


def test_every_adversarial_loss_has_golden_values():
    functions = dict(inspect.getmembers(losses, inspect.isfunction))
    names = {
        name.rsplit("_", 1)[0] for name in functions
        if name.endswith(("_discriminator", "_generator"))
    }
    assert names == set(GENERATOR) == set(DISCRIMINATOR)


def test_every_other_loss_is_tested_here():
    known = {"adversarial", "l1", "l2", "bernoulli", "categorical",
             "cross_entropy", "feature_matching", "gaussian",
             "kl_standard_normal", "patch_nce"}
    others = {
        name for name, function in inspect.getmembers(
            losses, inspect.isfunction
        )
        if function.__module__ == losses.__name__ and name[0] != "_"
        and not name.endswith(("_discriminator", "_generator"))
    }
    assert others == known


@pytest.mark.parametrize("name", PAIRS)
def test_losses_are_float32_and_finite_far_out(name):
    for scale in (1e3, 3e4):
        far = tensor([[scale], [-scale]], "float16")
        for loss in pair_of(name):
            loss = loss(far, -far)
            assert array(loss).dtype == np.float32
            assert np.isfinite(array(loss))


@pytest.mark.parametrize("name", PAIRS)
def test_sides_and_signs(name):
    """Each player's loss falls as it gets what it wants."""
    discriminator, generator = pair_of(name)
    low, high = tensor([[0.2]]), tensor([[0.6]])
    assert discriminator(high, low) < discriminator(low, low)
    assert discriminator(low, low) < discriminator(low, high)
    assert generator(low, high) < generator(low, low)


@pytest.mark.parametrize("shape", ["scalar", "patches"])
def test_cross_entropy_golden_value(shape):
    """Of 3/4 for real and 0 for fake logits."""
    shaped = patches if shape == "patches" else np.asarray
    # softplus(-x) and softplus(x), with log(1 + e^2) = 2.1269280 and
    # log(1 + e^-1) = 0.3132617.
    yes, no = (0.1269280 + 1.3132617) / 2, (2.1269280 + 0.3132617) / 2
    found = losses.cross_entropy(tensor(shaped(REAL)), 0.75)
    assert array(found).shape == () and array(found).dtype == np.float32
    assert float(found) == pytest.approx(0.75 * yes + 0.25 * no, abs=1e-6)
    target = tensor(shaped(np.array([[1.0], [0.0]])))
    found = losses.cross_entropy(tensor(shaped(REAL)), target)
    assert float(found) == pytest.approx(
        (0.1269280 + 0.3132617) / 2, abs=1e-6
    )


@pytest.mark.parametrize("name", PAIRS)
def test_with_targets_1_and_0_it_is_a_probabilistic_pairs(name):
    pair = losses.adversarial(name, of_pairs=True)
    real, fake = tensor(REAL), tensor(FAKE)
    both = losses.cross_entropy(real, 1.0) + losses.cross_entropy(fake, 0.0)
    same = float(both) == pytest.approx(float(pair.discriminator(real, fake)))
    assert same == pair.probabilistic
    assert pair.probabilistic == name.endswith("saturating")
    assert pair.of_pairs == (name == "relativistic")
    # Where adding a number to all logits changes nothing, none means a thing.
    moved = pair.discriminator(real + 7.0, fake + 7.0)
    free = float(moved) == pytest.approx(float(pair.discriminator(real, fake)))
    assert free == (pair.boundary is None)


def test_an_unknown_pair_is_an_error_that_lists_the_others():
    with pytest.raises(InputError) as error:
        losses.adversarial("hing", of_pairs=True)
    assert "'hing'" in str(error.value)
    assert all(name in str(error.value) for name in PAIRS)
    with pytest.raises(InputError, match="'relativistic' here") as error:
        losses.adversarial("relativistic")
    assert "hinge" in str(error.value)
    with pytest.raises(InputError):
        losses.adversarial("adversarial")


PICTURES = np.array([[[[1.0], [-1.0]]], [[[0.0], [0.5]]]])
OTHERS = np.array([[[[0.0], [1.0]]], [[[0.0], [1.0]]]])


def test_pixel_errors_are_means_of_each_example():
    l1 = array(losses.l1(tensor(PICTURES), tensor(OTHERS)))
    np.testing.assert_allclose(l1, [1.5, 0.25], atol=1e-6)
    l2 = array(losses.l2(tensor(PICTURES), tensor(OTHERS)))
    np.testing.assert_allclose(l2, [2.5, 0.125], atol=1e-6)
    assert l1.dtype == l2.dtype == np.float32


def test_feature_matching_is_of_mean_differences_and_moves_the_fake_alone():
    small, large = np.ones((2, 1, 1, 3)), np.ones((2, 2, 2, 1))
    real = [tensor(small), tensor(large)]
    fake = [tensor(3 * small), tensor(large - [[[[0.5]]], [[[4.0]]]])]
    # A map counts as much whatever its size; four of them are summed.
    loss = array(losses.feature_matching(real, fake))
    np.testing.assert_allclose(loss, [5.0, 12.0], atol=1e-6)
    four = array(losses.feature_matching(2 * real, 2 * fake))
    np.testing.assert_allclose(four, [5.0, 12.0], atol=1e-6)

    def slope(which):
        def loss(scale):
            pairs = {"real": real, "fake": fake}
            pairs[which] = [scale * x for x in pairs[which]]
            # Alone it would have no slope to tell.
            return losses.feature_matching(**{
                f"{side}_maps": maps for side, maps in pairs.items()
            }) + 0.0 * scale[:, 0, 0, 0]

        ones = tensor(np.ones((2, 1, 1, 1)))
        return array(gradients.gradient_wrt_input(loss, ones)).ravel()

    np.testing.assert_array_equal(slope("real"), [0, 0])
    # 2 (|3 s - 1| + |s / 2 - 1|) and 2 (|3 s - 1| + |1 + 3 s|) at s = 1.
    np.testing.assert_allclose(slope("fake"), [2 * (3 - 0.5), 2 * (3 + 3)])
    with pytest.raises(ValueError):
        losses.feature_matching(real, fake[:1])


def test_bernoulli_is_a_sum_of_cross_entropies():
    target = np.array([[1.0, 0.0, 0.3]])
    logits = np.array([[2.0, -1.0, 40.0]])
    loss = array(losses.bernoulli(tensor(target), tensor(logits)))
    # 0.1269280 + 0.3132617 + 40 - 12
    np.testing.assert_allclose(loss, [28.4401897], rtol=1e-6)


def test_gaussian_is_scipys_density():
    rng = np.random.default_rng(0)
    target, mean = rng.normal(size=(2, 3, 4, 2, 1))
    loss = array(losses.gaussian(tensor(target), tensor(mean), 0.3))
    expected = -stats.norm.logpdf(target, mean, 0.3).sum((1, 2, 3))
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_kl_golden_value():
    # 1/2 (4 + 1/4 - log(1/4) - 1) + 1/2 (0 + 1 - 0 - 1)
    mean, log_variance = [[2.0, 0.0]], [[math.log(0.25), 0.0]]
    kl = array(losses.kl_standard_normal(tensor(mean), tensor(log_variance)))
    np.testing.assert_allclose(kl, [2.3181472], rtol=1e-6)


@pytest.mark.parametrize("mean, sigma", [(0.0, 2.0), (1.5, 0.4), (-2.0, 1.0)])
def test_kl_is_the_monte_carlo_estimate(mean, sigma):
    x = np.random.default_rng(0).normal(mean, sigma, 400_000)
    ratio = stats.norm.logpdf(x, mean, sigma) - stats.norm.logpdf(x)
    kl = losses.kl_standard_normal(
        tensor([[mean]]), tensor([[2 * math.log(sigma)]])
    )
    assert array(kl)[0] == pytest.approx(ratio.mean(), rel=0.01)


def test_categorical_cross_entropy():
    logits, label = np.array([[2.0, 0, -1], [0, 0, 0]]), np.array([1, 2])
    # log(e^2 + 1 + e^-1) - 0, and log 3.
    wanted = [2.1698460, 1.0986123]
    loss = losses.categorical(tensor(label, "int32"), tensor(logits))
    np.testing.assert_allclose(array(loss), wanted, atol=1e-6)
    # A share of 0.3 goes to the mean logit, 1/3 instead of 0.
    loss = losses.categorical(tensor(label, "int32"), tensor(logits), 0.3)
    np.testing.assert_allclose(
        array(loss), [2.1698460 - 0.3 / 3, 1.0986123], atol=1e-6
    )
    large = tensor([[2e4, 0]])
    assert float(losses.categorical(tensor([1], "int32"), large)[0]) == 2e4


def directions(n=2, places=5, width=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, places, width)).astype("float32")


def nce(query, key, temperature=0.07):
    return array(losses.patch_nce(tensor(query), tensor(key), temperature))


def test_patch_nce_golden_value():
    """Cosines 1 and 0, then 0.6 and 0.8, at temperature 1 and 1/2."""
    query = [[[2.0, 0.0], [0.0, 0.5]], [[3.0, 4.0], [4.0, 3.0]]]
    key = [[[1.0, 0.0], [0.0, 7.0]], [[1.0, 0.0], [0.0, 1.0]]]
    # log(1 + e^-1), log(1 + e^0.2); log(1 + e^-2), log(1 + e^0.4).
    np.testing.assert_allclose(
        nce(query, key, 1.0), [0.3132617, 0.7981389], rtol=1e-6
    )
    np.testing.assert_allclose(
        nce(query, key, 0.5), [0.1269280, 0.9130153], rtol=1e-6
    )


def test_patch_nce_is_a_cross_entropy_of_cosines():
    query, key = directions(), directions(seed=1)
    unit = [x / np.linalg.norm(x, axis=2, keepdims=True) for x in (query, key)]
    similar = np.einsum("npd,nqd->npq", *unit).astype("float64") / 0.07
    shares = np.exp(similar) / np.exp(similar).sum(2, keepdims=True)
    expected = -np.log(np.einsum("npp->np", shares)).mean(1)
    np.testing.assert_allclose(nce(query, key), expected, rtol=1e-4)
    # Pictures do not see each other, and the places' order does not count.
    np.testing.assert_allclose(nce(query[:1], key[:1]), expected[:1], rtol=1e-4)
    np.testing.assert_allclose(
        nce(query[:, ::-1], key[:, ::-1]), expected, rtol=1e-4
    )


def test_patch_nce_of_places_that_are_all_alike_is_their_number():
    alike = np.ones((3, 7, 4), "float32")
    np.testing.assert_allclose(nce(alike, alike), [math.log(7)] * 3, rtol=1e-6)
    # One that is empty has no direction, and no infinite slope.
    empty = nce(np.zeros((1, 7, 4)), directions(1, 7))
    np.testing.assert_allclose(empty, [math.log(7)], rtol=1e-6)


def test_patch_nce_of_places_told_apart_falls_to_0():
    """As the temperature falls, unless the places are exchanged."""
    apart = np.eye(6, dtype="float32")[None]
    for temperature in (1.0, 0.3, 0.07, 0.01):
        expected = math.log1p(5 * math.exp(-1 / temperature))
        found = nce(apart, apart, temperature)
        np.testing.assert_allclose(found, [expected], rtol=1e-4, atol=5e-7)
        assert found[0] >= 0
    assert nce(apart, apart[:, ::-1], 0.01)[0] == pytest.approx(100, rel=1e-5)


def test_patch_nce_sends_no_gradient_to_its_keys():
    x = tensor(directions())
    both = gradients.gradient_wrt_input(lambda x: losses.patch_nce(x, x), x)
    queries = gradients.gradient_wrt_input(
        lambda q: losses.patch_nce(q, tensor(directions())), x
    )
    np.testing.assert_allclose(array(both), array(queries), atol=1e-6)
    assert np.abs(array(queries)).max() > 1e-3
    nothing = gradients.gradient_wrt_input(
        lambda q: losses.patch_nce(q, x), tensor(np.zeros((2, 5, 4)))
    )
    assert np.isfinite(array(nothing)).all()


def test_patch_nce_of_half_precision_is_float32():
    half = tensor(directions(), "bfloat16")
    found = array(losses.patch_nce(half, half))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, nce(*2 * [array(half)]), rtol=1e-3)
