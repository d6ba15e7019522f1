"""A kernel density estimate in many dimensions is lost.

Centres are drawn of N(0, I) in d dimensions, each becomes a small Gaussian,
whose width is the best one on other points, and the mean log density of new
points is compared with the true one: nats by which the estimate is too low. In
one dimension that is nothing. In 64 it is much, and four times the centres
hardly help; one Gaussian fitted by maximum likelihood to the same centres does
better by far, for it is the right family.

In the plane the estimate serves: of a ring of eight heaps it is off by less
and less, in total variation, the more points there are.
"""

import numpy as np
from scipy import stats

from keras_gen import seeds
from keras_gen.lessons._drawing import MADE, OTHERS, REAL, figure
from keras_gen.lessons._training import count, seeded
from keras_gen.metrics import modes
from keras_gen.metrics.parzen import best_bandwidth, log_density

CLAIM = (
    "A density can be estimated by Gaussians on the samples in the plane, and "
    "cannot in many dimensions, however many samples there are."
)
PAPER = "https://arxiv.org/abs/1511.01844"
NEXT = (
    "Draw the centres from a line in 64 dimensions, with some noise around it: "
    "the estimate is as good as in few, for what counts is the dimension in "
    "which data lie."
)
SHORT = {
    "dimensions": (1, 16, 64), "centres": 500, "test": 300,
    "ring_points": (50, 500), "side": 60,
}
WIDTHS = np.geomspace(0.015, 1.3, 28)
RING = modes.ring(sigma=0.1)


@seeded
def run(
    seed=0, dimensions=(1, 2, 4, 8, 16, 32, 64), centres=2000, test=1000,
    ring_points=(100, 1000, 10_000), side=120,
):
    few, many, single = [], [], []
    for done, d in enumerate(dimensions):
        count(done + 1, len(dimensions), "dimensions")
        rng = seeds.generator(seed)
        held, points = rng.normal(size=(2, test, d))
        rows = rng.normal(size=(4 * centres, d))
        truth = stats.norm.logpdf(points).sum(1)
        for n, losses in (centres, few), (4 * centres, many):
            losses.append(float(np.mean(truth - kde(rows[:n], held, points))))
        fitted = stats.multivariate_normal(
            rows[:centres].mean(0), np.cov(rows[:centres].T, bias=True)
        )
        single.append(float(np.mean(truth - fitted.logpdf(points))))
    variations = [of_ring(n, test, side, seed) for n in ring_points]
    numbers = {f"lost_in_{d}": x for d, x in zip(dimensions, few)}
    numbers |= {
        f"lost_in_{dimensions[-1]}_by_4_times": many[-1],
        f"lost_in_{dimensions[-1]}_by_a_gaussian": single[-1],
        "ring_first_variation": variations[0],
        "ring_last_variation": variations[-1],
    }
    told = dimensions, few, many, single, ring_points, variations
    return numbers, drawn(*told, centres)


def kde(centres, held, points):
    """Log density of points, of the width that is best on those held."""
    width = best_bandwidth(centres, held, WIDTHS)
    return log_density(points, centres, [width])[:, 0]


def of_ring(n, held, side, seed):
    """Total variation between the ring and its estimate from n points."""
    axis = np.linspace(-1.6, 1.6, side)
    plane = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    made = kde(RING.draw(n, seed), RING.draw(held, seed + 1), plane)
    true = log_density(plane, RING.centres, [RING.sigma])[:, 0]
    cell = (axis[1] - axis[0]) ** 2
    return float(np.abs(np.exp(made) - np.exp(true)).sum() * cell / 2)


def shown(numbers):
    losses = [
        value for key, value in numbers.items()
        if key.startswith("lost_in_") and "_by_" not in key
    ]
    more, single = (
        numbers[f"lost_in_64_by_{key}"] for key in ("4_times", "a_gaussian")
    )
    gain = 1 - more / losses[-1]
    first, last = (
        numbers[f"ring_{key}_variation"] for key in ("first", "last")
    )
    return {
        f"the estimate loses more in each dimension: {losses[0]:.3f} nats in "
        f"1, {losses[-1]:.1f} in 64, which is more than 5":
            losses == sorted(losses) and losses[-1] > 5,
        f"4 times the centres gain {gain:.0%} of that: less than 15 %":
            gain < 0.15,
        f"one Gaussian of maximum likelihood loses {single:.2f}: less than a "
        "third": single < losses[-1] / 3,
        f"in the plane more points help: from {first:.2f} to {last:.2f}, half "
        "of it or less": last < first / 2,
    }


def drawn(dimensions, few, many, single, points, variations, centres):
    result = figure(340)
    left, right = result.subplots(1, 2, width_ratios=(3, 2))
    for values, colour, label in (
        (few, MADE, f"estimate of {centres:,} centres"),
        (many, REAL, f"of {4 * centres:,}"),
        (single, OTHERS[0], "one Gaussian by maximum likelihood"),
    ):
        left.plot(dimensions, values, "o-", color=colour, label=label)
    left.set_xscale("log", base=2)
    left.set(xlabel="dimensions", ylabel="nats below the truth",
             xticks=dimensions, xticklabels=dimensions)
    left.legend()
    right.loglog(points, variations, "o-", color=MADE)
    right.set(xlabel="points of a ring in the plane",
              ylabel="total variation", ylim=(0.02, 1))
    for axis in (left, right):
        axis.grid(alpha=0.3)
    return result
