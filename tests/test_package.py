"""The package as installed: quick to import, and without TensorFlow."""

import inspect
import os
import re
import subprocess
import sys

import pytest

import keras_gen
from check import TESTS, installed
from pages.api import exported


def python(code, **environment):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)} | environment,
        check=True,
    ).stdout


def test_import_costs_next_to_nothing_beyond_keras():
    code = """
import sys, {first}
before = set(sys.modules)
import keras_gen
print(*sorted(set(sys.modules) - before))
"""
    own = ["", ".errors", ".importing", ".registered"]
    after = python(code.format(first="keras")).split()
    assert after[-4:] == [f"keras_gen{name}" for name in own]
    # Of Python's own, at most.
    alone = python(code.format(first="re")).split()
    assert not {"keras", "numpy", "tensorflow", "torch"} & set(alone)


def test_a_training_does_not_import_statistics():
    # A fifth of the time that Keras takes.
    code = "import sys, keras_gen.training.trainer; print(*sys.modules)"
    assert "scipy.stats" not in python(code).split()


def test_every_public_module_is_there():
    for name in keras_gen.__all__:
        assert getattr(keras_gen, name)
    assert set(keras_gen.__all__) <= set(dir(keras_gen))


def test_the_docstring_lists_what_a_user_calls():
    listed = re.findall(r"^    (\w+)  +\w", keras_gen.__doc__, re.M)
    assert sorted(listed) == sorted(keras_gen.__all__)
    assert 12 <= len(listed) <= 18


def unannotated(function):
    """The parameters of a function, "self" aside, and "return", of which it
    does not say the type."""
    signature = inspect.signature(function)
    missing = [
        name for name, parameter in signature.parameters.items()
        if parameter.annotation is parameter.empty and name != "self"
        and parameter.kind not in
        (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    ]
    returns = signature.return_annotation is not signature.empty
    made = function.__name__ == "__init__"
    return missing + ([] if returns or made else ["return"])


def own_constructor(value):
    """The class's constructor as keras_gen wrote it, or None: Keras' and
    Python's have their own say."""
    for base in inspect.getmro(value):
        if "__init__" in vars(base):
            own = base.__module__.startswith("keras_gen")
            return vars(base)["__init__"] if own else None


def test_what_a_user_calls_says_its_types():
    wrong = {}
    for module in keras_gen.__all__:
        if module == "InputError":
            continue
        for name, value in exported(getattr(keras_gen, module)).items():
            function = value
            if inspect.isclass(value):
                function = own_constructor(value)
            if inspect.isfunction(function) and unannotated(function):
                wrong[name] = unannotated(function)
    assert not wrong


@pytest.mark.skipif(not installed("torch"), reason="needs PyTorch")
def test_torch_needs_no_tensorflow():
    code = """
import sys
# As where it is not installed: any import fails.
sys.modules["tensorflow"] = None
import keras_gen
recipe = keras_gen.zoo.recipe("dcgan").smoke()
model, dataset = recipe.build(), recipe.dataset()
model.fit(recipe.batches(dataset, model), verbose=0, shuffle=False)
assert model.generate(2, seed=0).shape == (2, 16, 16, 3)
assert sys.modules["tensorflow"] is None
print("trained", model.steps_done)
"""
    assert "trained 2" in python(code, KERAS_BACKEND="torch")


@pytest.mark.slow
@pytest.mark.skipif(not installed("torch"), reason="needs PyTorch")
def test_torch_loads_a_model_without_importing_tensorflow():
    # Where it is installed: that alone would take longer than the loading.
    code = """
import sys, keras_gen
model = keras_gen.zoo.load("classifier_shapes")
assert model.averages
print("torch" in sys.modules, "tensorflow" in sys.modules)
# Keras finds it all the same where it is asked for.
from keras.src.utils.module_utils import tensorflow
print(tensorflow.available, "tensorflow" in sys.modules)
"""
    words = python(code, KERAS_BACKEND="torch").split()
    there = str(installed("tensorflow"))
    assert words == ["True", "False", there, there]


def test_another_backend_is_refused_by_name():
    # Keras imports the backend itself, which need not be installed here.
    code = """
import keras, keras_gen
keras.backend.backend = lambda: "jax"
try:
    import keras_gen.backend.gradients
except keras_gen.InputError as error:
    print(error)
"""
    assert "'tensorflow' and 'torch', not 'jax'" in python(code)
