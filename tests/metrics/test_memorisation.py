"""Copies of training pictures raise the alarm, other pictures do not."""

import warnings

import numpy as np
import pytest

from keras_gen.data.sources import shapes
from keras_gen.errors import InputError, MeasurementWarning
from keras_gen.metrics.memorisation import memorisation, nearest


def pictures(split, rows):
    columns = shapes.columns("labelled", split, 16, 1)
    return columns["image"][np.arange(rows)], columns["label"][:rows]


@pytest.fixture(scope="module")
def sets():
    """Training, held-out and more pictures that nobody trained on, and the
    classes of the last."""
    training, _ = pictures("train", 2000)
    test, labels = pictures("test", 1200)
    return training, test[:600], test[600:], labels[600:]


def blurred(x):
    x = x.astype("float32")
    for axis in (1, 2):
        x = (x + np.roll(x, 1, axis) + np.roll(x, -1, axis)) / 3
    return x.astype("uint8")


def noisy(x):
    noise = np.random.default_rng(0).normal(0, 4, x.shape)
    return np.clip(x + noise, 0, 255).astype("uint8")


@pytest.mark.parametrize("copy", [
    np.copy, noisy, lambda x: x[:, :, ::-1], lambda x: noisy(x)[:, :, ::-1],
], ids=["copies", "noisy", "mirrored", "noisy and mirrored"])
def test_copies_raise_the_alarm(copy, sets):
    training, held_out, new, _ = sets
    found = memorisation(copy(training[:300]), training, held_out)
    assert found.alarm and found.share > 0.9
    assert found.share_p < 1e-30 and found.rank_p < 1e-30
    # A few among many new ones are found by name.
    some = np.concatenate([new[:570], copy(training[:30])])
    found = memorisation(some, training, held_out)
    assert found.alarm and 0.04 < found.share < 0.08
    assert set(found.suspects[:25]) <= set(range(570, 600))


def test_new_pictures_do_not(sets):
    training, held_out, new, labels = sets
    found = memorisation(new, training, held_out)
    assert not found.alarm and found.share < 0.03
    # Nor do bad ones: of one class only, blurred, or one picture.
    for kind in range(6):
        found = memorisation(new[labels == kind], training, held_out)
        assert not found.alarm, (kind, found)
    assert not memorisation(blurred(new), training, held_out).alarm
    assert not memorisation(new[[5] * 200], training, held_out).alarm


def test_features_do_as_pictures_do(sets):
    training, held_out, new, _ = sets
    projection = np.random.default_rng(0).normal(size=(256, 40))

    def features(x):
        return x.reshape(len(x), -1) @ projection

    known = features(training), features(held_out)
    assert not memorisation(features(new), *known).alarm
    assert memorisation(features(training[:200]), *known).alarm


def test_samples_without_the_noise_of_the_data_are_no_copies():
    """They are nearer to every training sample than held-out samples are,
    as blurred pictures are to photographs."""
    rng = np.random.default_rng(0)

    def signal(n):
        return rng.normal(size=(n, 4)) @ mix

    def sample(n):
        return signal(n) + 0.5 * rng.normal(size=(n, 60))

    mix = rng.normal(size=(4, 60)) / 4
    training, held_out, smooth = sample(1000), sample(500), signal(500)
    near = nearest(smooth, training).distances
    assert np.median(near) < 0.8 * np.median(
        nearest(held_out, training).distances
    )
    assert not memorisation(smooth, training, held_out).alarm


def test_identical_training_pictures():
    """Nothing to divide by, and still a copy."""
    training = np.zeros((60, 4, 4, 1), "uint8")
    other = np.random.default_rng(0).integers(0, 256, (300, 4, 4, 1))
    other = other.astype("uint8")
    assert memorisation(training[:50], training, other).share == 1
    assert memorisation(other[:100], training, other[100:]).share < 0.1


def test_nearest_pictures_in_grey_levels():
    rng = np.random.default_rng(1)
    training = rng.integers(20, 200, (30, 4, 5, 3)).astype("uint8")
    samples = training[[7, 3]].copy()
    samples[0] += 5
    samples[1, 0, 0, 0] += 12
    found = nearest(samples, training, k=2)
    assert found.indices[:, 0].tolist() == [7, 3]
    np.testing.assert_allclose(
        found.distances[:, 0], [5, 12 / np.sqrt(60)], rtol=1e-9
    )
    second = training[found.indices[0, 1]].astype(float) - samples[0]
    assert found.distances[0, 1] == pytest.approx(np.sqrt((second**2).mean()))


def test_nearest_features_in_euclidean_distance():
    found = nearest(np.array([[3.0, 4.0]]), np.zeros((2, 2)))
    assert found.distances.tolist() == [[5.0]]


def test_few_held_out_pictures_are_told(sets):
    training, held_out, new, _ = sets
    with pytest.warns(MeasurementWarning, match="take 200 or more"):
        memorisation(new[:50], training[:200], held_out[:199])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        memorisation(new[:50], training[:200], held_out[:200])


def test_bad_input(sets):
    training, held_out, new, _ = sets
    with pytest.raises(InputError, match=r"the training set \(8, 32, 1\)"):
        nearest(new, training.reshape(-1, 8, 32, 1))
    with pytest.raises(InputError, match="the held-out set"):
        memorisation(new, training, held_out[:, :8])
    with pytest.raises(InputError, match="there are 2000"):
        nearest(new, training, k=2001)
    with pytest.raises(InputError, match="samples: expected numbers from 0"):
        nearest(new * 16.0, training)
