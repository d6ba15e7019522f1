"""The cheapest transport and the best critic are one number.

40 real points and 40 made ones lie in the plane. The cheapest way to carry the
ones to the others is a linear program, solved exactly: how much of each goes
where, and what each distance costs. Its dual is the best of all functions
whose slope is 1 at most, by how much higher it is on the real points than on
the made ones (Kantorovich and Rubinstein): both come from the same solution.
Then a critic is trained on these points by a gradient penalty.

The critic's estimate may be above the distance, for the penalty lets its slope
be more than 1; divided by the steepest slope between any two of the points it
is a function that the dual has among its own, and so never above.
"""

import numpy as np
from scipy import optimize
from scipy.spatial.distance import cdist

from keras_gen import seeds
from keras_gen.lessons._drawing import EXACT, MADE, REAL, figure
from keras_gen.lessons._line import (
    against_a_fixed_generator,
    judge,
    one_of,
    scores,
)
from keras_gen.lessons._training import seeded, train
from keras_gen.objectives.wgan import WGAN

CLAIM = (
    "The Wasserstein distance is the cost of the cheapest transport, and also "
    "what the best critic of slope 1 tells."
)
PAPER = "https://arxiv.org/abs/1701.07875"
NEXT = (
    "points = 300: the program has 90,000 unknowns, the critic takes as long "
    "as before. Or the penalty's usual weight of 10, and look how far the "
    "estimate is above the cost, and how steep the critic."
)
SHORT = {"points": 20, "steps": (150, 100)}
BATCH, REACH = 256, 3.2


@seeded
def run(seed=0, points=40, weight=100.0, steps=(1500, 500)):
    rng = seeds.generator(seed)
    real = rng.normal([-1.2, 0.6], [0.7, 0.9], (points, 2))
    made = rng.normal([1.2, -0.6], [0.9, 0.5], (points, 2))
    plan, potential, cost = transported(real, made)
    model = against_a_fixed_generator(
        WGAN(one_of(made), judge(64, axes=2), gradient_penalty=weight,
             critic_steps=1, makes="points", seed=seed), 1e-2,
    )
    for some, rate in zip(steps, (1e-2, 1e-3)):
        model.optimizers["critic"].learning_rate = rate
        drawn = real[rng.integers(points, size=some * BATCH)]
        train(model, drawn, BATCH, "of the critic")
    both = np.concatenate([real, made])
    numbers = numbers_of(
        cost, potential(both), scores(model, both), cdist(both, both)
    )
    return numbers, figure_of(real, made, plan, potential, model)


def transported(real, made):
    """The cheapest plan (points, points), the dual potential, a function of
    points (n, 2), and the cost."""
    n, distances = len(real), cdist(real, made)
    rows = np.kron(np.eye(n), np.ones(n))
    columns = np.kron(np.ones(n), np.eye(n))
    solved = optimize.linprog(
        distances.ravel(), A_eq=np.concatenate([rows, columns]),
        b_eq=np.full(2 * n, 1 / n), method="highs",
    )
    of_made = solved.eqlin.marginals[n:]

    def potential(x):
        # The highest that has slope 1, and these values on what is made.
        return (cdist(x, made) - of_made).min(1)

    return solved.x.reshape(n, n), potential, float(solved.fun)


def numbers_of(cost, potential, score, distances):
    half = len(potential) // 2
    apart = distances > 0
    dual, told = (
        float(f[:half].mean() - f[half:].mean()) for f in (potential, score)
    )
    steepest = [
        float((np.abs(f[:, None] - f)[apart] / distances[apart]).max())
        for f in (potential, score)
    ]
    return {
        "transport_cost": cost, "dual_value": dual,
        "dual_steepest": steepest[0], "critic_estimate": told,
        "critic_steepest": steepest[1],
        "critic_estimate_of_slope_1": told / steepest[1],
    }


def shown(numbers):
    cost, dual = numbers["transport_cost"], numbers["dual_value"]
    off = abs(numbers["critic_estimate"] / cost - 1)
    below = numbers["critic_estimate_of_slope_1"] / cost
    return {
        f"cost {cost:.4f} and dual value {dual:.4f} are equal to 1e-9":
            abs(cost - dual) < 1e-9,
        f"no slope of the dual's function is above 1 by more than 1e-9 "
        f"(steepest {numbers['dual_steepest']:.4f})":
            numbers["dual_steepest"] < 1 + 1e-9,
        f"the critic's estimate is off by {off:.1%}: 10 % or less":
            off < 0.1,
        f"made one of slope 1 it is {below:.0%} of the distance: not above "
        "it": below < 1 + 1e-6,
    }


def figure_of(real, made, plan, potential, model):
    result = figure(330)
    axes = result.subplots(1, 3, sharex=True, sharey=True)
    side = np.linspace(-REACH, REACH, 81)
    plane = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    for i, j in zip(*np.nonzero(plan > 1e-9)):
        axes[0].plot(*np.stack([real[i], made[j]], 1), color=EXACT,
                     linewidth=0.7)
    axes[0].set_title("cheapest transport")
    for axis, title, values in (
        (axes[1], "dual's function (dark: high)", potential(plane)),
        (axes[2], "trained critic (dark: high)", scores(model, plane)),
    ):
        values = values - values.mean()
        axis.contourf(side, side, values.reshape(81, 81), 15, cmap="Greys")
        axis.set_title(title)
    for axis in axes:
        axis.plot(*real.T, "o", color=REAL, markersize=4, label="real")
        axis.plot(*made.T, "o", color=MADE, markersize=4, label="made")
        axis.set(aspect="equal", xlabel="x", xlim=(-REACH, REACH),
                 ylim=(-REACH, REACH))
    axes[0].set_ylabel("y")
    axes[0].legend(loc="upper right")
    return result
