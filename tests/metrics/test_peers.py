"""Agreement with torchmetrics on the same features.

Runs where they are installed: pip install -e '.[compared-test]'.
"""

import numpy as np
import pytest

from check import installed
from keras_gen.metrics.frechet import frechet_distance
from keras_gen.metrics.inception_score import inception_score
from keras_gen.metrics.kernel import kernel_distance

pytestmark = pytest.mark.skipif(
    not installed("torchmetrics"), reason="torchmetrics is not installed"
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


def test_frechet_distance_of_torchmetrics():
    from torchmetrics.image.fid import FrechetInceptionDistance

    a, b = sets()
    metric = FrechetInceptionDistance(feature=identity(48))
    assert frechet_distance(a, b) == close(fed(metric, a, b))


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
