"""What other losses, targets and noise do to the best discriminator, in 1-D:
closed forms, by quadrature and by training."""

import numpy as np
import pytest
from scipy import integrate, stats

from check import tensor
from keras_gen import losses
from keras_gen.lessons._line import (
    P,
    Q,
    judged,
    quantiles,
    with_a_trained_judge,
)

GRID = np.linspace(-3, 2.5, 56)


def integral(f):
    """Of a function of the two densities over the line."""
    return integrate.quad(
        lambda x: f(P.pdf(x), Q.pdf(x)), -8, 8, limit=200, points=[-1, 1]
    )[0]


def loss(name, p, q, judge):
    """The discriminator's, of densities or points, by its own function."""
    discriminator = losses.adversarial(name, of_pairs=True).discriminator
    return float(discriminator(tensor(judge(p)), tensor(judge(q))))


def plain(p, q):
    return p / (p + q)


TARGETS = {
    "smoothing": ({"smoothing": 0.3}, lambda p, q: 0.7 * p / (p + q)),
    "label noise": (
        {"label_noise": 0.2}, lambda p, q: (0.8 * p + 0.2 * q) / (p + q)
    ),
    "both": (
        {"smoothing": 0.2, "label_noise": 0.1},
        lambda p, q: 0.8 * (0.9 * p + 0.1 * q) / (p + q),
    ),
}


@pytest.mark.parametrize("name", [
    name if name != "both" else pytest.param(name, marks=pytest.mark.slow)
    for name in TARGETS
])
def test_the_trained_discriminator_tells_what_it_is_told(name):
    options, best = TARGETS[name]
    model = with_a_trained_judge("non_saturating", **options)
    trained = 1 / (1 + np.exp(-judged(model, GRID)))
    p, q = P.pdf(GRID), Q.pdf(GRID)
    assert np.abs(trained - best(p, q)).max() < 0.05
    # That of the game without them is another one.
    assert np.abs(trained - plain(p, q)).max() > 0.1


def test_instance_noise_makes_the_discriminator_that_of_wider_densities():
    model = with_a_trained_judge("saturating", instance_noise=1.0)
    trained = 1 / (1 + np.exp(-judged(model, GRID)))
    p, q = (
        stats.norm(x.mean(), np.hypot(x.std(), 1.0)).pdf(GRID) for x in (P, Q)
    )
    assert np.abs(trained - plain(p, q)).max() < 0.05
    sharp = plain(P.pdf(GRID), Q.pdf(GRID))
    assert np.abs(trained - sharp).max() > 0.1


# -- least squares -----------------------------------------------------------


def test_the_trained_least_squares_judge_is_p_over_p_plus_q_itself():
    model = with_a_trained_judge("least_squares")
    best = plain(P.pdf(GRID), Q.pdf(GRID))
    assert best.min() < 0.1 and best.max() > 0.9
    assert np.abs(judged(model, GRID) - best).max() < 0.05


def test_the_least_squares_game_is_worth_a_quarter_where_p_is_q():
    def best(x):
        return plain(P.pdf(x), Q.pdf(x))

    points = quantiles(P), quantiles(Q)
    value = integral(lambda p, q: p * q / (p + q) / 2)
    assert loss("least_squares", *points, best) == pytest.approx(
        value, abs=1e-4
    )
    assert value < 0.2
    for worse in (lambda x: best(x) + 0.1, lambda x: 0.9 * best(x)):
        assert loss("least_squares", *points, worse) > value + 1e-3
    # One density instead of two: 1/2 everywhere is best.
    same = quantiles(P), quantiles(P)
    assert integral(lambda p, q: p * p / (p + p) / 2) == pytest.approx(0.25)
    assert loss("least_squares", *same, lambda x: 0 * x + 0.5) == 0.25
    for other in (0.4, 0.6):
        assert loss("least_squares", *same, lambda x: 0 * x + other) > 0.25


# -- hinge -------------------------------------------------------------------


def test_the_hinge_game_is_worth_2_less_twice_the_total_variation():
    """At D = sign(p - q), below which no other comes."""
    def best(x):
        return np.sign(P.pdf(x) - Q.pdf(x))

    variation = integral(lambda p, q: abs(p - q) / 2)
    assert 0.5 < variation < 0.9
    points = quantiles(P), quantiles(Q)
    value = 2 - 2 * variation
    # The sign jumps between two of 20,000 points.
    assert loss("hinge", *points, best) == pytest.approx(value, abs=1e-3)
    for worse in (
        lambda x: 0.5 * best(x), lambda x: 2 * best(x),
        lambda x: best(x - 0.3), lambda x: 0 * x, lambda x: -best(x),
    ):
        assert loss("hinge", *points, worse) > value + 5e-3


def test_the_trained_hinge_judge_is_the_sign_of_the_difference():
    model = with_a_trained_judge("hinge")
    difference = P.pdf(GRID) - Q.pdf(GRID)
    # Not where both are about as likely: a network has no jump.
    clear = np.abs(difference) > 0.15
    found = judged(model, GRID[clear])
    assert clear.sum() > 20
    assert np.abs(found - np.sign(difference[clear])).max() < 0.2
