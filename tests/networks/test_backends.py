"""TensorFlow and PyTorch must compute the same function."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from networks.network_cases import CASES, randomise
from networks.other_backend import outputs

HERE = pathlib.Path(__file__).parent
OTHER = {"tensorflow": "torch", "torch": "tensorflow"}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    other = OTHER[keras.backend.backend()]
    if importlib.util.find_spec(other) is None:
        pytest.skip(f"{other} is not installed")
    folder = tmp_path_factory.mktemp("networks")
    here = []
    for number, case in enumerate(CASES):
        network = case.build()
        randomise(network)
        network.save_weights(folder / f"{number}.weights.h5")
        network.save(folder / f"{number}.keras")
        here.append(outputs(network, case.data()))
    run = subprocess.run(
        [sys.executable, "-m", "networks.other_backend", folder],
        env={
            **os.environ,
            "KERAS_BACKEND": other,
            "PYTHONPATH": f"{HERE.parents[1]}{os.pathsep}{HERE.parent}",
        },
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    return folder, here


@pytest.mark.parametrize("number", range(len(CASES)), ids=[
    case.id for case in CASES
])
@pytest.mark.parametrize("source", ("npz", "loaded.npz"))
def test_backends_agree(results, number, source):
    folder, here = results
    with np.load(folder / f"{number}.{source}") as there:
        assert set(there) == set(here[number])
        for name, value in here[number].items():
            if name.startswith(("inference", "training")):
                assert value.std() > 0.01, "too small to compare"
            np.testing.assert_allclose(
                there[name], value, rtol=1e-5, atol=1e-5, err_msg=name
            )
