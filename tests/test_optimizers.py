"""Our Adam is Keras', step by step."""

import keras
import numpy as np
import pytest

from keras_gen.backend import gradients
from keras_gen.optimizers import Adam


def walk(kind, steps, arranged=True, **options):
    """Where `steps` steps on a quartic take two variables and the slots."""
    variables = [
        keras.Variable(np.linspace(-1, 2, 24).reshape(2, 3, 2, 2), name="a"),
        keras.Variable(np.array([1e-4, 3.0]), name="b"),
    ]
    optimizer = kind(**options)
    optimizer.build(variables)
    gradients.arrange(variables)
    if arranged:
        gradients.arrange(optimizer.variables)

    def loss():
        return sum(keras.ops.sum(v**4 + 1e-6 * v) for v in variables), {}

    for _ in range(steps):
        gradients.minimize(loss, variables, optimizer)
    return [
        keras.ops.convert_to_numpy(v)
        for v in [*variables, *optimizer.variables]
    ]


@pytest.mark.parametrize("options", [
    {}, {"beta_2": 0.9, "epsilon": 1e-2}, {"amsgrad": True},
    {"clipnorm": 0.1}, {"weight_decay": 0.1}, {"use_ema": True},
    {"learning_rate": keras.optimizers.schedules.CosineDecay(0.1, 5)},
], ids=lambda options: next(iter(options), "plain"))
@pytest.mark.parametrize("steps", [1, 7])
def test_same_numbers_as_keras(steps, options):
    options = {"learning_rate": 0.05, "beta_1": 0.5} | options
    for ours, theirs in zip(
        walk(Adam, steps, **options),
        walk(keras.optimizers.Adam, steps, **options), strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-7)


def test_slots_may_lie_otherwise_in_memory():
    options = {"learning_rate": 0.05, "arranged": False}
    for ours, theirs in zip(
        walk(Adam, 3, **options), walk(keras.optimizers.Adam, 3, **options),
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, rtol=2e-5, atol=1e-7)


def test_it_is_saved_as_itself():
    optimizer = Adam(3e-4, beta_1=0.0)
    again = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(optimizer)
    )
    assert type(again) is Adam
    assert again.get_config() == optimizer.get_config()


@pytest.mark.parametrize("kind", [Adam, keras.optimizers.Adam])
def test_a_row_looked_up_twice_makes_one_step(kind):
    looked_up = np.array([1, 1, 4])
    layer = keras.layers.Embedding(5, 3, embeddings_initializer="ones")
    layer.build()
    dense = keras.Variable(np.ones((5, 3), "float32"))
    one_hot = np.eye(5, dtype="float32")[looked_up]
    for variable, rows in [
        (layer.embeddings, lambda: layer(looked_up)),
        (dense, lambda: keras.ops.matmul(one_hot, dense)),
    ]:
        optimizer = kind(0.1)
        optimizer.build([variable])
        for _ in range(3):
            gradients.minimize(
                lambda: (keras.ops.sum(rows() ** 2), {}), [variable], optimizer
            )
    found, wanted = map(keras.ops.convert_to_numpy, (layer.embeddings, dense))
    np.testing.assert_allclose(found, wanted, rtol=1e-5)
    assert (found[1] < 0.8).all() and (found[0] == 1).all()
