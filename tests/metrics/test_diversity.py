"""Distances between pictures of different latents."""

import numpy as np
import pytest

from keras_gen.errors import InputError
from keras_gen.metrics import distances
from keras_gen.metrics.diversity import diversity, pairwise_distance


def pictures(n, seed=0, shape=(5, 4, 3)):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, *shape)).astype("uint8")


def brute_force(images, groups):
    found = [
        np.sqrt(np.mean((images[i].astype(float) - images[j]) ** 2))
        for i in range(len(images)) for j in range(i)
        if groups[i] == groups[j]
    ]
    return np.mean(found)


@pytest.mark.parametrize("rows", [2048, 3])
def test_pairwise_distance(rows, monkeypatch):
    monkeypatch.setattr(distances, "_TILE", 0)
    monkeypatch.setattr(distances, "_ROWS", rows)
    images, groups = pictures(40), np.arange(40) ** 2 % 5
    assert pairwise_distance(images) == pytest.approx(
        brute_force(images, [0] * 40)
    )
    assert pairwise_distance(images, groups) == pytest.approx(
        brute_force(images, groups)
    )
    same = np.repeat(images[:1], 5, axis=0)
    assert pairwise_distance(same) == pytest.approx(0, abs=1e-5)
    black_and_white = np.stack([same[0] * 0, same[0] * 0 + 255])
    assert pairwise_distance(black_and_white) == pytest.approx(255)
    assert pairwise_distance(images, np.arange(40)) == 0.0


def test_latents_that_do_nothing_and_latents_that_do_all():
    real, groups = pictures(12), np.arange(12) % 3
    found = diversity(pictures(12, 1), groups, real=real, real_groups=groups)
    assert found.value == pairwise_distance(pictures(12, 1), groups)
    assert found.reference == pairwise_distance(real, groups)
    assert found.ratio == found.value / found.reference
    # One picture for each condition, whatever the latent.
    deaf = pictures(3, 1)[groups]
    assert diversity(deaf).value > 50
    found = diversity(deaf, groups, real=real, real_groups=groups)
    assert found.ratio == pytest.approx(0, abs=1e-6)


def test_without_real_pictures():
    found = diversity(np.array([[0.0, 0.0], [3.0, 4.0]]))
    assert found == (pytest.approx(5 / np.sqrt(2)), None, None)
    same = np.ones((2, 2))
    assert diversity(same, real=same) == (0, 0, None)


def test_bad_input():
    x = pictures(4)
    with pytest.raises(InputError, match="no two samples share"):
        diversity(x, np.arange(4))
    with pytest.raises(InputError, match="no two real pictures share"):
        diversity(x, real=x, real_groups=np.arange(4))
    with pytest.raises(InputError, match="for each of the 4 samples"):
        diversity(x, np.zeros(3, int))
    with pytest.raises(InputError, match="samples: expected numbers from 0"):
        diversity(x * 16.0)
