"""What a process is set to beforehand: keras.json, other policies, threads,
terminals."""

import json
import os
import subprocess
import sys
import threading

import keras
import numpy as np
import pytest
from PIL import Image

from check import BACKEND, TESTS
from keras_gen import InputError, printing, zoo
from keras_gen.backend import settings

# What the command line does alike; the API refuses it.
OTHERS = [
    {"floatx": "float16"}, {"floatx": "float64"}, {"floatx": "bfloat16"},
    {"image_data_format": "channels_first"},
]


@pytest.fixture
def changed():
    """Sets what keras.json may set, until the test ends."""
    before = {name: getattr(keras.config, name)() for name in settings._NEEDED}

    def change(**given):
        for name, value in given.items():
            getattr(keras.config, f"set_{name}")(value)

    yield change
    change(**before)


@pytest.mark.parametrize("given", OTHERS, ids=str)
def test_other_settings_are_refused_in_one_line(given, changed):
    recipe = zoo.recipe("gan_shapes").smoke()
    model = recipe.build()
    networks = {
        "generator": model.generator, "discriminator": model.discriminator
    }
    changed(**given)
    (name, value), = given.items()
    words = f"{name} = '{value}'.*keras.config.set_{name}"
    with pytest.raises(InputError, match=words):
        recipe.build()
    with pytest.raises(InputError, match=words):
        type(model)(**networks)


@pytest.mark.parametrize("given", OTHERS, ids=str)
def test_a_process_of_our_own_computes_as_always(given, changed, monkeypatch):
    recipe = zoo.recipe("dcgan_shapes").smoke()
    wanted = recipe.build().generate(2, seed=0)
    changed(**given)
    monkeypatch.setattr(settings, "own_process", True)
    np.testing.assert_array_equal(recipe.build().generate(2, seed=0), wanted)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_the_process_policy_is_not_the_models(policy):
    recipe = zoo.recipe("gan_ring").smoke()
    wanted = recipe.build().generate(2, seed=0)
    keras.config.set_dtype_policy(policy)
    model = recipe.build()
    assert keras.config.dtype_policy().name == policy
    np.testing.assert_array_equal(model.generate(2, seed=0), wanted)
    model.run_eagerly = True
    model.fit(
        recipe.batches(recipe.dataset(), model), verbose=0, shuffle=False
    )
    assert model.compute_dtype == "float32"


def command(*arguments, **variables):
    found = subprocess.run(
        [sys.executable, "-c", "from keras_gen.cli import main; main()",
         *map(str, arguments)], capture_output=True,
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)} | variables,
    )
    lines = [
        line for line in found.stderr.decode("utf-8", "replace").splitlines()
        if line.startswith("error: ")
    ]
    return found.returncode, lines, found


@pytest.mark.parametrize("name", ["jax", "numpy", "nonsense"])
def test_another_backend_is_one_line(name, tmp_path):
    code, lines, found = command(
        "sample", "gan_ring", f"--out={tmp_path / 'x.png'}",
        KERAS_BACKEND=name,
    )
    assert code == 2 and len(lines) == 1, found.stderr
    assert f"not '{name}'" in lines[0] and "Traceback" not in str(found.stderr)


@pytest.mark.slow
def test_keras_json_changes_nothing_on_the_command_line(tmp_path):
    (tmp_path / "keras.json").write_text(json.dumps({
        "floatx": "float64", "image_data_format": "channels_first",
        "backend": BACKEND, "epsilon": 1e-7,
    }))
    made = []
    for variables in ({}, {"KERAS_HOME": str(tmp_path)}):
        out = tmp_path / f"{len(made)}.png"
        code, _, found = command(
            "sample", "dcgan_shapes", "--n=4", f"--out={out}", **variables
        )
        assert code == 0, found.stderr
        made.append(out.read_bytes())
    assert made[0] == made[1]


# -- terminals ------------------------------------------------------------

ASCII = {
    "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
}


def test_names_that_the_terminal_lacks_are_replaced(tmp_path):
    for folder in ("猫", "chien é", os.fsdecode(b"\xff\xfe")):
        (tmp_path / folder).mkdir()
        for number in range(12):
            Image.new("RGB", (8, 8), (number, 0, 0)).save(
                tmp_path / folder / f"ü{number}.png"
            )
        (tmp_path / folder / "brøken.png").write_bytes(b"")
    for variables in (ASCII, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "utf-8"}):
        code, lines, found = command(
            "data", tmp_path, "--kind=labelled", "--size=8",
            f"--out={tmp_path.parent / 'sheet.png'}", **variables
        )
        assert (code, lines) == (0, []), found.stderr
        assert b"classes" in found.stdout


def test_output_is_as_it_was_after_replacing(capfd, monkeypatch):
    stream = open(1, "w", encoding="ascii", closefd=False)
    monkeypatch.setattr(sys, "stdout", stream)
    with printing.replacing():
        print("猫")
    assert stream.errors == "strict"
    with pytest.raises(UnicodeEncodeError):
        print("猫")
    monkeypatch.setattr(sys, "stdout", object())
    with printing.replacing():
        pass  # a notebook's has no encoding


def test_a_recipe_is_written_whatever_a_path_is_called(tmp_path):
    recipe = zoo.recipe("gan_shapes").override(
        {"data.source": os.fsdecode(b"pictures/\xff")}
    )
    path = tmp_path / "mine.toml"
    path.write_text(recipe.to_toml(), "utf-8")
    assert zoo.recipe(path)["data"]["source"] == "pictures/?"


# -- several models and threads -------------------------------------------


def together(*functions):
    """The results of functions that run at the same time."""
    found, barrier = {}, threading.Barrier(len(functions))

    def run(number, function):
        barrier.wait()
        found[number] = function()

    threads = [
        threading.Thread(target=run, args=each) for each in
        enumerate(functions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(functions)
    return [found[i] for i in range(len(functions))]


def test_models_of_two_precisions_in_one_process():
    names = ("float32", "bfloat16")
    recipes = [
        zoo.recipe("dcgan_shapes").smoke().override({"train.precision": name})
        for name in names
    ]
    alone = [r.build().generate(3, seed=1) for r in recipes]
    models = [r.build() for r in recipes]
    both = together(*(
        lambda m=m: m.generate(3, seed=1) for m in models * 2
    ))
    for made, wanted in zip(both, alone * 2):
        np.testing.assert_array_equal(made, wanted)
    assert (alone[0] != alone[1]).any()


@pytest.mark.slow
def test_models_are_built_and_loaded_while_another_trains():
    recipe = zoo.recipe("gan_ring").smoke().override({"train.steps": 20})

    def trained():
        model = recipe.build()
        model.fit(
            recipe.batches(recipe.dataset(), model), verbose=0, shuffle=False
        )
        return model.generator.get_weights()

    def loaded():
        return zoo.load("gan_ring").generate(4, seed=0)

    weights, made = trained(), loaded()
    found = together(trained, loaded, trained, loaded)
    for a in (found[0], found[2]):
        for x, y in zip(a, weights):
            np.testing.assert_array_equal(x, y)
    for b in (found[1], found[3]):
        np.testing.assert_array_equal(b, made)
