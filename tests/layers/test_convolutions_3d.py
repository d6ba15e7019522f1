"""Convolutions with three axes are Keras', in numbers and precision."""

import keras
import numpy as np
import pytest

from check import array, tensor
from keras_gen import layers

X = np.random.default_rng(0).normal(size=(2, 4, 6, 6, 3)).astype("float32")


@pytest.mark.parametrize("name", ["Conv3D", "Conv3DTranspose"])
@pytest.mark.parametrize("kernel, strides", [
    ((3, 4, 4), (1, 2, 2)), ((4, 4, 4), 2),
])
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_they_are_keras(name, kernel, strides, policy):
    options = {
        "padding": "same", "dtype": policy, "bias_initializer": "normal"
    }
    ours, theirs = (
        getattr(module, name)(5, kernel, strides, **options)
        for module in (layers, keras.layers)
    )
    found = ours(tensor(X))
    theirs(tensor(X))
    theirs.set_weights(ours.get_weights())
    assert keras.backend.standardize_dtype(found.dtype) == ours.compute_dtype
    near = 1e-6 if policy == "float32" else 0.1
    np.testing.assert_allclose(
        array(keras.ops.cast(found, "float32")),
        array(keras.ops.cast(theirs(tensor(X)), "float32")), atol=near,
    )
