"""train.patience: a run ends when it should, not earlier, and at the same step
when it was stopped in between."""

import tomllib
from types import SimpleNamespace

import pytest

from check import finish, needs, start, tf_configs
from keras_gen import zoo
from keras_gen.errors import InputError
from keras_gen.training import callbacks, trainer
from keras_gen.training.monitors import SampleMonitors
from keras_gen.zoo import checkpoint
from objectives import tiny

NAN = float("nan")


def recipe(mode="min", patience=2, steps=20, **more):
    return zoo.recipe("gan_shapes").smoke().override({
        "train.best": "pairwise_distance", "train.best_mode": mode,
        "train.patience": patience, "train.steps": steps, **more,
    })


@pytest.fixture
def measured(monkeypatch):
    """A function that says what is measured after step 1, 2, ..."""
    def say(values):
        monkeypatch.setattr(SampleMonitors, "measure", lambda self: {
            "pairwise_distance": float(values[self.objective.steps_done - 1]),
            "overfitting": 0.0,
        })
        monkeypatch.setattr(SampleMonitors, "collapsed", lambda *_: False)

    return say


def ended(folder):
    """The step at which a run ended, and that of the best."""
    kept = tomllib.loads((folder / "best/best.toml").read_text())
    newest = checkpoint.files(folder / "checkpoints")[-1]
    return checkpoint.step(newest), kept["step"]


def steps(folder, values, mode, patience):
    """At which step the callbacks end training, of values at each."""
    monitors = SimpleNamespace(values={})
    kept = callbacks.Best(folder, "x", mode, monitors, 1)
    patient = callbacks.Patience(folder, patience, 1)
    model = tiny.compiled("gan_r1")
    for callback in kept, patient:
        callback.set_model(model)
        callback.on_train_begin()
    model.stop_training = False
    for step, value in enumerate(values, 1):
        monitors.values["x"] = value
        for callback in kept, patient:
            callback.on_step(step, {})
        if model.stop_training:
            return step
    return None


@pytest.mark.parametrize("values, mode, patience, end, best", [
    # As good is not better; what is better counts from there.
    ([5, 4, 3, 3.5, 3, 1, 1], "min", 2, 5, 3),
    ([5, 6, 4, 6, 3, 6, 6, 1], "min", 2, 7, 5),
    ([1, 2, 1, 3, 1, 1, 1, 4], "max", 3, 7, 4),
    ([1, NAN, NAN, 0], "min", 2, 3, 1),
    ([4, 4, 1], "min", 1, 2, 1),
    ([5, 6, 4, 5, 3, 4], "min", 2, None, 5),
])
def test_it_ends_when_it_should(values, mode, patience, end, best, tmp_path):
    folder = tmp_path / "best"
    assert steps(folder, values, mode, patience) == end
    assert callbacks.kept(folder)["step"] == best


def test_a_run_ends_early_and_is_whole(measured, tmp_path, capsys):
    measured([5, 4, 3, 3.5, 3, 1, 1])
    for _ in range(2):  # the same command has nothing left to do
        assert trainer.run(recipe(), tmp_path)
        assert ended(tmp_path) == (5, 3)
        out = capsys.readouterr().out
        line, = (x for x in out.splitlines() if x.startswith("stopped early"))
        assert "at step 5: in 2 looks no better pairwise_distance" in line
        assert "than 3 at step 3, whose weights are in" in line
    assert (tmp_path / "export/generator.weights.h5").is_file()


@pytest.mark.parametrize("lost", [0, 1])
def test_a_run_that_goes_on_ends_at_the_same_step(
    lost, measured, tmp_path, monkeypatch
):
    """Also where a kill lost the last steps, that of the best among them."""
    monkeypatch.setattr(trainer, "finish", lambda *_: None)
    measured([5, 4, 4.5, 3, 3.5, 3.5, 3.5, 1])
    trainer.run(recipe(patience=3, steps=4), tmp_path, checkpoint_minutes=0)
    files = checkpoint.files(tmp_path / "checkpoints")
    assert [checkpoint.step(file) for file in files] == [3, 4]
    assert ended(tmp_path) == (4, 4)
    if lost:
        files[-1].unlink()
    assert trainer.run(recipe(patience=3), tmp_path)
    assert ended(tmp_path) == (7, 4)


def test_looks_are_a_twentieth_of_the_run_apart(tmp_path):
    patience = callbacks.Patience(tmp_path / "best", 3, every=10)
    assert [s for s in range(1, 45) if patience.over(s)] == [30, 40]
    (tmp_path / "best").mkdir()
    (tmp_path / "best/best.toml").write_text(
        'step = 20\nname = "x"\nvalue = 1.0\n'
    )
    assert [s for s in range(1, 65) if patience.over(s)] == [50, 60]


@needs("tensorflow")
@pytest.mark.slow
def test_two_replicas_end_where_one_does(tmp_path):
    finish(start("patient_run.py", tmp_path, "cpu:2"))
    assert ended(tmp_path) == (5, 3)


@needs("tensorflow")
@pytest.mark.slow
def test_a_worker_ends_with_its_chief(tmp_path):
    finish(*(
        start("patient_run.py", tmp_path / name, "", TF_CONFIG=config)
        for name, config in zip(("chief", "worker"), tf_configs())
    ))
    assert ended(tmp_path / "chief") == (5, 3)


@pytest.mark.parametrize("changes, words", [
    ({"train.patience": 0}, "train.patience must be at least 1, got 0"),
    ({"train.patience": 1.5}, "train.patience"),
    ({"train.best": "no"}, "pairwise_distance, .*frechet_distance"),
    ({"train.best": "generator_loss"}, "measured beside the training"),
    ({"stages": [{"steps": 2}, {"steps": 18}]}, "does not go with stages"),
])
def test_what_it_cannot_go_by_is_refused(changes, words, tmp_path):
    with pytest.raises(InputError, match=words):
        trainer.run(recipe().override(changes), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_it_needs_a_best():
    with pytest.raises(InputError, match="name a monitor or a metric"):
        zoo.recipe("gan_shapes").override({"train.patience": 3})
