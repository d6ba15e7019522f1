"""Backends, replicas and processes must not change what is learnt."""

import json

import keras
import numpy as np
import pytest

from check import (
    BACKEND,
    OTHER,
    asked,
    finish,
    needs,
    needs_other,
    start,
    tf_configs,
)
from keras_gen.backend import noise
from objectives import tiny, worker
from objectives.forms import mostly_slow

SLOW, TENSORFLOW = pytest.mark.slow, needs("tensorflow")
# Where else it is trained: on the other backend, by two replicas of one
# process, and by two processes.
OTHERS = {
    "backend": pytest.param("backend", marks=needs_other),
    "mirrored": pytest.param("mirrored", marks=TENSORFLOW),
    "multiworker": pytest.param("multiworker", marks=[TENSORFLOW, SLOW]),
}
# What replicas must share differs most between these.
WORKERS = tiny.names(lambda case: case.workers)


class Runs:
    """The same training here and in other processes, side by side.

    Args:
        folder: for the files.
        asked: {place of `OTHERS`: the models trained there}.
    """

    def __init__(self, folder, asked):
        self.folder, self.asked, self.here = folder, asked, {}
        self.processes, models = {}, {}
        for name in sorted(set().union(*asked.values())):
            # Each from a seed of its own start: with other weights a kinked
            # loss may part by a rounding error.
            keras.utils.set_random_seed(1)
            models[name] = worker.begin(name)
            models[name].save_weights(folder / f"{name}.weights.h5")
        for where in asked:
            self.processes[where] = self._start(where)
        one = worker.PLANS["one"].start(tiny.ROWS)
        for name, model in models.items():
            self.here[name] = worker.train(model, name, one)

    def _start(self, where):
        def begin(where, **options):
            return start(
                "objectives/worker.py", self.folder, where, *names, **options
            )

        names = sorted(self.asked[where])
        if where == "backend":
            return [begin("one", backend=OTHER)]
        if where == "mirrored":
            return [begin(where)]
        return [begin(where, TF_CONFIG=config) for config in tf_configs()]

    def wait(self, where):
        # Those that have ended well do not fail again.
        running = [p for p in self.processes[where] if not p.stdout.closed]
        if running:
            finish(*running)
        assert not any(p.returncode for p in self.processes[where])

    def there(self, name, where, number=0):
        self.wait(where)
        made = f"{OTHER}-one" if where == "backend" else f"{BACKEND}-{where}"
        return dict(np.load(self.folder / f"{name}-{made}-{number}.npz"))


@pytest.fixture(scope="module")
def runs(request, tmp_path_factory):
    places = {}
    for where, name in asked(request, "where", "name"):
        places.setdefault(where, set()).update([name] if name else [])
    runs = Runs(tmp_path_factory.mktemp("runs"), places)
    yield runs
    for process in sum(runs.processes.values(), []):
        process.kill()


def assert_agree(here, there):
    """All values and logs to 1e-4, pictures, a pool's too, to one grey
    level: where a map is nearly flat, instance normalization enlarges what
    the backends round differently."""
    assert set(here) == set(there)
    for key, value in here.items():
        tolerance = {"atol": 1e-4, "rtol": 1e-4}
        if value.dtype == np.uint8:
            value, tolerance = np.int32(value), {"atol": 1}
        elif key.endswith("gradient_norm"):
            # The slope of |x| jumps where rounding changes the sign of x.
            tolerance = {"rtol": 3e-2}
        elif value.shape[1:] == (tiny.SIZE, tiny.SIZE, 3):
            tolerance = {"atol": 1 / 127.5}
        np.testing.assert_allclose(
            value, there[key], err_msg=key, **tolerance
        )
    # Otherwise the tolerance would hide that nothing happened.
    assert here["moved"] > 1e-3


@pytest.mark.parametrize("where", [OTHERS["backend"]])
@mostly_slow(["gan_ema", "vae", "pix2pix"])
def test_the_backends_agree(runs, where, name):
    assert_agree(runs.here[name], runs.there(name, where))


@pytest.mark.parametrize("where", [OTHERS["mirrored"]])
@pytest.mark.parametrize("name", [
    name if name in WORKERS[:1] else pytest.param(name, marks=SLOW)
    for name in tiny.names(lambda case: not case.alone)
])
def test_two_replicas_agree_with_one_device(runs, where, name):
    assert_agree(runs.here[name], runs.there(name, where))


@pytest.mark.parametrize("where", [OTHERS["multiworker"]])
@pytest.mark.parametrize("name", WORKERS)
def test_two_workers_agree_with_one_and_hold_the_same_values(
    runs, where, name
):
    chief, other = [runs.there(name, where, i) for i in range(2)]
    assert_agree(runs.here[name], chief)
    for key, value in other.items():
        np.testing.assert_array_equal(value, chief[key], key)


@pytest.mark.parametrize("where", [OTHERS["multiworker"]])
def test_workers_stop_together(runs, where):
    """What one worker alone says, the chief knows."""
    runs.wait(where)
    said = json.loads((runs.folder / f"said-{where}.json").read_text())
    assert said["agreed"] == [False, True]


REPLICAS = pytest.mark.parametrize(
    "where", [OTHERS["mirrored"], OTHERS["multiworker"]]
)


@pytest.fixture
def probe(runs, where):
    """The probe's arrays, a row for each replica."""
    runs.wait(where)
    files = sorted(runs.folder.glob(f"probe-{where}-*.npz"))
    parts = [np.load(file) for file in files]
    return {
        key: parts[0][key] if key.startswith("pool")
        else np.concatenate([part[key] for part in parts])
        for key in parts[0].files
    }


@REPLICAS
def test_replicas_draw_noise_of_their_own(probe):
    for call in range(4):
        a, b = probe[f"normal {call}"]
        assert not (a == b).any()
        whole = noise.Stream(noise.fold(0, call)).normal(8, (3,))
        np.testing.assert_allclose(np.concatenate([a, b]), whole, atol=1e-6)
        masks = probe[f"dropout {call}"]
        assert 0.3 < (masks[0] == masks[1]).mean() < 0.7
        a, b = probe[f"shared {call}"]
        np.testing.assert_array_equal(a, b)
    assert not (probe["normal 0"] == probe["normal 1"]).any()


@REPLICAS
def test_replicas_share_a_pool(probe):
    """Nothing is lost or doubled between the replicas and the pool."""
    before = []
    for call in range(4):
        fakes = [10 * call + i for i in range(4)]
        shown = probe[f"shown {call}"].ravel().tolist()
        after = probe[f"pool {call}"].ravel().tolist()
        assert sorted(shown + after) == sorted(
            2 * fakes if call == 0 else fakes + before
        )
        before = after


@REPLICAS
def test_compile_refuses_what_keras_cannot_do_with_replicas(runs, where):
    runs.wait(where)
    refusals = json.loads((runs.folder / f"said-{where}.json").read_text())
    del refusals["agreed"]
    assert refusals.pop("nothing") is None
    for option, said in refusals.items():
        assert said is not None, option
        assert said.startswith("InputError: ")
        assert option.split()[-1] in said
