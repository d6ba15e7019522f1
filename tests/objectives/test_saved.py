"""Saved models come back in another process, and are written whole or not."""

import importlib
import json

import keras
import pytest

from check import array, finish, start
from keras_gen import registered
from keras_gen.errors import InputError
from objectives import tiny


def sums(model):
    """A number for each variable."""
    return [float(array(v).astype("float64").sum()) for v in model.variables]


@pytest.mark.parametrize("first, names", [
    ("keras_gen", ["gan_terms", "wgan_clip"]),
    pytest.param("keras", tiny.NAMES, marks=pytest.mark.slow),
])
def test_a_new_process_loads_models(first, names, tmp_path):
    """In whichever order the two are imported; networks alone, too."""
    models = {name: tiny.compiled(name) for name in names}
    models |= {
        f"network_{player}_{name}": network for name in names
        for player, network in models[name].networks.items()
    }
    for name, model in models.items():
        model.save(tmp_path / f"{name}.keras")
    printed = finish(start("objectives/load_saved.py", tmp_path, first))
    found = json.loads(printed.splitlines()[-1])
    assert set(found) == set(models)
    for name, model in models.items():
        kind, there = found[name]
        assert kind == type(model).__name__
        assert there == pytest.approx(sums(model)), name


def test_every_registered_class_is_in_the_list():
    listed = {
        f"keras_gen>{name}": getattr(importlib.import_module(module), name)
        for module, names in registered.CLASSES.items() for name in names
    }
    known = {
        name: found for name, found in keras.saving.get_custom_objects().items()
        if name.startswith("keras_gen>")
    }
    assert known == listed


@pytest.mark.parametrize("path", ["x.h5", "x.hdf5", "folder", "x.pkl", "x"])
def test_a_model_is_saved_as_a_keras_file(path, tmp_path):
    with pytest.raises(InputError, match="save_weights.*export") as error:
        tiny.compiled("gan_points").save(tmp_path / path)
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_model_is_saved_whole_or_not(tmp_path, monkeypatch):
    model, path = tiny.compiled("gan_points"), tmp_path / "x.keras"
    model.save(path)
    before = path.read_bytes()

    def broken(self, store):
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(keras.layers.Dense, "save_own_variables", broken)
        with pytest.raises((InputError, OSError)):
            model.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["x.keras"]
    with pytest.raises(InputError, match="cannot write"):
        model.save(tmp_path / "missing" / "x.keras")
    model.save_weights(tmp_path / "x.weights.h5")
    other = tiny.compiled("gan_points")
    other.load_weights(tmp_path / "x.weights.h5")
    assert sums(other) == pytest.approx(sums(model))
