"""What trackers are told of a run: by stand-ins for each, and by the real
ones where they are installed."""

import csv
import json
import sys
import types

import numpy as np
import pytest
from PIL import Image

from keras_gen import zoo
from keras_gen.cli import train
from keras_gen.errors import InputError
from keras_gen.training import trackers, trainer


class Fake(types.ModuleType):
    """A tracker's package with the functions that an adapter calls."""

    def __init__(self, name):
        super().__init__(name)
        self.began, self.config, self.ended = [], None, []
        self.told, self.pictures = [], []

    # trackio and wandb

    def init(self, *, project, name, config, resume, id=None):
        assert project == "keras_gen"
        known = id if self.__name__ == "wandb" else (
            name if resume == "allow" else None
        )
        self.began.append(known)
        self.config = config
        return types.SimpleNamespace(id="the-run")

    def log(self, values, step):
        pictures = {k: v for k, v in values.items() if isinstance(v, tuple)}
        self.pictures += [(k, v[0], step) for k, v in pictures.items()]
        if values.keys() - pictures.keys():
            self.told.append((step, dict(values)))

    def Image(self, image):
        return (image,)

    def finish(self, exit_code=0):
        self.ended.append(exit_code == 0)

    # mlflow

    def set_experiment(self, name):
        assert name == "keras_gen"

    def start_run(self, run_id, run_name):
        assert run_name == "run"
        self.began.append(run_id)
        return types.SimpleNamespace(
            info=types.SimpleNamespace(run_id="the-run")
        )

    def log_params(self, config):
        assert self.config is None, "params of a run cannot change"
        self.config = config

    def log_metrics(self, values, step):
        self.told.append((step, dict(values)))

    def log_image(self, image, key, step):
        self.pictures.append((key, image, step))

    def end_run(self, status):
        self.ended.append(status == "FINISHED")


@pytest.fixture
def fake(request, monkeypatch):
    module = Fake(request.param)
    monkeypatch.setitem(sys.modules, request.param, module)
    return module


def tiny(**changes):
    return zoo.recipe("gan_shapes").smoke().override(changes)


each = pytest.mark.parametrize("fake", trackers.NAMES, indirect=True)


def tell(name, workdir, steps, complete=True):
    """Numbers and a picture of some steps, as a run tells them."""
    workdir.mkdir(exist_ok=True)
    with trackers.tracking(name, tiny(), workdir) as tracked:
        events = tracked.beside(Events())
        for step in steps:
            events.scalar("loss", np.float32(step / 4), step)
            events.scalar("other", 1.0, step)
            events.image("samples", step, step)
        tracked.complete = complete
        events.close()
    return events


class Events:
    """An event file that forgets."""

    def scalar(self, name, value, step):
        pass

    image = text = scalar

    def close(self):
        pass


@each
def test_all_are_told_the_same(fake, tmp_path):
    name, workdir = fake.__name__, tmp_path / "run"
    tell(name, workdir, [1, 2])
    assert fake.began == [None] and fake.ended == [True]
    # All numbers of a step at once.
    assert fake.told == [
        (1, {"loss": 0.25, "other": 1.0}), (2, {"loss": 0.5, "other": 1.0}),
    ]
    assert fake.pictures == [("samples", 1, 1), ("samples", 2, 2)]
    assert fake.config["train.steps"] == tiny()["train"]["steps"]
    assert all(
        isinstance(v, (bool, int, float, str)) for v in fake.config.values()
    )
    # It goes on as the same run, and is stopped.
    tell(name, workdir, [3], complete=False)
    again = "run" if name == "trackio" else "the-run"
    assert fake.began == [None, again]
    # trackio has no word for that.
    assert fake.ended == [True, name == "trackio"]
    assert json.loads((workdir / "tracker.json").read_text()) == {name: again}


@each
def test_a_tracker_that_fails_is_told_of_once(fake, tmp_path, capsys):
    def broken(*_, **__):
        raise ConnectionError("no route\nto host")

    fake.log = fake.log_metrics = broken
    tell(fake.__name__, tmp_path / "run", [1, 2, 3])
    error = capsys.readouterr().err
    assert error.count("takes nothing more (no route to host)") == 1
    assert error.count("\n") == 1 and not fake.told


