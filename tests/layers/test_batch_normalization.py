"""Batch normalisation: values, moving statistics, freezing, replicas."""

import importlib.util
import os
import pathlib
import subprocess
import sys
import threading

import keras
import numpy as np
import pytest

from keras_gen.backend.moving_statistics import freeze, frozen
from keras_gen.layers import BatchNormalization

HERE = pathlib.Path(__file__).parent


def array(x):
    return keras.ops.convert_to_numpy(keras.ops.cast(x, "float32"))


def pictures(seed=0, shift=2.0, scale=3.0):
    rng = np.random.default_rng(seed)
    x = shift + scale * rng.standard_normal((4, 5, 6, 3))
    return (x * [1, 2, 0.5]).astype("float32")


def built(**arguments):
    layer = BatchNormalization(**arguments)
    layer.build((None, None, None, 3))
    layer.gamma.assign([0.5, 1.0, 2.0])
    layer.beta.assign([1.0, -1.0, 0.0])
    return layer


def test_training_uses_batch_statistics():
    x, layer = pictures(), built(epsilon=0.1)
    y = array(layer(x, training=True))
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    expected = (x - mean) / np.sqrt(variance + 0.1)
    expected = expected * [0.5, 1, 2] + [1, -1, 0]
    np.testing.assert_allclose(y, expected, atol=1e-5)


@pytest.mark.parametrize("center", [True, False])
def test_without_gain_or_offset_it_only_normalises(center):
    layer = BatchNormalization(center=center, scale=False)
    x = pictures()
    y = array(layer(x, training=True))
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    np.testing.assert_allclose(
        y, (x - mean) / np.sqrt(variance + 1e-5), atol=1e-5
    )
    assert len(layer.trainable_variables) == center
    layer.moving_mean.assign(mean)
    layer.moving_variance.assign(variance)
    np.testing.assert_allclose(array(layer(x)), y, atol=1e-5)


def test_solids_and_videos_are_normalised_over_all_their_axes():
    x = pictures().reshape(2, 2, 5, 6, 3)
    layer = BatchNormalization(epsilon=0.1)
    y = array(layer(x, training=True))
    mean, variance = x.mean((0, 1, 2, 3)), x.var((0, 1, 2, 3))
    np.testing.assert_allclose(
        y, (x - mean) / np.sqrt(variance + 0.1), atol=1e-5
    )
    np.testing.assert_allclose(
        array(layer.moving_mean), 0.1 * mean, rtol=1e-5
    )
    with freeze(layer.variables):
        layer(2 * x, training=True)
    np.testing.assert_allclose(
        array(layer.moving_mean), 0.1 * mean, rtol=1e-5
    )


def test_moving_statistics_follow_and_serve_inference():
    x, layer = pictures(), built(momentum=0.75)
    layer(x, training=True)
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    np.testing.assert_allclose(
        array(layer.moving_mean), 0.25 * mean, rtol=1e-5
    )
    np.testing.assert_allclose(
        array(layer.moving_variance), 0.75 + 0.25 * variance, rtol=1e-5
    )
    before = layer.get_weights()
    other = pictures(1)
    y = array(layer(other, training=False))
    _, _, mean, variance = before
    expected = (other - mean) / np.sqrt(variance + 1e-5)
    expected = expected * [0.5, 1, 2] + [1, -1, 0]
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)
    for old, new in zip(before, layer.get_weights()):
        np.testing.assert_array_equal(old, new)


def test_variables_are_those_of_keras():
    layer, reference = built(), keras.layers.BatchNormalization()
    reference.build((None, None, None, 3))
    assert [w.name for w in layer.weights] == [
        w.name for w in reference.weights
    ]
    assert layer.momentum == 0.9 and layer.epsilon == 1e-5
    assert layer.get_config()["synchronized"] is False


def test_not_trainable_means_inference():
    layer = built()
    layer.trainable = False
    expected = array(layer(pictures(), training=False))
    np.testing.assert_array_equal(
        array(layer(pictures(), training=True)), expected
    )
    np.testing.assert_array_equal(array(layer.moving_mean), [0, 0, 0])


@pytest.mark.parametrize("dtype", ("float16", "bfloat16"))
def test_low_precision_input_is_normalised_in_float32(dtype):
    # The squares overflow float16, and beside the mean bfloat16 has no
    # digits left for the deviations.
    x = keras.ops.cast(pictures(shift=400.0, scale=30.0), dtype)
    exact = array(x)
    layer = built(dtype=keras.DTypePolicy(f"mixed_{dtype}"))
    y = layer(x, training=True)
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    np.testing.assert_allclose(
        array(layer.moving_mean), 0.1 * exact.mean((0, 1, 2)), rtol=1e-4
    )
    np.testing.assert_allclose(
        array(layer.moving_variance),
        0.9 + 0.1 * exact.var((0, 1, 2)),
        rtol=1e-2,
    )
    expected = (exact - exact.mean((0, 1, 2))) / exact.std((0, 1, 2))
    error = array(y) - (expected * [0.5, 1, 2] + [1, -1, 0])
    assert error.std() < 0.004


def test_frozen_statistics_stay():
    one, two = built(), built()
    free = array(built()(pictures(), training=True))
    with freeze(one.variables):
        y = one(pictures(), training=True)
        two(pictures(), training=True)
    # Training mode all the same: batch statistics normalise.
    np.testing.assert_array_equal(array(y), free)
    np.testing.assert_array_equal(array(one.moving_mean), [0, 0, 0])
    np.testing.assert_array_equal(array(one.moving_variance), [1, 1, 1])
    assert (array(two.moving_mean) != 0).all()
    assert (array(two.moving_variance) != 1).all()
    one(pictures(), training=True)
    assert (array(one.moving_mean) != 0).all()


def test_freezing_nests_and_ends_with_an_error():
    one, two = built().moving_mean, built().moving_mean
    with pytest.raises(RuntimeError):
        with freeze([one]):
            with freeze(iter([two])):
                assert frozen(one) and frozen(two)
            assert frozen(one) and not frozen(two)
            raise RuntimeError
    assert not frozen(one)


def test_freezing_is_of_this_thread():
    variable, seen = built().moving_mean, []
    with freeze([variable]):
        thread = threading.Thread(
            target=lambda: seen.append(frozen(variable))
        )
        thread.start()
        thread.join()
        assert frozen(variable)
    assert seen == [False]


@pytest.mark.slow
# Quick, of a whole model with such layers, is `objectives/test_agreement.py`.
def test_two_replicas_equal_one():
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("tensorflow is not installed")
    run = subprocess.run(
        [sys.executable, HERE / "two_replicas.py"],
        env={
            **os.environ,
            "KERAS_BACKEND": "tensorflow",
            "PYTHONPATH": str(HERE.parents[1]),
        },
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert run.stdout.split()[-1] == "equal"
