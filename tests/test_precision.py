"""Mixed precision: what stays in float32, and what loss scales do."""

import keras
import numpy as np
import pytest
from keras import ops

from check import array, tensor
from keras_gen import penalties, zoo
from keras_gen.backend import gradients
from keras_gen.errors import InputError
from keras_gen.networks import mlp
from keras_gen.training import callbacks
from objectives import tiny


def scaled(optimizer, scale=2.0**15):
    return keras.optimizers.LossScaleOptimizer(optimizer, initial_scale=scale)


def test_each_player_has_a_loss_scale_of_its_own():
    recipe = zoo.recipe("gan_shapes").smoke()
    model = recipe.override({"train.precision": "float16"}).build()
    model.run_eagerly = True
    scales = {
        p: o.dynamic_scale for p, o in model.optimizers.items()
    }
    # So high that the discriminator's gradient overflows.
    scales["discriminator"].assign(2.0**60)
    before = {
        p: [array(v) for v in model.variables_of(p)] for p in model.players
    }
    batch = recipe.dataset().take(np.arange(4))
    guard = callbacks.StopWhenNotFinite([batch])
    tiny.fit(model, batch, callbacks=[guard])
    assert float(array(scales["discriminator"])) == 2.0**59
    assert float(array(scales["generator"])) == 2.0**15
    for player, moves in (("discriminator", False), ("generator", True)):
        moved = [
            (a != array(v)).any()
            for a, v in zip(before[player], model.variables_of(player))
        ]
        assert any(moved) == moves, player


def test_a_loss_scale_that_never_ends_falling_stops_the_run():
    model = tiny.compiled("gan_r1", lambda: scaled(tiny.adam()))
    guard = callbacks.StopWhenNotFinite([tiny.data("gan_r1")] * 100)
    guard.set_model(model)
    guard.on_train_begin()
    logs = {"generator_loss": 1.0, "generator_gradient_norm": np.inf}
    for step in range(1, 41):
        guard.on_step(step, logs)
    # One finite step starts the count again.
    guard.on_step(41, {"generator_loss": 1.0, "generator_gradient_norm": 1.0})
    for step in range(42, 82):
        guard.on_step(step, logs)
    with pytest.raises(InputError, match="generator_gradient_norm became inf"):
        guard.on_step(82, logs)


def dense():
    layer = keras.layers.Dense(1, use_bias=False, dtype="mixed_float16")
    layer.build((None, 4))
    return layer


def small_gradient(optimizer):
    """How far a kernel moves by a gradient of 1e-8, and the norm logged."""
    layer = dense()
    before = array(layer.kernel)
    optimizer.build([layer.kernel])
    x = tensor(np.ones((1, 4)))
    _, logs = gradients.minimize(
        lambda: (1e-8 * ops.sum(ops.cast(layer(x), "float32")), {}),
        [layer.kernel], optimizer,
    )
    moved = before - array(layer.kernel)
    return moved, float(array(logs["gradient_norm"]))


def test_small_gradients_survive_float16_by_the_loss_scale():
    moved, norm = small_gradient(keras.optimizers.SGD(1e6))
    assert not moved.any() and norm == 0
    moved, norm = small_gradient(scaled(keras.optimizers.SGD(1e6)))
    np.testing.assert_allclose(moved, 1e-2, rtol=1e-2)
    # As it is, not as it was scaled.
    assert norm == pytest.approx(2e-8, rel=1e-2)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_penalties_are_computed_in_float32(precision):
    """A slope of 700 has a square that float16 cannot hold."""
    keras.config.set_dtype_policy(f"mixed_{precision}")
    critic = mlp.discriminator(size=16, channels=3, width=4, dropout=0.0)
    last = critic.trainable_variables[-2]
    last.assign(last * 1e4)
    rng = np.random.default_rng(0)
    real, fake = (
        tensor(rng.uniform(-1, 1, (3, 16, 16, 3))) for _ in range(2)
    )
    alpha = tensor(rng.uniform(0, 1, (3, 1, 1, 1)))
    found = [
        penalties.gradient_penalty(critic, real, fake, alpha),
        penalties.r1(critic, real),
    ]
    keras.config.set_dtype_policy("float32")
    twin = mlp.discriminator(size=16, channels=3, width=4, dropout=0.0)
    twin.set_weights(critic.get_weights())
    wanted = [
        penalties.gradient_penalty(twin, real, fake, alpha),
        penalties.r1(twin, real),
    ]
    for a, b in zip(found, wanted):
        assert array(a).dtype == np.float32
        assert float(array(b)) > 65504
        np.testing.assert_allclose(array(a), array(b), rtol=0.05)
