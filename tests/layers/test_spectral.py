"""Spectral normalization: what multiplies, its gradient, how u moves."""

import keras
import numpy as np
import pytest

from keras_gen.backend import gradients
from keras_gen.backend.moving_statistics import freeze
from keras_gen.layers import (
    SpectralConv2D,
    SpectralDense,
    SpectralEmbedding,
)
from keras_gen.networks import dcgan
from keras_gen.objectives import GAN

LAYERS = {
    "conv": (lambda: SpectralConv2D(5, 4, 2, "same"), (4, 8, 8, 3)),
    "dense": (lambda: SpectralDense(6), (4, 7)),
    "embedding": (lambda: SpectralEmbedding(9, 4), (4,)),
}


def array(x):
    return keras.ops.convert_to_numpy(keras.ops.cast(x, "float32"))


def built(kind, **arguments):
    make, shape = LAYERS[kind]
    layer = make()
    layer.build(shape)
    rng = np.random.default_rng(0)
    for variable in layer.weights:
        variable.assign(rng.standard_normal(variable.shape))
    if kind == "embedding":
        return layer, rng.integers(0, 9, shape).astype("int32")
    return layer, rng.standard_normal(shape).astype("float32")


def matrix(layer):
    kernel = array(layer.weights[0])
    return kernel.reshape(-1, kernel.shape[-1])


def effective(layer):
    kernel = array(layer.normalized())
    return kernel.reshape(-1, kernel.shape[-1])


@pytest.mark.parametrize("kind", LAYERS)
def test_the_largest_singular_value_is_one_after_training_passes(kind):
    layer, x = built(kind)
    first = np.linalg.svd(effective(layer), compute_uv=False)[0]
    assert first > 1.05
    for _ in range(50):
        layer(x, training=True)
    values = np.linalg.svd(effective(layer), compute_uv=False)
    assert 0.99 < values[0] < 1.01
    # The kernel itself is as it was, and its direction is kept.
    expected = matrix(layer) / np.linalg.svd(matrix(layer))[1][0]
    np.testing.assert_allclose(effective(layer), expected, atol=2e-3)


