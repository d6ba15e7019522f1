"""What benchmarks/growth.py works out of its measurements."""

import sys
from pathlib import Path

import numpy as np
import pytest

SIDES = Path(__file__).parents[1] / "benchmarks/sides"


@pytest.fixture(autouse=True)
def sides(monkeypatch):
    """Its modules can be imported, as a script of that folder does."""
    monkeypatch.syspath_prepend(SIDES)
    yield
    for name in ("scaling", "side"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_the_power_of_a_growth(power):
    import scaling

    sizes = [1000, 10_000, 100_000]
    costs = [3 * size ** power for size in sizes]
    assert scaling.exponent(sizes, costs) == pytest.approx(power, abs=1e-9)


@pytest.mark.parametrize("a, b", [(2.0, 0.5), (0.0, 3.0), (4.0, 0.0)])
def test_the_line_of_a_growth(a, b):
    import scaling

    sizes = np.array([8, 16, 32, 128])
    found = scaling.line(sizes, a + b * sizes)
    assert found == pytest.approx((a, b), abs=1e-9)


def test_no_line_begins_or_falls_below_zero():
    import scaling

    sizes = np.array([1, 2, 4])
    assert scaling.line(sizes, sizes ** 2)[0] == 0
    assert scaling.line(sizes, 1 / sizes)[1] == 0


def test_sums_around_a_ring():
    """Each of four devices sends 6 of 4 parts of 100 bytes at 50 bytes/s."""
    import scaling

    ring = scaling.Devices("ring", 4, link=50.0, latency=0.1)
    assert ring.all_reduce(400) == pytest.approx(6 * 100 / 50 + 6 * 0.1)
    assert ring.all_reduce(400, calls=2) == pytest.approx(12 + 1.2)
    alone = scaling.Devices("alone", 1, link=50.0, latency=0.1)
    assert alone.all_reduce(400) == 0


def test_what_a_device_is_less_good_at_bounds_it():
    import scaling

    fast = scaling.Devices("fast", 1, 1.0, 0.0, flops=1000.0, copies=60.0)
    assert fast.faster(10.0, 20.0) == 3
    assert scaling.Devices("same", 8, 1.0, 0.0).faster(10.0, 20.0) == 1


def test_the_peak_of_memory_stays_when_it_is_given_back():
    import side

    if not Path("/proc/self/status").exists():
        pytest.skip("no /proc")
    held = np.ones(25_000_000)  # 200 MB
    now = side.memory("VmRSS")
    del held
    # The kernel counts in steps, each processor its own.
    assert side.memory("VmHWM") > now - 50 > 150
    assert side.memory("VmRSS") < now - 150
