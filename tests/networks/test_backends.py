"""TensorFlow and PyTorch must compute the same function."""

import numpy as np
import pytest

from check import OTHER, asked, finish, needs_other, start
from networks.case import randomise
from networks.network_cases import each
from networks.other_backend import outputs


@pytest.fixture(scope="module")
def results(request, tmp_path_factory):
    """The other backend's folder, and {case: what it returns here}."""
    folder = tmp_path_factory.mktemp("networks")
    networks = {}
    for case, _ in asked(request, "case", "source"):
        network = networks[case] = case.build()
        randomise(network)
        network.save_weights(folder / f"{case.id}.weights.h5")
        network.save(folder / f"{case.id}.keras")
    there = start("networks/other_backend.py", folder, backend=OTHER)
    here = {
        case: outputs(network, case.data())
        for case, network in networks.items()
    }
    finish(there)
    return folder, here


@needs_other
@pytest.mark.parametrize("case", each())
@pytest.mark.parametrize("source", ("npz", "loaded.npz"))
def test_backends_agree(results, case, source):
    folder, here = results
    with np.load(folder / f"{case.id}.{source}") as there:
        assert set(there) == set(here[case])
        for name, value in here[case].items():
            if name.startswith(("inference", "training")):
                assert value.std() > 0.01, "too small to compare"
            np.testing.assert_allclose(
                there[name], value, rtol=1e-5, atol=1e-5, err_msg=name
            )
