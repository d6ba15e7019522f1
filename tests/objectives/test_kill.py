"""Kill -9 and going on, for every objective on both backends."""

import numpy as np
import pytest

from check import BACKEND, OTHER, assert_same, finish, installed, start
from objectives import tiny

BACKENDS = [BACKEND, OTHER] if installed(OTHER) else [BACKEND]


@pytest.fixture(scope="module", params=BACKENDS)
def folder(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    finish(start("objectives/kill_worker.py", folder, backend=request.param))
    return folder


def columns(file):
    """The columns of a log by name."""
    header, *rows = [line.split(",") for line in file.read_text().split()]
    return {name: list(column) for name, *column in zip(header, *rows)}


@pytest.mark.parametrize("name", tiny.NAMES)
def test_going_on_after_kill_9_equals_never_having_stopped(name, folder):
    whole, killed = (
        list(np.load(folder / f"{name}-{run}.npz").values())
        for run in ("whole", "killed")
    )
    assert_same(whole, killed)
    log = columns(folder / f"{name}-whole" / "log.csv")
    assert log["step"] == ["1", "2"]
    assert log == columns(folder / f"{name}-killed" / "log.csv")
