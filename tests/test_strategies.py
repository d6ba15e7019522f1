"""The trainer on two replicas and on two workers, as typed."""

import csv
import functools
import signal
import time

import numpy as np
import pytest

from check import finish, needs, start, tf_configs, values
from keras_gen import zoo
from keras_gen.export import saved_model
from keras_gen.training import trainer
from keras_gen.zoo import checkpoint
from waiting import outputs, until

pytestmark = needs("tensorflow")
SMALL = {"networks.generator.width": 8, "networks.discriminator.width": 8,
         "data.batch_size": 4}


def recipe(steps):
    return zoo.recipe("gan_shapes").override(SMALL | {"train.steps": steps})


def main(workdir, steps, *arguments, **variables):
    """Starts train/main.py on the recipe."""
    changes = [f"--set={k}={v}" for k, v in SMALL.items()]
    return start(
        "../train/main.py", "--model=gan", f"--workdir={workdir}",
        f"--steps={steps}", *changes, *arguments, **variables,
    )


def two_workers(folder, steps):
    """Starts a chief in `folder` / chief, and a worker in another."""
    return [
        main(folder / name, steps, TF_CONFIG=config)
        for name, config in zip(("chief", "worker"), tf_configs())
    ]


def curve(workdir):
    with open(workdir / "log.csv", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return np.array([[float(x) for x in row] for row in rows])


def steps_of(workdir):
    """Rows of a log that is being written."""
    return (workdir / "log.csv").read_text().count("\n") - 1


def weights(workdir):
    model = recipe(4).build()
    checkpoint.restore(model, workdir / "checkpoints")
    assert model.steps_done == 4
    return values(model)


def assert_equal_runs(one, two):
    np.testing.assert_allclose(curve(one), curve(two), atol=1e-4)
    for a, b in zip(weights(one), weights(two), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)
    # Who had finished before and goes on replaces the version by the next.
    version, = saved_model.versions(two / "export")
    for made in ("samples/step-0000004.png",
                 f"export/{version}/saved_model.pb",
                 "export/generator.weights.h5"):
        assert (two / made).exists()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Four steps on one device, without a stop."""
    folder = tmp_path_factory.mktemp("whole")
    trainer.run(recipe(4), folder)
    return folder


@pytest.mark.slow
def test_two_replicas_train_go_on_and_export(whole, tmp_path):
    output = finish(main(tmp_path, 2, "--devices=cpu:2"))
    assert "strategy mirrored, 2 replicas" in output
    output = finish(main(tmp_path, 4, "--devices=cpu:2"))
    assert "goes on from step 2" in output
    assert_equal_runs(whole, tmp_path)


@pytest.mark.slow
def test_a_worker_dies_and_the_same_command_goes_on(whole, tmp_path):
    """On from one device's checkpoint, through a pause that is longer than
    TensorFlow's own patience, and a death, to the end."""
    trainer.run(recipe(2), tmp_path / "chief")
    chief, worker = two_workers(tmp_path, 1_000_000)
    steps = functools.partial(steps_of, tmp_path / "chief")
    until(lambda: steps() > 2, chief, worker)
    worker.send_signal(signal.SIGSTOP)
    time.sleep(15)
    worker.send_signal(signal.SIGCONT)
    before = steps()
    until(lambda: steps() > before, chief, worker)
    worker.send_signal(signal.SIGKILL)
    (output, _), _ = outputs(chief, worker)
    assert chief.returncode == 1, output
    error, = [x for x in output.splitlines() if x.startswith("error: ")]
    assert "worker 1 (localhost:" in error and "last checkpoint" in error
    for output, words in zip(finish(*two_workers(tmp_path, 4)), (
        ["2 replicas on 2 workers", "goes on from step 2", "SavedModel"],
        ["worker 1 trains in step with worker 0"],
    )):
        assert all(w in output for w in words), output
    assert_equal_runs(whole, tmp_path / "chief")
    assert not (tmp_path / "worker").exists()


def test_a_batch_that_cannot_be_shared_is_one_line_and_exit_code_2(tmp_path):
    process = main(
        tmp_path / "run", 2, "--devices=cpu:2", "--set=data.batch_size=3"
    )
    (output, _), = outputs(process)
    assert process.returncode == 2 and "Traceback" not in output
    assert "error: a batch of 3 cannot be shared equally by 2" in output
    assert not list(tmp_path.iterdir())