@each
def test_a_tracker_that_cannot_begin_is_one_line(fake, tmp_path):
    def broken(*_, **__):
        raise RuntimeError("no api key")

    fake.init = fake.start_run = broken
    with pytest.raises(InputError, match=r"cannot begin \(no api key\)"):
        tell(fake.__name__, tmp_path / "run", [1])
    assert not list((tmp_path / "run").iterdir())


@each
def test_an_error_of_the_run_ends_it_as_stopped(fake, tmp_path):
    (tmp_path / "run").mkdir()
    with pytest.raises(KeyboardInterrupt):
        with trackers.tracking(fake.__name__, tiny(), tmp_path / "run"):
            raise KeyboardInterrupt
    assert fake.ended == [fake.__name__ == "trackio"]


@pytest.mark.parametrize("fake", ["mlflow"], indirect=True)
def test_a_run_tells_what_its_files_have(fake, tmp_path):
    workdir = tmp_path / "run"
    assert trainer.run(tiny(), workdir, tracker="mlflow")
    assert fake.ended == [True]
    told = {
        (step, key): value for step, values in fake.told
        for key, value in values.items()
    }
    for file in ("log.csv", "monitors.csv"):
        with open(workdir / file) as rows:
            for row in csv.DictReader(rows):
                step = int(row.pop("step"))
                for key, value in row.items():
                    np.testing.assert_allclose(
                        told[step, key], float(value), rtol=1e-4
                    )
    key, image, step = fake.pictures[-1]
    grid = Image.open(workdir / "samples" / f"step-{step:07}.png")
    assert key == "samples"
    np.testing.assert_array_equal(np.asarray(image), np.asarray(grid))


def test_one_that_is_not_installed_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(InputError, match="pip install wandb") as caught:
        trainer.run(tiny(), tmp_path / "run", tracker="wandb")
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="one of mlflow, trackio, wandb"):
        trainer.run(tiny(), tmp_path / "run", tracker="x")
    assert not list(tmp_path.iterdir())


def test_the_command_offers_each():
    (text,) = [x for flag, x in train.described() if flag.name == "tracker"]
    assert text.endswith(f"One of {', '.join(trackers.NAMES)}.")


def test_values_of_all_kinds_are_numbers_or_text():
    found = trackers.flat({"a": {"b": [1, 2], "c": "x" * 900}, "d": None})
    assert found == {"a.b": "[1, 2]", "a.c": "x" * 500, "d": "null"}


@pytest.fixture
def told(request, tmp_path, monkeypatch):
    """A real tracker, told twice of a run, the second time as it goes on."""
    pytest.importorskip(request.param)
    for key, value in {
        "MLFLOW_TRACKING_URI": (tmp_path / "mlruns").as_uri(),
        "MLFLOW_ALLOW_FILE_STORE": "true", "TRACKIO_DIR": f"{tmp_path}/t",
        "WANDB_MODE": "offline", "WANDB_DIR": str(tmp_path),
        "WANDB_SILENT": "true",
    }.items():
        monkeypatch.setenv(key, value)
    picture = Image.new("RGB", (8, 8), "red")
    for step in (1, 2):
        with trackers.tracking(request.param, tiny(), tmp_path) as tracked:
            tracked.call("numbers", {"loss": step / 4}, step)
            tracked.call("picture", "samples", picture, step)
            tracked.complete = True
    return tmp_path


@pytest.mark.parametrize("told", trackers.NAMES, indirect=True)
def test_the_real_ones_take_it(told, capsys):
    assert "takes nothing more" not in capsys.readouterr().err
    assert json.loads((told / "tracker.json").read_text())


@pytest.mark.parametrize("told", ["mlflow"], indirect=True)
def test_mlflow_keeps_the_curve_and_the_pictures(told):
    import mlflow

    run_id = json.loads((told / "tracker.json").read_text())["mlflow"]
    client = mlflow.MlflowClient()
    history = client.get_metric_history(run_id, "loss")
    assert [(x.step, x.value) for x in history] == [(1, 0.25), (2, 0.5)]
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["train.seed"] == str(tiny()["train"]["seed"])
    assert len(list(told.rglob("*.png"))) >= 2
