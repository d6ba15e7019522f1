"""Backends, replicas and processes must not change what is learnt."""

import json

import keras
import numpy as np
import pytest

from check import BACKEND, OTHER, finish, installed, needs, needs_other, start
from keras_gen import noise
from objectives import tiny, worker

ALL = pytest.mark.parametrize("name", tiny.NAMES)


class Runs:
    """The same training here and in other processes, side by side."""

    def __init__(self, folder):
        self.folder, self.here, self.start = folder, {}, {}
        models = {}
        for name in tiny.NAMES:
            # Each from a seed of its own start: with other weights a kinked
            # loss may part by a rounding error.
            keras.utils.set_random_seed(1)
            models[name] = worker.begin(name)
            models[name].save_weights(folder / f"{name}.weights.h5")
            self.start[name] = worker.values(models[name])
        self.processes = dict(self._begin())
        for name, model in models.items():
            self.here[name] = worker.train(model, name)

    def _begin(self):
        script, names = "objectives/worker.py", tiny.NAMES
        if installed(OTHER):
            yield (OTHER, 1), start(
                script, self.folder, 1, *names, backend=OTHER
            )
        if BACKEND == "tensorflow":
            yield (BACKEND, 2), start(script, self.folder, 2, *names)

    def wait(self, backend, replicas):
        finish(self.processes[backend, replicas])

    def there(self, name, backend, replicas):
        self.wait(backend, replicas)
        return dict(np.load(self.folder / f"{name}-{backend}-{replicas}.npz"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    runs = Runs(tmp_path_factory.mktemp("runs"))
    yield runs
    for process in runs.processes.values():
        process.kill()


def assert_agree(here, there, start):
    """All values and logs to 1e-5, pictures to one grey level."""
    assert set(here) == set(there)
    moved = 0
    for key, value in here.items():
        tolerance = {"atol": 1e-5, "rtol": 1e-5}
        if key == "pictures":
            value, tolerance = np.int32(value), {"atol": 1}
        if key.endswith("gradient_norm"):
            # The slope of |x| jumps where rounding changes the sign of x.
            tolerance = {"rtol": 1e-3}
        np.testing.assert_allclose(
            value, there[key], err_msg=key, **tolerance
        )
    for i, value in enumerate(start):
        if value.dtype == np.float32:
            moved = max(moved, np.abs(value - here[f"value {i:03}"]).max())
    # Otherwise the tolerance would hide that nothing happened.
    assert moved > 1e-3


@needs_other
@ALL
def test_the_backends_agree(runs, name):
    assert_agree(
        runs.here[name], runs.there(name, OTHER, 1), runs.start[name]
    )


@needs("tensorflow")
@ALL
def test_two_replicas_agree_with_one(runs, name):
    assert_agree(
        runs.here[name], runs.there(name, BACKEND, 2), runs.start[name]
    )


@pytest.fixture(scope="module")
def probe(runs):
    runs.wait(BACKEND, 2)
    return np.load(runs.folder / "probe.npz")


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
def test_compile_refuses_what_keras_cannot_do_with_replicas(runs):
    runs.wait(BACKEND, 2)
    refusals = json.loads((runs.folder / "refusals.json").read_text())
    assert refusals.pop("nothing") is None
    for option, said in refusals.items():
        assert said is not None, option
        assert said.startswith("InputError: ")
        assert option.split()[-1] in said
