"""Kill -9 and going on, for every objective on both backends."""

import signal

import numpy as np
import pytest

from check import BACKEND, OTHER, assert_same, installed, start
from objectives import tiny

BACKENDS = [BACKEND, OTHER] if installed(OTHER) else [BACKEND]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """What the worker left on each backend; they run side by side."""
    folders = {name: tmp_path_factory.mktemp(name) for name in BACKENDS}
    for task, status in [("die", -signal.SIGKILL), ("finish", 0)]:
        processes = [
            start("objectives/kill_worker.py", folder, task, backend=name)
            for name, folder in folders.items()
        ]
        for process in processes:
            output, _ = process.communicate(timeout=300)
            assert process.returncode == status, output[-4000:]
    return folders


def columns(file):
    """The columns of a log by name."""
    header, *rows = [line.split(",") for line in file.read_text().split()]
    return {name: list(column) for name, *column in zip(header, *rows)}


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", tiny.NAMES)
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
