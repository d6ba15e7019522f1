"""What is known of each metric, shown on the built-in shapes.

Features are random projections of the pixels through a rectifier, and the
classifier is `shapes.classify`, which is right by construction.
"""

import functools

import numpy as np
import pytest

from keras_gen.data.sources import shapes
from keras_gen.metrics.balls import density_coverage, precision_recall
from keras_gen.metrics.frechet import frechet_distance
from keras_gen.metrics.inception_score import inception_score
from keras_gen.metrics.kernel import kernel_distance
from keras_gen.metrics.memorisation import memorisation
from keras_gen.metrics.modes import class_coverage

N, SIZE, CLASSES = 996, 24, len(shapes.CLASSES)


def features(pictures):
    rng = np.random.default_rng(0)
    projection = rng.normal(size=(SIZE * SIZE, 32)) / SIZE / 32
    return np.maximum(pictures.reshape(len(pictures), -1) @ projection, 0)


@functools.cache
def real(split):
    """Pictures and labels; those of "test" play a perfect model."""
    columns = shapes.columns("labelled", split, SIZE, 1)
    return columns["image"][np.arange(N)], columns["label"][:N]


def measured(pictures):
    """Every metric of pictures against the training set."""
    a, b = features(real("train")[0]), features(pictures)
    classes = shapes.classify(pictures)
    precision, recall = precision_recall(a, b)
    density, coverage = density_coverage(a, b)
    return {
        "frechet": frechet_distance(a, b),
        "kernel": kernel_distance(a, b, subsets=20).value,
        "precision": precision, "recall": recall,
        "density": density, "coverage": coverage,
        "inception": inception_score(np.eye(CLASSES)[classes]).value,
        "classes": class_coverage(classes, CLASSES).found,
    }


@pytest.fixture(scope="module")
def perfect():
    return measured(real("test")[0])


def test_a_perfect_model(perfect):
    assert perfect["precision"] > 0.9 and perfect["recall"] > 0.9
    assert perfect["density"] == pytest.approx(1, abs=0.1)
    assert perfect["coverage"] == pytest.approx(1 - 2 ** -5, abs=0.03)
    assert perfect["inception"] > 0.95 * CLASSES
    assert perfect["classes"] == CLASSES


def test_a_dropped_class_costs_recall_and_coverage(perfect):
    pictures, labels = real("test")
    kept = np.flatnonzero(labels != 2)
    found = measured(pictures[np.resize(kept, N)])
    assert found["recall"] < perfect["recall"] - 0.08
    assert found["coverage"] < perfect["coverage"] - 0.08
    assert found["precision"] == pytest.approx(perfect["precision"], abs=0.02)
    assert found["frechet"] > 1.4 * perfect["frechet"]
    assert found["kernel"] > 3 * abs(perfect["kernel"])
    assert found["classes"] == CLASSES - 1
    assert found["inception"] == pytest.approx(CLASSES - 1, rel=0.05)


def test_noise_costs_precision(perfect):
    """And coverage; but recall rises, because the fakes' balls grow."""
    pictures, _ = real("test")
    before = perfect
    for sigma in (20, 40):
        noise = np.random.default_rng(0).normal(0, sigma, pictures.shape)
        noisy = np.clip(pictures + noise, 0, 255).astype("uint8")
        found = measured(noisy)
        assert found["precision"] < before["precision"] - 0.15
        assert found["density"] < before["density"] - 0.3
        assert found["coverage"] < before["coverage"] - 0.08
        assert found["recall"] > before["recall"]
        assert found["frechet"] > 1.4 * before["frechet"]
        assert found["kernel"] > before["kernel"] + 0.04
        before = found


def test_duplicates_cost_recall_and_coverage(perfect):
    """A model that knows only 50 pictures."""
    found = measured(np.repeat(real("test")[0][:50], N // 50, axis=0))
    assert found["precision"] == pytest.approx(perfect["precision"], abs=0.1)
    assert found["density"] == pytest.approx(perfect["density"], abs=0.25)
    assert found["recall"] < 0.1
    assert found["coverage"] < 0.4
    assert found["frechet"] > 3 * perfect["frechet"]
    assert found["kernel"] > 3 * abs(perfect["kernel"])


def test_the_inception_score_is_blind_to_one_picture_a_class(perfect):
    """Nothing else is. Training pictures, so that it is memorised, too."""
    pictures, labels = real("train")
    one = [np.flatnonzero(labels == kind)[3] for kind in range(CLASSES)]
    made = pictures[np.resize(one, N)]
    found = measured(made)
    assert found["inception"] > 0.99 * perfect["inception"]
    assert found["classes"] == CLASSES
    assert found["precision"] == 1
    assert found["recall"] < 0.05 and found["coverage"] < 0.1
    assert found["frechet"] > 10 * perfect["frechet"]
    assert found["kernel"] > 10 * abs(perfect["kernel"])
    assert memorisation(made, pictures, real("test")[0]).alarm


def test_the_training_set_itself_is_only_seen_by_the_alarm(perfect):
    """Copies have the best of every score."""
    pictures, _ = real("train")
    found = measured(pictures)
    assert found["frechet"] < 1e-6 < perfect["frechet"]
    assert found["precision"] == found["recall"] == found["coverage"] == 1
    held_out = real("test")[0]
    assert memorisation(pictures, pictures, held_out[:500]).alarm
    assert not memorisation(held_out[500:], pictures, held_out[:500]).alarm