def test_one_power_iteration_a_pass_as_the_paper_has_it():
    layer, x = built("dense")
    w, u = matrix(layer), array(layer.u)
    u = u / np.linalg.norm(u)
    v = w @ u
    v = v / np.linalg.norm(v)
    u = v @ w
    u = u / np.linalg.norm(u)
    y = layer(x, training=True)
    np.testing.assert_allclose(array(layer.u), u, rtol=1e-5, atol=1e-6)
    sigma = np.linalg.norm(w @ u)
    np.testing.assert_allclose(
        array(y), x @ w / sigma + array(layer.bias), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("kind", ("conv", "dense"))
def test_what_multiplies_is_the_kernel_over_sigma(kind):
    layer, x = built(kind)
    config = layer.get_config()
    plain = (
        keras.layers.Conv2D if kind == "conv" else keras.layers.Dense
    ).from_config(config)
    plain.build(x.shape)
    layer.iterate(200)
    kernel = array(layer.trainable_variables[0])
    plain.set_weights([
        kernel / np.linalg.svd(matrix(layer))[1][0], array(layer.bias)
    ])
    for training in (False, True):
        np.testing.assert_allclose(
            array(layer(x, training=training)), array(plain(x)),
            rtol=1e-5, atol=1e-5,
        )


def test_an_embedding_takes_rows_of_the_matrix_over_sigma():
    layer, labels = built("embedding")
    layer.iterate(200)
    rows = matrix(layer)[labels] / np.linalg.svd(matrix(layer))[1][0]
    np.testing.assert_allclose(array(layer(labels)), rows, atol=1e-5)


def gradient_of(loss, variable):
    """By the step of a rate of 1 along it."""
    before, optimizer = array(variable), keras.optimizers.SGD(1.0)
    optimizer.build([variable])
    gradients.minimize(lambda: (loss(), {}), [variable], optimizer)
    return before - array(variable)


@pytest.mark.parametrize("kind", LAYERS)
def test_the_gradient_goes_through_sigma(kind):
    layer, _ = built(kind)
    layer.iterate(500)
    w = matrix(layer).astype("float64")
    rng = np.random.default_rng(1)
    g = rng.standard_normal(w.shape)
    variable = layer.trainable_variables[0]
    weights = keras.ops.convert_to_tensor(g.reshape(variable.shape), "float32")
    gradient = gradient_of(
        lambda: keras.ops.sum(layer.normalized() * weights), variable
    ).reshape(w.shape)
    left, values, right = np.linalg.svd(w, full_matrices=False)
    sigma, v, u = values[0], left[:, 0], right[0]
    expected = (g - np.sum(g * w) / sigma * np.outer(v, u)) / sigma
    np.testing.assert_allclose(gradient, expected, atol=2e-5)

    def value(w):
        return np.sum(g * w / np.linalg.svd(w, compute_uv=False)[0])

    for place in [(0, 0), (3, 2), (5, 1)]:
        moved = np.zeros_like(w)
        moved[place] = 1e-5
        slope = (value(w + moved) - value(w - moved)) / 2e-5
        assert gradient[place] == pytest.approx(slope, abs=5e-5)


@pytest.mark.parametrize("kind", LAYERS)
def test_u_moves_in_its_own_training_passes_only(kind):
    layer, x = built(kind)
    before = array(layer.u)
    layer(x, training=False)
    with freeze(layer.non_trainable_variables):
        layer(x, training=True)
    layer.trainable = False
    layer(x, training=True)
    np.testing.assert_array_equal(array(layer.u), before)
    layer.trainable = True
    layer(x, training=True)
    assert (array(layer.u) != before).any()
    assert [v.name for v in layer.non_trainable_variables] == ["u"]


@pytest.mark.parametrize("kind", LAYERS)
def test_u_of_another_length_means_the_same(kind):
    layer, x = built(kind)
    expected = array(layer(x))
    layer.u.assign(0.03 * array(layer.u))
    np.testing.assert_allclose(
        array(layer(x)), expected, rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("kind", LAYERS)
def test_weight_files_hold_u(kind, tmp_path):
    layer, x = built(kind)
    model = keras.Sequential([
        keras.Input(x.shape[1:], dtype=str(x.dtype)), layer
    ])
    model.save_weights(tmp_path / "x.weights.h5")
    other = keras.models.clone_model(model)
    other.load_weights(tmp_path / "x.weights.h5")
    for one, two in zip(model.weights, other.weights, strict=True):
        np.testing.assert_array_equal(array(one), array(two))
    np.testing.assert_array_equal(array(model(x)), array(other(x)))


@pytest.mark.parametrize("kind", LAYERS)
def test_sigma_is_of_all_digits_in_bfloat16(kind):
    layer, x = built(kind)
    layer.iterate(200)
    half = type(layer).from_config(
        layer.get_config() | {"dtype": "mixed_bfloat16"}
    )
    half.build(x.shape)
    half.set_weights(layer.get_weights())
    # Of the kernel in bfloat16 it would be wrong in the third digit.
    assert float(half.sigma()) == pytest.approx(
        float(layer.sigma()), rel=1e-6
    )
    made = half(x, training=True)
    assert keras.backend.standardize_dtype(made.dtype) == "bfloat16"
    np.testing.assert_allclose(array(made), array(layer(x)), atol=0.06)


def test_a_kernel_of_zeros_has_a_gradient():
    layer, _ = built("dense")
    layer.trainable_variables[0].assign(np.zeros((7, 6)))
    layer.iterate()
    gradient = gradient_of(
        lambda: keras.ops.sum(layer.normalized()),
        layer.trainable_variables[0],
    )
    assert np.isfinite(gradient).all() and np.isfinite(array(layer.u)).all()


def test_settling_measures_the_singular_vectors_of_averages():
    size = {"size": 16, "channels": 1, "width": 4}
    model = GAN(
        dcgan.generator(latent_dim=4, **size),
        dcgan.discriminator(normalization="spectral", **size),
    )
    model.average(0.9, ["discriminator"])
    layer = model.discriminator_ema.get_layer("judge")
    rng = np.random.default_rng(0)
    layer.u.assign(rng.standard_normal(layer.u.shape))
    conv = model.discriminator_ema.get_layer("down_4")
    conv.u.assign(rng.standard_normal(conv.u.shape))
    largest = np.linalg.svd(matrix(conv), compute_uv=False)[0]
    assert float(conv.sigma()) < 0.9 * largest
    model.settle([])
    assert float(conv.sigma()) == pytest.approx(largest, rel=0.02)
