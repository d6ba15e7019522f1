"""Self-attention: what a place gathers, from which."""

import keras
import numpy as np
import pytest

from keras_gen.layers import SelfAttention


def array(x):
    return keras.ops.convert_to_numpy(keras.ops.cast(x, "float32"))


def built(gamma=0.7, dtype=None, **arguments):
    layer = SelfAttention(dtype=dtype, **arguments)
    layer.build((None, 4, 6, 16))
    rng = np.random.default_rng(0)
    for variable in layer.weights:
        variable.assign(rng.standard_normal(variable.shape))
    layer.gamma.assign(gamma)
    return layer


def maps(seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((2, 4, 6, 16)).astype("float32")


@pytest.mark.parametrize("spectral", (True, False))
def test_it_is_the_identity_at_first(spectral):
    layer = SelfAttention(spectral=spectral)
    x = maps()
    np.testing.assert_array_equal(array(layer(x, training=True)), x)
    assert float(array(layer.gamma)) == 0


def largest(x):
    """The largest of blocks of 2 x 2."""
    n, height, width, c = x.shape
    x = x.reshape(n, height // 2, 2, width // 2, 2, c)
    return x.max((2, 4)).reshape(n, -1, c)


def test_it_is_the_papers_formula():
    layer, x = built(spectral=False), maps()
    query, key, value, gathered = (
        array(each.kernel)[0, 0]
        for each in (layer.query, layer.key, layer.value, layer.gathered)
    )
    assert query.shape == (16, 2) and key.shape == (16, 2)
    assert value.shape == (16, 8) and gathered.shape == (8, 16)
    products = np.einsum(
        "npc,nqc->npq", (x @ query).reshape(2, 24, 2), largest(x @ key)
    )
    weights = np.exp(products - products.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    np.testing.assert_allclose(array(layer.weights_of(x)), weights, atol=1e-5)
    taken = np.einsum("npq,nqc->npc", weights, largest(x @ value))
    expected = x + 0.7 * (taken @ gathered).reshape(x.shape)
    np.testing.assert_allclose(array(layer(x)), expected, atol=1e-4)


def test_weights_sum_to_one_in_float32_whatever_it_computes_in():
    layer = built(dtype="mixed_bfloat16")
    weights = layer.weights_of(keras.ops.cast(maps(), "bfloat16"))
    assert keras.backend.standardize_dtype(weights.dtype) == "float32"
    assert weights.shape == (2, 24, 6)
    np.testing.assert_allclose(array(weights).sum(-1), 1, atol=1e-6)


def test_where_places_are_does_not_matter():
    layer, x = built(), maps()
    y = array(layer(x))
    # Blocks of two change places: whole ones, as keys are pooled.
    moved = np.roll(x, (2, 2), (1, 2))
    np.testing.assert_allclose(
        array(layer(moved)), np.roll(y, (2, 2), (1, 2)), atol=1e-5
    )
    # One pixel changes what all others gather.
    other = x.copy()
    other[0, 0, 0] += 5
    changed = array(layer(other)) - y
    assert (np.abs(changed[0]).max(-1) > 1e-6).all()
    np.testing.assert_array_equal(changed[1], 0)


def test_its_convolutions_are_normalized_where_it_is_spectral():
    layer, x = built(), maps()
    for _ in range(60):
        layer(x, training=True)
    for each in (layer.query, layer.key, layer.value, layer.gathered):
        values = np.linalg.svd(array(each.kernel)[0, 0], compute_uv=False)
        assert 0.99 < values[0] < 1.01
    plain = built(spectral=False)
    assert len(layer.weights) == len(plain.weights) + 4


def test_weight_files_and_configurations_hold_it(tmp_path):
    layer = built()
    model = keras.Sequential([keras.Input((4, 6, 16)), layer])
    model.save(tmp_path / "x.keras")
    other = keras.models.load_model(tmp_path / "x.keras")
    np.testing.assert_array_equal(array(other(maps())), array(model(maps())))
