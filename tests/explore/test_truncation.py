"""Truncated latents: the right distribution, from the seed alone."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import stats

from check import array, needs, tensor
from keras_gen import explore
from keras_gen.backend import noise
from keras_gen.errors import InputError
from keras_gen.export import golden
from networks.case import randomise
from objectives import tiny


def keys(n):
    return noise.fold(0, ops.arange(n, dtype="int64"))


@pytest.mark.parametrize("bound", [0.1, 0.7, 2.0])
def test_the_distribution_is_that_of_drawing_again(bound):
    x = array(noise.truncated_normal(keys(2000), (20,), bound)).ravel()
    assert np.abs(x).max() <= np.float32(bound) < 1.01 * np.abs(x).max()
    truth = stats.truncnorm(-bound, bound)
    assert stats.kstest(x, truth.cdf).pvalue > 0.01
    assert abs(x.mean()) < 4 * truth.std() / 200
    assert x.var() == pytest.approx(truth.var(), rel=0.02)
    # As BigGAN draws it.
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=200_000)
    again = drawn[np.abs(drawn) <= bound]
    assert stats.ks_2samp(x, again).pvalue > 0.01


def test_without_a_bound_it_is_the_normal_number_bit_for_bit():
    normal = array(noise.normal(keys(500), (30,)))
    for bound in (np.inf, 1e6):
        np.testing.assert_array_equal(
            array(noise.truncated_normal(keys(500), (30,), bound)), normal
        )
    # Each number grows with the bound, up to the normal one.
    before = np.zeros_like(normal)
    for bound in (0.01, 0.5, 1.0, 3.0, 5.0):
        x = array(noise.truncated_normal(keys(500), (30,), bound))
        assert (x * normal >= 0).all()
        assert (np.abs(x) >= np.abs(before)).all()
        assert np.abs(x).max() <= bound
        before = x
    np.testing.assert_allclose(before, normal, atol=0.2)


def test_each_row_has_its_bound():
    bounds = tensor([0.5, 1.0, 0.25])
    rows = array(noise.truncated_normal(keys(3), (4, 2), bounds))
    for i, bound in enumerate((0.5, 1.0, 0.25)):
        alone = array(noise.truncated_normal(keys(3)[i:i + 1], (4, 2), bound))
        np.testing.assert_allclose(rows[i:i + 1], alone, atol=1e-6)


def test_a_number_has_the_rank_of_its_normal_number():
    """The share of the truncated distribution below the one is that of the
    normal distribution below the other."""
    normal = array(noise.normal(keys(50), (20,)))
    x = array(noise.truncated_normal(keys(50), (20,), 0.7))
    np.testing.assert_allclose(
        stats.truncnorm(-0.7, 0.7).cdf(x), stats.norm.cdf(normal), atol=1e-6
    )


@pytest.mark.parametrize("name", ["gan", "gan_ema", "cgan", "vae"])
def test_generate_takes_one_bound_or_one_for_each_picture(name):
    model = tiny.build(name)
    for network in (model.networks | model.averages).values():
        randomise(network)
    plain = model.generate(4, seed=3)
    np.testing.assert_array_equal(
        model.generate(4, seed=3, truncation=None), plain
    )
    np.testing.assert_array_equal(
        model.generate(4, seed=3, truncation=np.inf), plain
    )
    some = model.generate(4, seed=3, truncation=0.5)
    many = model.generate(4, seed=3, truncation=[0.5, 9, 0.5, np.inf])
    assert near(many[::2], some[::2]) and near(many[1::2], plain[1::2])
    assert not near(some, plain)
    # The picture is that of the truncated latent, on any path to it.
    latents = explore.latents(model, [3, 4, 5, 6], truncation=0.5)
    assert np.abs(latents).max() <= 0.5
    label = np.arange(4) % 3 if name == "cgan" else None
    assert near(explore.decode(model, latents, label), some)
    rows = explore.truncations(model, [0.5, None], n=4, seed=3)
    assert near(rows[0], some) and near(rows[1], plain)


def near(a, b):
    return np.abs(a.astype(int) - b).max() <= 1


def test_a_bound_is_a_number_of_its_row_in_a_compiled_function():
    """What an exported signature needs: no branch on the value."""
    model = tiny.build("gan")
    seeds = tensor([3, 4], "int64")
    model.run("latents", seeds, tensor([0.5, 0.7]))
    found = model.run("latents", seeds, tensor([1.0, 0.1]))
    assert np.abs(found[0]).max() > 0.5 and np.abs(found[1]).max() <= 0.1


@pytest.mark.parametrize("truncation", [
    0, -1.0, [0.5], [0.5, -1], np.nan, [[1], [1, 2]], "wide",
])
def test_other_bounds_are_refused(truncation):
    with pytest.raises(InputError, match="above 0 or one for each of the 2"):
        tiny.build("gan").generate(2, truncation=truncation)


LIMIT = {"least": 1.5, "says": "takes truncations from 1.5 up: at 1 it fades"}


@pytest.mark.parametrize("draw", [
    lambda model, t: model.generate(2, truncation=t),
    lambda model, t: model.generate(2, truncation=[9, t]),
    lambda model, t: explore.latents(model, [0, 1], truncation=t),
    lambda model, t: explore.truncations(model, [None, 9, t], n=2),
])
def test_what_a_model_was_measured_not_to_bear_is_refused(draw):
    model = tiny.build("gan_ema")
    draw(model, 0.5)
    model.truncation_limit = LIMIT
    draw(model, 1.5)
    draw(model, np.inf)
    with pytest.raises(InputError) as error:
        draw(model, 1.49)
    assert str(error.value) == (
        f"{model.name} takes truncations from 1.5 up: at 1 it fades; got "
        "1.49: leave truncation out for whole latents"
    )


@pytest.mark.parametrize("name", ["gan", "gan_ema", "cgan", "vae"])
def test_a_saved_model_knows_what_it_bears(name, tmp_path):
    model = tiny.build(name)
    assert model.truncation_limit is None
    model.truncation_limit = LIMIT
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert dict(loaded.truncation_limit) == LIMIT
    assert loaded.generating().truncation_limit == LIMIT


def test_golden_numbers_are_of_the_functions_whatever_is_refused():
    model = tiny.build("gan")
    before = golden.numbers(model)
    model.truncation_limit = LIMIT
    assert golden.numbers(model) == before


@needs("tensorflow")
@pytest.mark.parametrize("name, least", [
    ("gan_ema", 10.0),
    pytest.param("cgan", 0.7, marks=pytest.mark.slow),
])
def test_an_export_refuses_what_the_model_does(name, least, tmp_path):
    import tensorflow as tf

    model = tiny.build(name)
    model.truncation_limit = LIMIT | {"least": least}
    loaded = tf.saved_model.load(str(model.export(tmp_path)))
    given = {"seed": tf.constant([3, 4], "int64")}
    if name == "cgan":
        given["label"] = tf.constant([1, 1])
    for signature in ("sample", "sample_png"):
        sample = loaded.signatures[signature]
        sample(truncation=tf.constant([least, np.inf]), **given)
        with pytest.raises(
            tf.errors.InvalidArgumentError, match="truncation must be at "
            f"least {least:g}: the model takes truncations from 1.5 up: at 1 "
        ):
            sample(truncation=tf.constant([99, least - 0.01]), **given)


def test_models_without_latents_take_none():
    with pytest.raises(InputError, match="takes no truncation"):
        tiny.build("autoencoder").generate(2, truncation=0.5)
