"""Two lines that do not touch: only one distance says how far apart.

Real points lie on a vertical line, x = theta, made ones on the line x = 0;
both are spread along it by N(0, 1). Wherever theta is not 0 no point of one is
a point of the other, and so the Kullback-Leibler divergence is infinite, the
Jensen-Shannon divergence log 2, and the Wasserstein distance |theta|: it alone
has a slope that leads the lines together. This is example 1 of the paper.

For each theta a discriminator and a critic begin anew and learn to tell the
lines apart, while the generator stands still. The discriminator's loss is log
4 - 2 JS once it is the best one; the critic's estimate is the Wasserstein
distance. Under a gradient penalty of weight w it is a little more, |theta|
times the best slope 1 + |theta| / (2 w): w is a large one here.
"""

import math

import numpy as np

from keras_gen import seeds
from keras_gen.lessons._drawing import EXACT, MADE, REAL, figure
from keras_gen.lessons._line import affine, against_a_fixed_generator, judge
from keras_gen.lessons._training import measured, restart, seeded, train
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN

CLAIM = (
    "Of distributions that do not overlap the Jensen-Shannon divergence is "
    "log 2 however far apart they are, while the Wasserstein distance is how "
    "far that is."
)
PAPER = "https://arxiv.org/abs/1701.07875"
NEXT = (
    "Give the lines some width (a deviation of x, both real and made): the "
    "Jensen-Shannon divergence gets a slope, over about that width. Or lower "
    "the weight of the penalty to the usual 10: the estimate is above |theta|."
)
SHORT = {"thetas": (0.0, 0.5), "steps": 60}
BATCH = 64


@seeded
def run(
    seed=0, thetas=(-2.0, -1.5, -1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0, 1.5,
                    2.0), steps=300,
):
    told = {"js": [], "wasserstein": []}
    stands = {"slopes": [[0.0, 1.0]], "offset": [0.0, 0.0]}
    games = {
        "js": GAN(affine(**stands), judge(16, axes=2), seed=seed,
                  adversarial="saturating", makes="points"),
        "wasserstein": WGAN(affine(**stands), judge(16, axes=2), seed=seed,
                            gradient_penalty=100.0, critic_steps=1,
                            makes="points"),
    }
    for name, rate, key in (
        ("js", 3e-2, "discriminator_loss"),
        ("wasserstein", 1e-2, "wasserstein_estimate"),
    ):
        model = against_a_fixed_generator(games[name], rate)
        again = restart(model)
        for theta in thetas:
            again()
            what = f"at theta = {theta:g}, {name}"
            train(model, real(theta, steps * BATCH, seed), BATCH, what)
            logs = measured(model, real(theta, 2000, seed + 1))
            told[name].append(logs[key])
    told["js"] = [(math.log(4) - loss) / 2 for loss in told["js"]]
    return numbers_of(np.array(thetas), told), drawn(thetas, told)


def real(theta, n, seed):
    """Points of the line x = theta, (n, 2)."""
    rng = seeds.generator(seed)
    return np.stack([np.full(n, theta), rng.normal(size=n)], 1)


def numbers_of(thetas, told):
    js, wasserstein = np.array(told["js"]), np.array(told["wasserstein"])
    apart = thetas != 0
    error = wasserstein[apart] / np.abs(thetas[apart]) - 1
    return {
        "js_at_0": float(js[~apart][0]),
        "js_least_apart": float(js[apart].min()),
        "js_most_apart": float(js[apart].max()),
        "log_2": math.log(2),
        "wasserstein_at_0": float(wasserstein[~apart][0]),
        "wasserstein_largest_relative_error": float(np.abs(error).max()),
    }


def shown(numbers):
    least, most = numbers["js_least_apart"], numbers["js_most_apart"]
    together = abs(numbers["js_at_0"])
    error = numbers["wasserstein_largest_relative_error"]
    return {
        f"apart, the discriminator tells a Jensen-Shannon divergence of "
        f"{least:.3f} to {most:.3f}: log 2 = 0.693 to 0.01, wherever they are":
            max(abs(x - math.log(2)) for x in (least, most)) < 0.01,
        f"on each other it tells {together:.3f}: 0 to 0.02": together < 0.02,
        f"the critic's estimate is |theta| to {error:.1%}: to 10 %":
            error < 0.1,
    }


def drawn(thetas, told):
    result = figure(340)
    axes = result.subplots(1, 3)
    reach = max(np.abs(thetas))
    fine, top = np.linspace(-reach, reach, 401), 1.15 * max(1.0, reach)
    axes[0].set(title="Kullback-Leibler: infinite", ylabel="how far apart")
    for theta in thetas:
        if theta:
            axes[0].annotate(
                "", (theta, top), (theta, 0.75 * top),
                arrowprops={"arrowstyle": "->", "color": EXACT},
            )
    axes[0].plot(0, 0, "o", color=EXACT)
    for axis, name, exact, title in (
        (axes[1], "js", np.where(fine == 0, 0, math.log(2)),
         "Jensen-Shannon"),
        (axes[2], "wasserstein", np.abs(fine), "Wasserstein"),
    ):
        colour = MADE if name == "js" else REAL
        axis.plot(fine, exact, color=EXACT, linewidth=0.8, label="exact")
        axis.plot(thetas, told[name], "o", color=colour, label="trained")
        axis.set_title(title)
        axis.legend(loc="upper center")
    for axis in axes:
        axis.set(xlabel="theta", ylim=(-0.05 * top, top),
                 xlim=(-1.1 * reach, 1.1 * reach))
        axis.grid(alpha=0.3)
    return result
