import keras
import numpy as np
import pytest
from keras import ops

from check import BACKEND, array, needs, tensor
from keras_gen.backend import gradients, replication


def dense(inputs=3, units=1):
    layer = keras.layers.Dense(units)
    layer.build((None, inputs))
    return layer


def sgd(variables, rate=0.1):
    optimizer = keras.optimizers.SGD(rate)
    optimizer.build(variables)
    return optimizer


def square_loss(variable):
    return ops.sum(ops.square(variable))


def test_minimize_takes_one_step_down_the_gradient():
    v = keras.Variable([1.0, -2.0])
    loss, logs = gradients.minimize(
        lambda: (square_loss(v), {"twice": 2 * square_loss(v)}), [v], sgd([v])
    )
    assert float(loss) == 5 and float(logs["twice"]) == 10
    np.testing.assert_allclose(array(v), [0.8, -1.6], rtol=1e-6)


def test_minimize_moves_the_variables_it_is_given_alone():
    a, b = keras.Variable([1.0]), keras.Variable([1.0])
    optimizer = sgd([a])
    for _ in range(2):
        gradients.minimize(
            lambda: (square_loss(a) * square_loss(b), {}), [a], optimizer
        )
    np.testing.assert_allclose(array(a), [0.64], rtol=1e-6)
    assert array(b) == [1.0]
    # Nothing is left over from a's steps: b starts from its own gradient.
    gradients.minimize(lambda: (square_loss(b), {}), [b], sgd([b]))
    np.testing.assert_allclose(array(b), [0.8], rtol=1e-6)


def test_minimize_takes_losses_of_half_precision():
    v = keras.Variable([3.0])
    loss, _ = gradients.minimize(
        lambda: (ops.cast(square_loss(v), "float16"), {}), [v], sgd([v])
    )
    assert array(loss).dtype == np.float32


def test_dead_variables_are_named():
    alive, dead = (
        keras.Variable([1.0], name=name) for name in ("alive", "dead")
    )
    with pytest.raises(ValueError, match="dead") as error:
        gradients.minimize(
            lambda: (square_loss(alive), {}), [alive, dead], sgd([alive, dead])
        )
    assert alive.path not in str(error.value)
    assert array(alive) == [1.0]


def test_a_forward_pass_outside_the_loss_function_is_an_error():
    layer = dense()
    variables = layer.trainable_variables
    loss = gradients.constant(lambda: ops.mean(layer(tensor(np.ones((2, 3))))))
    with pytest.raises((ValueError, RuntimeError)):
        gradients.minimize(lambda: (loss, {}), variables, sgd(variables))


def test_a_replica_brings_its_share_of_the_mean(monkeypatch):
    monkeypatch.setattr(gradients, "replicas", lambda: 4)
    v = keras.Variable([1.0])
    loss, _ = gradients.minimize(lambda: (square_loss(v), {}), [v], sgd([v]))
    assert float(loss) == 1
    np.testing.assert_allclose(array(v), [1 - 0.1 * 2 / 4], rtol=1e-6)


def test_a_loss_scale_leaves_the_step_as_it_is():
    v = keras.Variable([1.0])
    optimizer = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.SGD(0.1), initial_scale=1024.0
    )
    optimizer.build([v])
    loss, _ = gradients.minimize(lambda: (square_loss(v), {}), [v], optimizer)
    assert float(loss) == 1
    np.testing.assert_allclose(array(v), [0.8], rtol=1e-6)


def test_constant_passes_no_gradient_on():
    v, w = keras.Variable([2.0]), keras.Variable([3.0])
    gradients.minimize(
        lambda: (ops.sum(w * gradients.constant(lambda: v * v)), {}),
        [w], sgd([w]),
    )
    np.testing.assert_allclose(array(w), [3 - 0.1 * 4], rtol=1e-6)
    with pytest.raises(ValueError):
        gradients.minimize(
            lambda: (ops.sum(w * gradients.constant(lambda: v * v)), {}),
            [v], sgd([v]),
        )


def test_gradient_wrt_input_of_each_row():
    x = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    gradient = gradients.gradient_wrt_input(
        lambda x: ops.sum(x * x * x, axis=1), tensor(x)
    )
    np.testing.assert_allclose(array(gradient), 3 * x**2, rtol=1e-5)


def slope_loss(layers, x):
    """Mean squared slope of a small network, the core of all penalties."""
    def network(x):
        hidden, last = layers
        return last(ops.tanh(hidden(x)))

    gradient = gradients.gradient_wrt_input(network, x)
    return ops.mean(ops.sum(ops.square(gradient), axis=1))


def test_second_order_equals_finite_differences():
    layers = [dense(3, 4), dense(4, 1)]
    x = tensor(np.random.default_rng(1).normal(size=(6, 3)))
    kernels = [layer.kernel for layer in layers]
    before = [array(k) for k in kernels]
    gradients.minimize(
        lambda: (slope_loss(layers, x), {}), kernels, sgd(kernels, 1.0)
    )
    moved = [b - array(k) for b, k in zip(before, kernels)]
    for kernel, values, gradient in zip(kernels, before, moved):
        for other, start in zip(kernels, before):
            other.assign(start)
        for place in [(0, 0), values.shape]:
            place = tuple(min(p, n - 1) for p, n in zip(place, values.shape))
            assert gradient[place] == pytest.approx(
                finite_difference(kernel, values, place, layers, x), rel=0.02
            )


def finite_difference(kernel, values, place, layers, x, width=1e-2):
    result = []
    for sign in (1, -1):
        shifted = values.copy()
        shifted[place] += sign * width
        kernel.assign(shifted)
        result.append(float(slope_loss(layers, x)))
    kernel.assign(values)
    return (result[0] - result[1]) / (2 * width)


def test_compiled_functions_take_any_batch_and_record_nothing():
    layer = dense()
    function = gradients.compiled(layer)
    for rows in (1, 4):
        y = function(tensor(np.ones((rows, 3))))
        np.testing.assert_allclose(
            array(y), np.ones((rows, 3)) @ array(layer.kernel), rtol=1e-5
        )
    if BACKEND == "torch":
        assert not y.requires_grad


def test_one_process_is_one_replica():
    assert replication.replicas() == replication.workers() == 1
    assert replication.replica() == 0
    x = tensor(np.ones((2, 3)))
    assert replication.all_rows(x, 1) is x
    assert replication.own_rows(x, 2, 0) is x


@needs("torch")
def test_nothing_hangs_on_to_the_graph():
    v = keras.Variable([1.0])
    loss, logs = gradients.minimize(
        lambda: (square_loss(v), {"loss": square_loss(v)}), [v], sgd([v])
    )
    assert not loss.requires_grad and not logs["loss"].requires_grad
    assert v.value.grad is None
