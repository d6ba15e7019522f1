"""Kill -9 and going on, for every objective on both backends."""

import signal

import numpy as np
import pytest

from check import BACKEND, OTHER, asked, assert_same, needs_other, start
from objectives import tiny
from waiting import outputs

BACKENDS = [BACKEND, pytest.param(OTHER, marks=needs_other)]


@pytest.fixture(scope="module")
def folders(request, tmp_path_factory):
    """What the worker left on each backend; they run side by side."""
    names = asked(request, "name")
    folders = {
        backend: tmp_path_factory.mktemp(backend)
        for backend in asked(request, "backend")
    }
    for task, status in [("die", -signal.SIGKILL), ("finish", 0)]:
        processes = [
            start("objectives/kill_worker.py", folder, task, *names,
                  backend=backend)
            for backend, folder in folders.items()
        ]
        for process, (output, _) in zip(processes, outputs(*processes)):
            assert process.returncode == status, output[-4000:]
    return folders


def columns(file):
    """The columns of a log by name."""
    header, *rows = [line.split(",") for line in file.read_text().split()]
    return {name: list(column) for name, *column in zip(header, *rows)}


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", tiny.each())
def test_going_on_after_kill_9_equals_never_having_stopped(
    name, backend, folders
):
    folder = folders[backend]
    whole, killed = (
        list(np.load(folder / f"{name}-{run}.npz").values())
        for run in ("whole", "killed")
    )
    assert_same(whole, killed)
    log = columns(folder / f"{name}-whole" / "log.csv")
    assert log["step"] == ["1", "2"]
    assert log == columns(folder / f"{name}-killed" / "log.csv")
