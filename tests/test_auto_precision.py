"""precision = "auto": what the machine is faster in, and then for good."""

import pytest

from keras_gen import InputError, zoo
from keras_gen.cli import publish
from keras_gen.training import devices, precision, run_folder, trainer
from keras_gen.zoo.recipes import Recipe


def auto(name="gan_ring", **changes):
    changes = {k.replace("__", "."): v for k, v in changes.items()}
    return zoo.recipe(name).smoke().override(
        {"train.precision": "auto"} | changes
    )


@pytest.fixture
def machine(monkeypatch):
    """Sets how many times as fast bfloat16 is, or the GPU's capability."""

    def change(speed=None, capability=None):
        monkeypatch.setattr(precision, "_capability", lambda: capability)
        monkeypatch.setattr(precision, "speed", lambda: speed)

    return change


@pytest.mark.parametrize(("speed", "capability", "wanted", "why"), [
    (0.12, None, "float32", "bfloat16 is 0.12 x as fast here"),
    (1.05, None, "float32", "bfloat16 is 1.1 x as fast here"),
    (2.1, None, "bfloat16", "2.1 x as fast as float32 here"),
    (None, (7, 5), "float32", "compute capability is 7.5"),
    (None, (8, 0), "bfloat16", "compute capability is 8.0"),
    (None, (9, 0), "bfloat16", "compute capability is 9.0"),
])
def test_the_machine_chooses(speed, capability, wanted, why, machine):
    machine(speed, capability)
    found, told = precision.chosen()
    assert found == wanted and why in told


def test_the_trial_is_short_and_made_once(monkeypatch):
    calls = []
    monkeypatch.setattr(precision, "_SECONDS", 0.0)
    monkeypatch.setattr(
        precision, "_step", lambda policy: lambda: calls.append(policy)
    )
    precision.speed.cache_clear()
    assert precision.speed() == precision.speed()
    assert calls == 2 * ["float32", "mixed_bfloat16"]
    precision.speed.cache_clear()


def test_a_step_of_the_trial_computes_in_its_format():
    assert precision._step("mixed_bfloat16")() >= 0


def begun(workdir, recipe, **known):
    """A run's folder as its start leaves it."""
    workdir.mkdir(exist_ok=True)
    place = devices.plan().start(1)
    run_folder.prepare(recipe, workdir, place, "", **known)
    return Recipe.read(workdir / "recipe.toml")


def test_a_run_keeps_what_it_began_with(
    machine, tmp_path, capsys, monkeypatch
):
    machine(2.1)
    trainer.run(auto(), tmp_path)
    told = capsys.readouterr().out
    assert "precision   bfloat16: 2.1 x as fast as float32 here" in told
    assert ", bfloat16)" in told
    written = Recipe.read(tmp_path / "recipe.toml")
    assert written["train"]["precision"] == "bfloat16"
    assert written["run"]["precision"] == "2.1 x as fast as float32 here"
    publish.refuse_others(auto(), written, tmp_path)
    # Another machine.
    monkeypatch.setattr(trainer, "finish", lambda *run: None)
    machine(0.12)
    trainer.run(auto(train__steps=3), tmp_path)
    told = capsys.readouterr().out
    assert "precision   bfloat16, as the run began" in told
    again = Recipe.read(tmp_path / "recipe.toml")
    assert again["train"]["precision"] == "bfloat16"
    assert again["run"]["precision"] == written["run"]["precision"]


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float16"])
def test_what_was_asked_for_stays(name, machine, tmp_path, monkeypatch):
    monkeypatch.setattr(precision, "chosen", None)
    asked = auto(train__precision=name)
    place = devices.plan().start(1)
    assert precision.agreed(asked, place) == (asked, "")
    there = begun(tmp_path, asked)
    assert precision.kept(auto(), there).values == asked.values
    run_folder.refuse_folder(precision.kept(auto(), there), tmp_path)
    other = auto(train__precision="float16" if name != "float16" else "float32")
    assert precision.kept(other, there) is other
    words = f"train.precision = '{name}' there"
    with pytest.raises(InputError, match=words):
        run_folder.refuse_folder(other, tmp_path)


def test_loading_tries_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(precision, "chosen", None)
    monkeypatch.setattr(precision, "speed", None)
    model = zoo.load("cgan_shapes")
    assert zoo.recipe("cgan_shapes")["train"]["precision"] == "auto"
    assert {
        layer.compute_dtype for layer in model.generator.layers
    } == {"float32"}
    assert auto().build().generator.layers[-1].compute_dtype == "float32"


def test_workers_take_the_chiefs():
    class Place:
        chief = False

        def of_chief(self, number, bound):
            assert bound == 3
            return 1

    found, why = precision.agreed(auto(), Place())
    assert found["train"]["precision"] == "bfloat16" and not why
