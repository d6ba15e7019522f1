"""What every network promises."""

import contextlib
import functools
import importlib
import inspect
import pkgutil
from unittest import mock

import keras
import numpy as np
import pytest

from keras_gen import networks
from networks.case import BATCH, PIXELS, flat, randomise
from networks.network_cases import CASES, each

each_case = pytest.mark.parametrize("case", each())


@pytest.fixture(autouse=True)
def restore_policy():
    before = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(before)


@functools.cache
def built(case):
    return case.build()


def randomised(case):
    """A case's network in float32, built once: each time with the same
    weights, whatever a test before made of them."""
    network = built(case)
    randomise(network)
    return network


def builds_networks(function):
    """Whether a public function is one for recipes: it returns a model, or
    does not say what, and not one made of another."""
    signature = inspect.signature(function)
    return "network" not in signature.parameters and (
        signature.return_annotation in (signature.empty, keras.Model)
    )


def test_every_network_has_a_case():
    functions = set()
    for module in pkgutil.iter_modules(networks.__path__):
        path = f"keras_gen.networks.{module.name}"
        assert module.name in networks.__all__
        for name, value in vars(importlib.import_module(path)).items():
            own = getattr(value, "__module__", None) == path
            if own and inspect.isfunction(value) and name[0] != "_":
                if builds_networks(value):
                    functions.add(f"{module.name}:{name}")
    assert functions == {case.function for case in CASES}


@each_case
@pytest.mark.parametrize(
    "policy", ("float32", "mixed_bfloat16", "mixed_float16")
)
def test_outputs(case, policy):
    if policy == "float32":
        network = randomised(case)
    else:
        keras.config.set_dtype_policy(policy)
        network = case.build()
        randomise(network)
    for training in (False, True):
        outputs = flat(network(case.data(), training=training))
        assert set(outputs) == set(case.outputs)
        for name, value in outputs.items():
            assert value.shape == (BATCH, *case.outputs[name])
            assert value.dtype == np.float32
            assert np.isfinite(value).all()
            assert case.range != PIXELS or abs(value).max() <= 1
    variables = {weight.dtype for weight in network.weights}
    assert variables == {"float32"}
    # The last convolution is the largest: it too must use the fast dtype.
    weighty = [layer for layer in network.layers if layer.weights]
    compute = policy.removeprefix("mixed_") if not case.exact else "float32"
    assert {layer.compute_dtype for layer in weighty} == {compute}


def scaled(call, *arguments, **keywords):
    return -100 * call(*arguments, **keywords)


@each_case
def test_range_of_outputs(case):
    network = randomised(case)
    before = flat(network(case.data()))
    with contextlib.ExitStack() as stack:
        for layer in case.last_layers(network):
            # Not its weights: a spectral layer divides by their size.
            stack.enter_context(mock.patch.object(
                layer, "call", functools.partial(scaled, layer.call)
            ))
        after = flat(network(case.data()))
    for name, value in after.items():
        if name in case.hidden:
            np.testing.assert_allclose(value, before[name], atol=1e-6)
        elif case.range == PIXELS:
            assert -1 <= value.min() < -0.95 and 0.95 < value.max() <= 1
        else:
            # Linear in the last layers: nothing squashes a logit or a mean.
            np.testing.assert_allclose(
                value, -100 * before[name], rtol=1e-3, atol=1e-3
            )


@each_case
def test_low_precision_computes_the_same(case):
    network = randomised(case)
    keras.config.set_dtype_policy("mixed_bfloat16")
    low = case.build()
    low.set_weights(network.get_weights())
    data = case.data(batch=16)
    exact, rounded = flat(network(data)), flat(low(data))
    for name, value in exact.items():
        error = (rounded[name] - value).std()
        assert case.exact or error > 0
        assert error < 0.05 * np.sqrt((value**2).mean())


@each_case
def test_inputs_have_stable_names(case):
    network = built(case)
    names = [tensor.name for tensor in network.inputs]
    assert sorted(names) == sorted(case.inputs)
    assert isinstance(network.input, dict) == (len(case.inputs) > 1)
    if isinstance(network.input, dict):
        for key, tensor in network.input.items():
            assert key == tensor.name
    assert network.built


@each_case
def test_keras_file_round_trip(case, tmp_path):
    network = randomised(case)
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    for ours, theirs in zip(network.layers, loaded.layers, strict=True):
        assert type(ours) is type(theirs) and ours.name == theirs.name
    assert [tensor.name for tensor in loaded.inputs] == [
        tensor.name for tensor in network.inputs
    ]
    expected = flat(network(case.data()))
    for name, value in flat(loaded(case.data())).items():
        np.testing.assert_array_equal(value, expected[name])


@each_case
def test_rows_do_not_depend_on_the_batch_in_inference(case):
    network = randomised(case)
    whole = flat(network(case.data(), training=False))
    data = case.data()
    first = (
        {name: value[:1] for name, value in data.items()}
        if isinstance(data, dict)
        else data[:1]
    )
    for name, value in flat(network(first, training=False)).items():
        if name in case.mixed:
            assert np.abs(value - whole[name][:1]).max() > 1e-3
        else:
            np.testing.assert_allclose(value, whole[name][:1], atol=1e-5)


@each_case
def test_every_weight_and_input_matters(case):
    network = randomised(case)
    before = flat(network(case.data()))
    for weight in network.weights:
        if weight.name == "u" and weight.shape == (1,):
            continue  # a direction on a line
        value = np.array(keras.ops.convert_to_numpy(weight))
        weight.assign(value * 1.5 + 0.5)
        after = flat(network(case.data()))
        weight.assign(value)
        assert any((after[k] != before[k]).any() for k in before), weight
    if len(case.inputs) > 1:
        for name in case.inputs:
            data = case.data()
            data[name] = case.data(seed=1)[name]
            after = flat(network(data))
            assert any((after[k] != before[k]).any() for k in before), name
