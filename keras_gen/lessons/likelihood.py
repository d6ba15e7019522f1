"""Maximum likelihood covers all modes, the reverse divergence takes one.

The mean log likelihood of a model q under data of p is -H(p) - KL(p, q): to
raise it is to lower KL(p, q). This is checked by quadrature for densities that
are not alike. Then one Gaussian is fitted to two modes, 0.5 N(-2, 0.5) + 0.5
N(2, 0.5): by the least KL(p, q), which is the maximum likelihood and costs
without bound where p is and q is not; and by the least KL(q, p), which costs
where q is and p is not. Both minima are looked for on a grid of means and
deviations, so that nothing depends on a start.
"""

import numpy as np
from scipy import stats

from keras_gen.lessons._drawing import EXACT, MADE, OTHERS, REAL, figure
from keras_gen.lessons._training import count, seeded

CLAIM = (
    "Maximum likelihood is the least KL(p, q), which covers all modes of the "
    "data, while the least KL(q, p) takes one."
)
PAPER = "https://arxiv.org/abs/1701.00160"
NEXT = (
    "Modes nearer to each other, apart = 0.8: from some nearness on the "
    "reverse divergence covers both, too. Or modes of unequal weights."
)
SHORT = {"side": 41}
AXIS = np.linspace(-9, 9, 3601)
STEP = AXIS[1] - AXIS[0]
DEVIATION = 0.5


@seeded
def run(seed=0, apart=2.0, side=121):
    p = (normal(-apart, DEVIATION) + normal(apart, DEVIATION)) / 2
    means = np.linspace(-3, 3, side)
    deviations = np.linspace(0.2, 3.2, side)
    forward, reverse = np.empty((2, side, side))
    for i, mean in enumerate(means):
        count(i + 1, side, "means looked at")
        for j, deviation in enumerate(deviations):
            q = normal(mean, deviation)
            forward[i, j], reverse[i, j] = kl(p, q), kl(q, p)
    found = []
    for divergence in forward, reverse:
        i, j = np.unravel_index(divergence.argmin(), divergence.shape)
        found.append((means[i], deviations[j]))
    return numbers_of(p, apart, found), drawn(p, found)


def normal(mean, deviation):
    """The density on the axis; SciPy's takes longer than all else here."""
    z = (AXIS - mean) / deviation
    return np.exp(-z * z / 2) / (deviation * np.sqrt(2 * np.pi))


def integral(values):
    return float(values.sum() * STEP)


def kl(p, q):
    """Of densities on the axis, in nats."""
    there = p > 1e-300
    return integral(
        p[there] * (np.log(p[there]) - np.log(np.maximum(q[there], 1e-300)))
    )


def numbers_of(p, apart, found):
    q = stats.norm(0.5, 1.7)
    # Of many points of p, by its quantiles: no noise of a sample.
    levels = (np.arange(200_000) + 0.5) / 200_000
    inverse = np.interp(levels, np.cumsum(p) * STEP, AXIS + STEP / 2)
    entropy = -integral(p * np.log(np.maximum(p, 1e-300)))
    (mean, deviation), (reverse_mean, reverse_deviation) = found
    return {
        "mean_log_likelihood": float(q.logpdf(inverse).mean()),
        "minus_entropy_minus_kl": -entropy - kl(p, q.pdf(AXIS)),
        "forward_mean": float(mean), "forward_deviation": float(deviation),
        "deviation_of_data": float(np.hypot(apart, DEVIATION)),
        "reverse_mean": float(reverse_mean),
        "reverse_deviation": float(reverse_deviation),
        "mode_mean": apart, "mode_deviation": DEVIATION,
    }


def shown(numbers):
    likelihood, told = (
        numbers[key] for key in
        ("mean_log_likelihood", "minus_entropy_minus_kl")
    )
    mean, deviation, reverse, narrow = (
        numbers[key] for key in (
            "forward_mean", "forward_deviation", "reverse_mean",
            "reverse_deviation",
        )
    )
    return {
        f"the mean log likelihood {likelihood:.4f} is -H(p) - KL(p, q) = "
        f"{told:.4f} to 0.001": abs(likelihood - told) < 1e-3,
        f"the least KL(p, q) is N({mean:.2f}, {deviation:.2f}): mean and "
        "deviation of the data, to a step of the grid":
            abs(mean) < 0.16
            and abs(deviation - numbers["deviation_of_data"]) < 0.08,
        f"the least KL(q, p) is N({reverse:.2f}, {narrow:.2f}): one mode, to "
        "a step of the grid":
            abs(abs(reverse) - numbers["mode_mean"]) < 0.16
            and abs(narrow - numbers["mode_deviation"]) < 0.08,
    }


def drawn(p, found):
    result = figure(320)
    axes = result.subplots()
    axes.fill_between(AXIS, p, color=REAL, alpha=0.35, label="data, p")
    for (mean, deviation), colour, label in zip(
        found, (MADE, OTHERS[0]),
        ("least KL(p, q): maximum likelihood", "least KL(q, p)"),
    ):
        axes.plot(AXIS, normal(mean, deviation), color=colour,
                  linewidth=2, label=label)
    axes.axhline(0, color=EXACT, linewidth=0.5)
    axes.set(xlabel="x", ylabel="density", xlim=(-5.5, 5.5))
    axes.legend(loc="upper right")
    axes.grid(alpha=0.3)
    return result
