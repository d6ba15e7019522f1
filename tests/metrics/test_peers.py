"""Agreement with torchmetrics and torch-fidelity on the same features.

Runs where they are installed: pip install -e '.[metrics-test]'.
"""

import numpy as np
import pytest

from check import installed
from keras_gen.metrics.frechet import frechet_distance
from keras_gen.metrics.inception_score import inception_score
from keras_gen.metrics.kernel import kernel_distance
from keras_gen.metrics.neighbours import precision_recall

torchmetrics_there = pytest.mark.skipif(
    not installed("torchmetrics"), reason="torchmetrics is not installed"
)
fidelity_there = pytest.mark.skipif(
    not installed("torch_fidelity"), reason="torch-fidelity is not installed"
)


def sets(n=300, dim=48):
    """Features as those of a network: not negative, correlated."""
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(dim, dim)) / np.sqrt(dim)
    a, b = rng.normal(size=(2, n, dim))
    return np.maximum(a @ mix, 0), np.maximum(0.9 * b @ mix + 0.1, 0)


def tensors(*arrays):
    import torch

    return [torch.from_numpy(a) for a in arrays]


def softmax(n=500, classes=10):
    return np.random.default_rng(1).dirichlet(np.full(classes, 0.3), n)


def close(value):
    return pytest.approx(float(value), rel=1e-4)


def identity(dim):
    """A torch module that passes features off as those of pictures."""
    import torch

    module = torch.nn.Identity()
    module.num_features = dim
    return module


def fed(metric, a, b):
    """A torchmetrics metric with real features a and fake ones b."""
    for values, real in ((a, True), (b, False)):
        for part in tensors(*np.array_split(values, 7)):
            metric.update(part, real=real)
    return metric.compute()


@torchmetrics_there
def test_frechet_distance_of_torchmetrics():
    from torchmetrics.image.fid import FrechetInceptionDistance

    a, b = sets()
    metric = FrechetInceptionDistance(feature=identity(48))
    assert frechet_distance(a, b) == close(fed(metric, a, b))


@torchmetrics_there
def test_kernel_distance_of_torchmetrics():
    from torchmetrics.image.kid import KernelInceptionDistance, poly_mmd

    a, b = sets()
    whole = kernel_distance(a, b, subsets=1, subset_size=300)
    assert whole.value == close(poly_mmd(*tensors(a, b)))
    # Over random subsets of either's own choice, within chance.
    metric = KernelInceptionDistance(
        feature=identity(48), subsets=200, subset_size=100
    )
    mean, spread = (float(x) for x in fed(metric, a, b))
    found = kernel_distance(a, b, subsets=200, subset_size=100)
    error = 4 * spread * np.sqrt(2 / 200)
    assert found.value == pytest.approx(mean, abs=error)
    assert found.spread == pytest.approx(spread, rel=0.3)


@torchmetrics_there
@pytest.mark.parametrize("splits", [1, 10])
def test_inception_score_of_torchmetrics(splits):
    import torch
    from torchmetrics.image.inception import InceptionScore

    metric = InceptionScore(feature=identity(10), splits=splits)
    # It takes the logits of pictures; its parts are in an order of its own.
    p = softmax()
    metric.update(torch.from_numpy(np.log(p)))
    torch.manual_seed(3)
    order = torch.randperm(500).numpy()
    torch.manual_seed(3)
    mean, _ = metric.compute()
    inverse = np.argsort(np.random.default_rng(0).permutation(500))
    assert inception_score(p[order][inverse], splits).value == close(mean)


@fidelity_there
def test_frechet_distance_of_torch_fidelity():
    from torch_fidelity import metric_fid

    a, b = sets()
    statistics = [metric_fid.fid_features_to_statistics(x)
                  for x in tensors(a, b)]
    found = metric_fid.fid_statistics_to_metric(*statistics, False)
    assert frechet_distance(a, b) == close(
        found["frechet_inception_distance"]
    )


@fidelity_there
def test_kernel_distance_of_torch_fidelity():
    from torch_fidelity import metric_kid

    a, b = sets()
    found = metric_kid.kid_features_to_metric(
        *tensors(a, b), kid_subsets=1, kid_subset_size=300, verbose=False
    )
    whole = kernel_distance(a, b, subsets=1, subset_size=300)
    assert whole.value == close(found["kernel_inception_distance_mean"])


@fidelity_there
def test_inception_score_of_torch_fidelity():
    from torch_fidelity import metric_isc

    p = softmax()
    order = np.random.default_rng(0).permutation(500)
    found = metric_isc.isc_features_to_metric(
        tensors(np.log(p[order]))[0], splits=10, shuffle=False
    )
    value, spread = inception_score(p)
    assert value == close(found["inception_score_mean"])
    assert spread == close(found["inception_score_std"])


@fidelity_there
@pytest.mark.parametrize("k", [3, 5])
def test_precision_and_recall_of_torch_fidelity(k):
    from torch_fidelity import metric_prc

    real, fake = sets()
    found = metric_prc.prc_features_to_metric(
        *tensors(fake, real), prc_neighborhood=k, verbose=False
    )
    precision, recall = precision_recall(real, fake, k)
    assert 0 < precision < 1 and 0 < recall < 1
    assert precision == close(found["precision"])
    assert recall == close(found["recall"])
