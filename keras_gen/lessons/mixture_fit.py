"""Fitting a density: a family, a likelihood, its climb, samples.

The data are eight heaps on a ring. The family is that of mixtures of eight
Gaussians; expectation maximisation climbs the likelihood, and new points are
drawn from what it found. That it never falls is proven; that it reaches the top
is not: the same data are fitted from ten starts, and it is counted how many
end within 0.05 nats of the likelihood that the truth has.
"""

import numpy as np

from keras_gen.lessons._drawing import EXACT, MADE, OTHERS, REAL, figure
from keras_gen.lessons._training import count, seeded
from keras_gen.metrics import modes
from keras_gen.metrics.mixture import GaussianMixture
from keras_gen.metrics.modes import mode_coverage
from keras_gen.metrics.parzen import log_density

CLAIM = (
    "Expectation maximisation raises the likelihood of a mixture in every "
    "step; where it ends depends on where it began."
)
PAPER = "https://doi.org/10.1111/j.2517-6161.1977.tb01600.x"
NEXT = (
    "Seven components, or nine: which heaps share one, and which one is split? "
    "Then pictures, of which one needs many components that are hard to fit "
    "in so many dimensions; keras-gen evaluate has such a mixture as a ceiling."
)
SHORT = {"points": 600, "starts": 8, "iterations": 40}
COMPONENTS = 8
RING = modes.ring(sigma=0.15)


@seeded
def run(seed=0, points=2000, starts=10, iterations=200):
    rows = RING.draw(points, seed)
    told = log_density(rows, RING.centres, [RING.sigma])[:, 0].mean()
    fits = []
    for start in range(starts):
        count(start + 1, starts, "starts")
        fits.append(fitted(rows, seed + start, iterations))
    ends = np.array([fit.history[-1] for fit in fits])
    best, worst = fits[ends.argmax()], fits[ends.argmin()]
    steps = np.concatenate([np.diff(fit.history) for fit in fits])
    samples = best.sample(points, seed)
    numbers = {
        "truth_log_likelihood": float(told),
        "start_log_likelihood": best.history[0],
        "best_log_likelihood": best.history[-1],
        "worst_log_likelihood": worst.history[-1],
        "largest_fall_in_a_step": float(max(0.0, -steps.min())),
        "starts": float(starts),
        "starts_that_end_at_the_top": float((ends > told - 0.05).sum()),
        "modes_of_samples": float(mode_coverage(samples, RING).found),
    }
    first = fitted(rows, seed + int(ends.argmax()), 1)
    return numbers, drawn(rows, first, best, worst, samples, told)


def fitted(rows, seed, iterations):
    return GaussianMixture.fit(
        rows, COMPONENTS, seed, iterations, tolerance=1e-7
    )


def shown(numbers):
    fall = numbers["largest_fall_in_a_step"]
    top = numbers["starts_that_end_at_the_top"]
    best, told = (
        numbers[f"{key}_log_likelihood"] for key in ("best", "truth")
    )
    return {
        f"the likelihood falls by {fall:.1g} nats in a step at most: 1e-6 or "
        "less": fall <= 1e-6,
        f"the best end, {best:.3f} nats, is not below the truth's, "
        f"{told:.3f}, by more than 0.05": best > told - 0.05,
        f"{top:.0f} of {numbers['starts']:.0f} starts end there: some, and "
        "not all": 0 < top < numbers["starts"],
        f"its samples are on {numbers['modes_of_samples']:.0f} of 8 modes":
            numbers["modes_of_samples"] == 8,
    }


def drawn(rows, first, best, worst, samples, told):
    result = figure(480)
    grid = result.add_gridspec(2, 4, height_ratios=(3, 2))
    axes = [result.add_subplot(grid[0, i]) for i in range(4)]
    for axis, title, points, mixture, colour in (
        (axes[0], "the data", rows, None, REAL),
        (axes[1], "the start", rows, first, REAL),
        (axes[2], "the end", rows, best, REAL),
        (axes[3], "samples", samples, None, MADE),
    ):
        axis.plot(*points[:1000].T, ".", color=colour, markersize=2)
        for mean, covariance in zip(
            getattr(mixture, "means", ()), getattr(mixture, "covariances", ())
        ):
            axis.plot(*ellipse(mean, covariance), color=EXACT, linewidth=1.2)
        axis.set(title=title, aspect="equal", xlim=(-1.7, 1.7),
                 ylim=(-1.7, 1.7), xlabel="x")
        axis.set_yticks([-1, 0, 1], ["-1", "0", "1"] if axis is axes[0] else
                        ["", "", ""])
    axes[0].set_ylabel("y")
    below = result.add_subplot(grid[1, :])
    for fit, colour, label in (
        (best, OTHERS[0], "best start"), (worst, OTHERS[1], "worst start"),
    ):
        below.plot(1 + np.arange(len(fit.history)), fit.history, color=colour,
                   label=label)
    below.axhline(told, color=EXACT, linestyle=":", label="the truth")
    below.set(xlabel="step", ylabel="log likelihood", xscale="log")
    below.legend(loc="upper left")
    below.grid(alpha=0.3)
    return result


def ellipse(mean, covariance):
    """Two deviations around a mean, (2, points)."""
    angle = np.linspace(0, 2 * np.pi, 60)
    circle = 2 * np.stack([np.cos(angle), np.sin(angle)])
    return mean[:, None] + np.linalg.cholesky(covariance) @ circle
