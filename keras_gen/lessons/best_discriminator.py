"""The best discriminator is p / (p + q), and its value tells a divergence.

Real numbers are N(-1, 1), made ones N(1, 0.7), and the generator stands still.
A discriminator is trained by the usual loss, and compared with p / (p + q),
which both densities give exactly; the value of the game, with twice the
Jensen-Shannon divergence less log 4, by quadrature. This is proposition 1 and
theorem 1 of the paper.

The divergence lies in [0, log 2], and so the value in [-log 4, 0]. The value
of any discriminator is a lower bound: what a trained one tells is too little,
not too much, but for the noise of the samples.
"""

import math

import numpy as np
from scipy import integrate

from keras_gen.lessons._drawing import EXACT, MADE, OTHERS, REAL, figure
from keras_gen.lessons._line import (
    P,
    Q,
    judged,
    quantiles,
    with_a_trained_judge,
)
from keras_gen.lessons._training import seeded

CLAIM = (
    "Against a fixed generator the best discriminator is p / (p + q), and the "
    "game's value then is twice the Jensen-Shannon divergence less log 4."
)
PAPER = "https://arxiv.org/abs/1406.2661"
NEXT = (
    "One-sided smoothing of 0.3: the best discriminator is 0.7 p / (p + q). "
    "Or the least-squares pair of losses: its judge is p / (p + q) itself, "
    "without a sigmoid."
)
SHORT = {"steps": ((120, 1e-2), (40, 1e-3))}
AXIS = np.linspace(-4.0, 4.0, 401)


@seeded
def run(seed=0, steps=((300, 1e-2), (200, 1e-3))):
    model = with_a_trained_judge("saturating", seed, steps=steps)
    trained = sigmoid(judged(model, AXIS))
    best = sigmoid(best_logit(AXIS))
    value = value_of(lambda x: judged(model, x))
    return numbers_of(trained, best, value), drawn(trained, best)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def best_logit(x):
    """log p / q, whose sigmoid is p / (p + q)."""
    return P.logpdf(x) - Q.logpdf(x)


def value_of(logit):
    """The game's, E log D of what is real + E log (1 - D) of what is made."""
    return float(
        -np.logaddexp(0, -logit(quantiles(P))).mean()
        - np.logaddexp(0, logit(quantiles(Q))).mean()
    )


def js_divergence():
    """Of both densities, by quadrature, in nats."""
    def integrand(x):
        p, q = P.pdf(x), Q.pdf(x)
        m = (p + q) / 2
        return (p * np.log(p / m) + q * np.log(q / m)) / 2

    return integrate.quad(integrand, -8, 8, limit=200)[0]


def numbers_of(trained, best, value):
    # Beyond, neither has made it see anything.
    seen = np.maximum(P.pdf(AXIS), Q.pdf(AXIS)) > 0.01
    js = js_divergence()
    return {
        "largest_difference_where_data_are":
            float(np.abs(trained - best)[seen].max()),
        "largest_difference_on_axis": float(np.abs(trained - best).max()),
        "js": js,
        "js_told_by_the_best": (value_of(best_logit) + math.log(4)) / 2,
        "js_told_by_the_trained": (value + math.log(4)) / 2,
    }


def shown(numbers):
    away = numbers["largest_difference_where_data_are"]
    js, best, trained = (
        numbers[key] for key in
        ("js", "js_told_by_the_best", "js_told_by_the_trained")
    )
    return {
        f"where data are, the trained discriminator is within {away:.3f} of "
        "p / (p + q): 0.05 or less": away <= 0.05,
        f"the value of p / (p + q) tells {best:.4f} nats, the divergence is "
        f"{js:.4f}: to 0.001": abs(best - js) < 0.001,
        f"the trained one tells {trained:.4f}: less, by 0.01 at most":
            -0.001 < js - trained < 0.01,
    }


def drawn(trained, best):
    result = figure(420)
    top, bottom = result.subplots(2, 1, sharex=True)
    for density, colour, label in ((P, REAL, "real, p"), (Q, MADE, "made, q")):
        top.fill_between(AXIS, density.pdf(AXIS), color=colour, alpha=0.5,
                         label=label)
    top.set_ylabel("density")
    bottom.plot(AXIS, best, color=EXACT, label="p / (p + q)")
    bottom.plot(AXIS, trained, "--", color=OTHERS[0], linewidth=2.5,
                label="trained discriminator")
    bottom.set(xlabel="x", ylabel="told to be real", ylim=(-0.03, 1.03))
    for axis in (top, bottom):
        axis.legend(loc="upper right")
        axis.grid(alpha=0.3)
    return result
