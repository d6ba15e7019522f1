"""The best discriminator is flat where the generator needs a slope.

Real numbers are N(-2, 0.7), made ones N(2, 0.7), and the generator stands
still. A discriminator and a critic learn to tell them apart. What the
generator learns by is the slope of either where its numbers are: the
discriminator, once it is sure, has none there, while the critic is to have the
slope 1 between the two. This is the paper's figure 2, with a gradient penalty
(https://arxiv.org/abs/1704.00028) in place of its clipping of weights, which
some take for a clipping of gradients.

Two things that the figure of the paper does not show: the critic's slope is
not 1 but 1 + W / (2 w), W being the distance and w the penalty's weight, 100
here; and it holds as far as data reach, for the penalty is taken there and
nowhere else. Gaussians that overlap, N(-1, 1) and N(1, 0.7), leave a slope of
0.04 in the outer thirds: this is about a discriminator that can be sure.
"""

import numpy as np
from scipy import stats

from keras_gen import seeds
from keras_gen.lessons._drawing import EXACT, MADE, OTHERS, REAL, figure
from keras_gen.lessons._line import (
    against_a_fixed_generator,
    judge,
    judged,
    line,
    on_line,
)
from keras_gen.lessons._training import seeded, train
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN

CLAIM = (
    "A discriminator that is sure has no slope where the generator's samples "
    "are, while a Wasserstein critic has one everywhere."
)
PAPER = "https://arxiv.org/abs/1701.07875"
NEXT = (
    "The usual weight of 10: the slope between the two is 1.2. Gaussians that "
    "overlap, real = (-1, 1) and made = (1, 0.7): the discriminator cannot be "
    "sure, and keeps a slope."
)
SHORT = {"steps": (300, 100), "batch": 256}
AXIS = np.linspace(-5, 5, 1001)


@seeded
def run(
    seed=0, real=(-2.0, 0.7), made=(2.0, 0.7), weight=100.0, steps=(400, 200),
    batch=512,
):
    p, q = stats.norm(*real), stats.norm(*made)
    told = []
    for model in (
        GAN(line(q.std(), q.mean()), judge(), adversarial="saturating",
            makes="points", seed=seed),
        WGAN(line(q.std(), q.mean()), judge(), gradient_penalty=weight,
             critic_steps=1, makes="points", seed=seed),
    ):
        against_a_fixed_generator(model, 1e-2)
        rng = seeds.generator(seed)
        for some, rate in zip(steps, (1e-2, 1e-3)):
            model.optimizers[model.judge].learning_rate = rate
            x = p.rvs(some * batch, random_state=rng)
            train(model, on_line(x), batch, f"of the {model.judge}")
        told.append(judged(model, AXIS))
    probability, score = 1 / (1 + np.exp(-told[0])), told[1]
    return (
        numbers_of(p, q, probability, score), drawn(p, q, probability, score)
    )


def slope(values):
    return np.abs(np.gradient(values, AXIS))


def reached(p, q):
    """Where data are: all but a thousandth of either."""
    low = min(x.ppf(0.001) for x in (p, q))
    high = max(x.ppf(0.999) for x in (p, q))
    return (AXIS >= low) & (AXIS <= high)


def numbers_of(p, q, probability, score):
    outer = np.abs(AXIS) > 5 / 3
    near_1 = np.abs(slope(score) - 1) <= 0.1
    weights = q.pdf(AXIS) / q.pdf(AXIS).sum()
    return {
        "discriminator_steepest_in_outer_thirds":
            float(slope(probability)[outer].max()),
        "discriminator_slope_at_made":
            float(weights @ slope(probability)),
        "critic_slope_at_made": float(weights @ slope(score)),
        "critic_share_near_1_where_data_are":
            float(near_1[reached(p, q)].mean()),
        "critic_share_near_1_on_axis": float(near_1.mean()),
    }


def shown(numbers):
    steepest = numbers["discriminator_steepest_in_outer_thirds"]
    there = numbers["critic_share_near_1_where_data_are"]
    axis = numbers["critic_share_near_1_on_axis"]
    return {
        f"the discriminator's slope in the outer thirds of the axis is "
        f"{steepest:.1g} at most: below 0.01": steepest < 0.01,
        f"the critic's is within 0.1 of 1 on {there:.0%} of the axis as far "
        "as data reach: 90 % or more": there >= 0.9,
        f"and on {axis:.0%} of all of the axis: 90 % or more": axis >= 0.9,
    }


def drawn(p, q, probability, score):
    result = figure(420)
    top, middle, bottom = result.subplots(3, 1, sharex=True)
    for x, colour, label in ((p, REAL, "real"), (q, MADE, "made")):
        top.fill_between(AXIS, x.pdf(AXIS), color=colour, alpha=0.5,
                         label=label)
    top.set_ylabel("density")
    top.legend(loc="upper right")
    middle.plot(AXIS, probability, color=OTHERS[0], label="discriminator")
    middle.plot(AXIS, score - score[len(AXIS) // 2], color=OTHERS[1],
                label="critic (0 in the middle)")
    middle.set(ylabel="value")
    middle.legend(loc="upper right")
    bottom.plot(AXIS, slope(probability), color=OTHERS[0])
    bottom.plot(AXIS, slope(score), color=OTHERS[1])
    bottom.axhline(1, color=EXACT, linewidth=0.6, linestyle=":")
    bottom.set(ylabel="|slope|", xlabel="x", ylim=(-0.05, 2.6))
    for axis in (top, middle, bottom):
        axis.grid(alpha=0.3)
    return result
