"""Batches that do not come out even, on several replicas."""

import json
import math

import numpy as np
import pytest

from check import asked, finish, needs, start
from objectives import tiny

pytestmark = [needs("tensorflow"), pytest.mark.slow]
# The one that traces fastest is in the quick tests.
FIRST = "gan_points"
NAMES = [
    name if name == FIRST else pytest.param(name, marks=pytest.mark.slow)
    for name in tiny.names(lambda case: not case.alone)
]


@pytest.fixture(scope="module")
def found(request, tmp_path_factory):
    file = tmp_path_factory.mktemp("uneven") / "found.json"
    finish(start("objectives/uneven.py", file, *asked(request, "name")))
    return json.loads(file.read_text())


@pytest.mark.parametrize("name", NAMES)
def test_two_replicas_learn_what_one_device_does(found, name):
    """Also where one gets no row at all, and more updates than rows."""
    result = found[name]
    assert result["apart"] < min(1e-4, result["moved"] / 10)
    one, two = result["logs"]
    assert set(one) == set(two)
    for key, values in one.items():
        values, others = (np.ravel(v) for v in (values, two[key]))
        assert all(map(math.isfinite, values)), key
        # The slope of |x| jumps where rounding changes the sign of x.
        rtol = 3e-2 if key.endswith("gradient_norm") else 1e-4
        np.testing.assert_allclose(
            others, values, rtol=rtol, atol=1e-4, err_msg=key
        )
