"""Weights rounded to float16 values."""

import importlib.util
import shutil

import numpy as np
import pytest

from check import TESTS, array, needs
from keras_gen import golden, zoo
from keras_gen.errors import InputError

spec = importlib.util.spec_from_file_location(
    "round_weights", TESTS.parent / "train/round.py"
)
script = importlib.util.module_from_spec(spec)
spec.loader.exec_module(script)


def test_values():
    values = np.float32([1 / 3, -1e-9, 70.01, 1 + 2 ** -11])
    near = script.rounded(values)
    assert near.dtype == "float32"
    np.testing.assert_array_equal(near, np.float16(values))
    assert near[0] != values[0] and near[3] == 1
    counts = np.int64([2 ** 40 + 1])
    assert script.rounded(counts) is counts
    for large in (70000, np.nan):
        with pytest.raises(InputError, match="beyond float16"):
            script.rounded(np.float32([large]))


@needs("tensorflow")
def test_a_published_model(tmp_path, monkeypatch):
    name = "dcgan_shapes"
    shutil.copytree(zoo.home() / "saved_models" / name,
                    tmp_path / "saved_models" / name)
    (tmp_path / "zoo").mkdir()
    shutil.copy(zoo.home() / "zoo" / f"{name}.toml", tmp_path / "zoo")
    monkeypatch.setenv("KERAS_GEN_HOME", str(tmp_path))
    before = zoo.load(name).generate(8, seed=0)
    script.publish(name)
    recipe, model = zoo.recipe(name), zoo.load(name)
    for weight in model.generator.weights:
        np.testing.assert_array_equal(array(weight), np.float16(array(weight)))
    assert np.abs(model.generate(8, seed=0) - before.astype(int)).max() <= 2
    assert recipe["golden"] == golden.numbers(model)
    assert "results" not in recipe.values
    assert "measured" not in recipe["card"]
    folder = tmp_path / "saved_models" / name
    assert sorted(p.name for p in folder.iterdir()) == [
        "1", "discriminator.weights.h5", "generator.weights.h5", "samples.png"
    ]
    assert (folder / "1/saved_model.pb").is_file()
