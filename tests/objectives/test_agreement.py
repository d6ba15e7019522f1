"""Backends, replicas and processes must not change what is learnt."""

import json

import keras
import numpy as np
import pytest

from check import (
    BACKEND,
    OTHER,
    finish,
    installed,
    needs,
    needs_other,
    start,
    tf_configs,
)
from keras_gen.backend import noise
from objectives import tiny, worker

ALL = pytest.mark.parametrize("name", tiny.NAMES)


class Runs:
    """The same training here and in other processes, side by side."""

    def __init__(self, folder):
        self.folder, self.here = folder, {}
        models = {}
        for name in tiny.NAMES:
            # Each from a seed of its own start: with other weights a kinked
            # loss may part by a rounding error.
            keras.utils.set_random_seed(1)
            models[name] = worker.begin(name)
            models[name].save_weights(folder / f"{name}.weights.h5")
        self.processes = dict(self._begin())
        one = worker.PLANS["one"].start(tiny.ROWS)
        for name, model in models.items():
            self.here[name] = worker.train(model, name, one)

    def _begin(self):
        def begin(where, **options):
            return start(
                "objectives/worker.py", self.folder, where, *tiny.NAMES,
                **options,
            )

        if installed(OTHER):
            yield (OTHER, "one"), [begin("one", backend=OTHER)]
        if BACKEND == "tensorflow":
            yield (BACKEND, "mirrored"), [begin("mirrored")]
            yield (BACKEND, "multiworker"), [
                begin("multiworker", TF_CONFIG=config)
                for config in tf_configs()
            ]

    def wait(self, backend, where):
        for process in self.processes[backend, where]:
            finish(process)

    def there(self, name, backend, where, number=0):
        self.wait(backend, where)
        file = f"{name}-{backend}-{where}-{number}.npz"
        return dict(np.load(self.folder / file))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    runs = Runs(tmp_path_factory.mktemp("runs"))
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
        if key == "pictures":
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


@needs_other
@ALL
def test_the_backends_agree(runs, name):
    assert_agree(runs.here[name], runs.there(name, OTHER, "one"))


@needs("tensorflow")
@ALL
@pytest.mark.parametrize("where", ["mirrored", "multiworker"])
def test_two_replicas_agree_with_one_device(runs, where, name):
    assert_agree(runs.here[name], runs.there(name, BACKEND, where))


@needs("tensorflow")
@ALL
def test_two_workers_hold_the_same_values(runs, name):
    chief, other = [
        runs.there(name, BACKEND, "multiworker", i) for i in range(2)
    ]
    for key, value in other.items():
        np.testing.assert_array_equal(value, chief[key], key)


@needs("tensorflow")
def test_workers_stop_together(runs):
    """What one worker alone says, the chief knows."""
    runs.wait(BACKEND, "multiworker")
    said = json.loads((runs.folder / "said-multiworker.json").read_text())
    assert said["agreed"] == [False, True]


@pytest.fixture(params=["mirrored", "multiworker"])
def probe(runs, request):
    """The probe's arrays, a row for each replica."""
    runs.wait(BACKEND, request.param)
    files = sorted(runs.folder.glob(f"probe-{request.param}-*.npz"))
    parts = [np.load(file) for file in files]
    return {
        key: parts[0][key] if key.startswith("pool")
        else np.concatenate([part[key] for part in parts])
        for key in parts[0].files
    }


@needs("tensorflow")
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


@needs("tensorflow")
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


@needs("tensorflow")
@pytest.mark.parametrize("where", ["mirrored", "multiworker"])
def test_compile_refuses_what_keras_cannot_do_with_replicas(runs, where):
    runs.wait(BACKEND, where)
    refusals = json.loads((runs.folder / f"said-{where}.json").read_text())
    del refusals["agreed"]
    assert refusals.pop("nothing") is None
    for option, said in refusals.items():
        assert said is not None, option
        assert said.startswith("InputError: ")
        assert option.split()[-1] in said
