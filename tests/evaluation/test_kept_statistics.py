"""The cache of the statistics of real pictures."""

import os

import numpy as np
import pytest

from keras_gen.data import cache
from keras_gen.errors import InputError
from keras_gen.evaluation import kept_statistics
from keras_gen.evaluation.kept_statistics import picture_statistics


def assert_close(found, x):
    assert found.count == len(x)
    np.testing.assert_allclose(found.mean, x.mean(0), rtol=1e-12)
    wanted = np.cov(x, rowvar=False)
    np.testing.assert_allclose(
        found.covariance, wanted, atol=1e-12 * np.abs(wanted).max()
    )


class Network:
    """A feature network that counts the pictures it sees."""

    def __init__(self, name="sums", identity="a1", resize="none"):
        self.name, self.identity, self.resize = name, identity, resize
        self.seen = 0

    def __call__(self, pictures):
        self.seen += len(pictures)
        self.features = pictures.sum((1, 2)).astype("float32")
        return self


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_GEN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def pictures(n=50, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 4, 5, 3)).astype("uint8")


def assert_equal(a, b):
    assert a.count == b.count
    np.testing.assert_array_equal(a.mean, b.mean)
    np.testing.assert_array_equal(a.covariance, b.covariance)


def test_statistics_are_computed_once(home, monkeypatch):
    monkeypatch.setattr(kept_statistics, "_CHUNK", 16)
    monkeypatch.setattr(kept_statistics, "_PICTURES", 24)
    network, x = Network(), pictures()
    found = picture_statistics(network, x)
    assert network.seen == 50
    assert_close(found, x.sum((1, 2)).astype("float64"))
    again = picture_statistics(network, x.copy())
    assert network.seen == 50
    assert_equal(found, again)
    assert [p.suffix for p in home.iterdir()] == [cache.STATISTICS]
    # What is read can go on.
    assert_close(
        again.update(np.ones((1, 3))),
        np.concatenate([x.sum((1, 2)), np.ones((1, 3))]),
    )


def test_whatever_changes_the_features_is_in_the_key(home):
    x = pictures()
    other = x.copy()
    other[-1, -1, -1, -1] ^= 1
    cases = [
        (Network(), x), (Network(), other), (Network(), x[::-1]),
        (Network(), x.reshape(50, 5, 4, 3)), (Network(), x[:49]),
        (Network(name="others"), x), (Network(identity="a2"), x),
        (Network(resize="antialiased"), x),
    ]
    for number, (network, images) in enumerate(cases, 1):
        picture_statistics(network, images)
        assert network.seen == len(images)
        assert len(list(home.iterdir())) == number


@pytest.mark.parametrize("damage", ["cut", "flipped", "other", "empty"])
def test_a_damaged_file_is_computed_again(damage, home):
    x = pictures()
    found = picture_statistics(Network(), x)
    (path,) = home.iterdir()
    content = bytearray(path.read_bytes())
    if damage == "cut":
        content = content[:len(content) // 2]
    elif damage == "flipped":
        content[-300] ^= 255
    elif damage == "empty":
        content = b""
    path.write_bytes(content)
    if damage == "other":
        with open(path, "wb") as file:
            np.savez(file, count=50, mean=np.zeros(3))
    network = Network()
    assert_equal(picture_statistics(network, x), found)
    assert network.seen == 50
    assert_equal(picture_statistics(network, x), found)
    assert network.seen == 50


def test_without_a_place_for_the_cache_it_still_measures(home):
    home.write_text("a file where the folder should be")
    network = Network()
    for calls in (1, 2):
        assert picture_statistics(network, pictures()).count == 50
        assert network.seen == 50 * calls


def test_the_oldest_statistics_make_room(home, monkeypatch):
    x = pictures()
    picture_statistics(Network(), x)
    (old,) = home.iterdir()
    os.utime(old, (1, 1))
    (home / "mine.npz").write_bytes(b"not ours")
    usage = cache.shutil.disk_usage(home)

    def full(folder):
        return usage._replace(free=0 if old.exists() else 10 ** 6)

    monkeypatch.setattr(cache.shutil, "disk_usage", full)
    network = Network(identity="a2")
    picture_statistics(network, x)
    picture_statistics(network, x)
    assert network.seen == 50
    assert not old.exists() and (home / "mine.npz").exists()


def test_only_pictures_are_measured(home):
    with pytest.raises(InputError, match="from 0 to 255, .* got float32"):
        picture_statistics(Network(), 16 * pictures().astype("float32"))
