"""Two rates: a discriminator that learns faster than the generator.

Real are numbers of N(-1, 1), made ones start as N(1, 0.7): the generator is a
scale and an offset, and how far it is from the solution is known at each step,
for the Wasserstein distance of two normal distributions is the distance of
their means and deviations. It learns at one rate in all games, by Adam, and so
does the discriminator, at a quarter of that rate, at the same, and at four
times; and once at the same, but five times a step.

The paper proves that a game with two rates, of which one falls faster than the
other, converges to a local equilibrium. The rates here are constant, as the
paper's own are in practice; what is measured is how near a game stays to the
solution in the last third of its steps, a mean over two trainings.

A slow discriminator is late: the generator overshoots, and swings around the
solution. A fast one leads it nearly straight, by its rate as by five steps of
the equal one. But where the game comes to rest a rate that is high and does
not fall leaves the discriminator restless, and the generator a little aside,
further than equal rates do: nearer come those who take more steps, not larger
ones.
"""

import keras
import numpy as np

from keras_gen import seeds
from keras_gen.lessons._drawing import EXACT, MADE, OTHERS, REAL, figure
from keras_gen.lessons._line import P, judge, line, on_line
from keras_gen.lessons._training import restart, seeded, train
from keras_gen.objectives.gan import GAN
from keras_gen.optimizers import Adam

CLAIM = (
    "With a discriminator that learns faster than the generator a game of one "
    "step each comes to rest nearer to the solution than with equal rates."
)
PAPER = "https://arxiv.org/abs/1706.08500"
NEXT = (
    "beta_1 = 0, or 0.9 as is Adam's default: momentum is what makes a game of "
    "equal rates turn. Or rates that fall to 0, as the proof has them. The "
    "recipe sagan_celeba is trained by two rates."
)
# In fewer steps they do not arrive.
SHORT = {"steps": 1400, "repeats": 1}
BATCH, RATE, EVERY = 128, 5e-3, 20
RATIOS = {"quarter": 0.25, "equal": 1.0, "fourfold": 4.0}


@seeded
def run(seed=0, steps=1600, repeats=2):
    games = {k: game(k, seed) for k in (1, 5)}
    again = {k: restart(model) for k, model in games.items()}
    paths = {name: [] for name in (*RATIOS, "five_steps")}
    for i in range(repeats):
        for name, found in paths.items():
            k = 5 if name == "five_steps" else 1
            again[k]()
            games[k].optimizers["discriminator"].learning_rate = (
                RATE * RATIOS.get(name, 1.0)
            )
            found.append(path(games[k], steps, seed + i, f"{name}, {i + 1}"))
    away = {name: distance(np.array(found)) for name, found in paths.items()}
    return numbers_of(away), drawn(paths, away)


def game(steps, seed):
    model = GAN(
        line(0.7, 1.0), judge(), discriminator_steps=steps, makes="points",
        seed=seed,
    )
    model.compile(
        {player: Adam(RATE, beta_1=0.5) for player in model.players},
        steps_per_execution=EVERY,
    )
    return model


def path(model, steps, seed, what):
    """The made mean and deviation, (steps / EVERY, 2), as training goes."""
    found, batch = [], BATCH * model.updates_per_step

    def look(number, logs):
        slopes, offset = model.generator.get_weights()
        found.append((offset[0], abs(slopes[0, 0])))

    real = P.rvs(steps * batch, random_state=seeds.generator(seed))
    train(model, on_line(real), batch, what, [
        keras.callbacks.LambdaCallback(on_train_batch_end=look)
    ])
    return np.array(found, "float64")


def distance(paths):
    """From the solution, of (..., 2)."""
    return np.linalg.norm(paths - (P.mean(), P.std()), axis=-1)


def numbers_of(away):
    third = away["equal"].shape[1] // 3
    return {
        f"{name}_distance_in_the_last_third": float(found[:, -third:].mean())
        for name, found in away.items()
    } | {
        f"{name}_distance_at_worst": float(found[:, -third:].max())
        for name, found in away.items()
    }


def shown(numbers):
    slow, equal, four, five = (
        numbers[f"{name}_distance_in_the_last_third"]
        for name in (*RATIOS, "five_steps")
    )
    return {
        f"at equal rates the game stays {equal:.3f} away from the solution, "
        f"at a fourfold rate of the discriminator {four:.3f}: less":
            four < equal,
        f"with a slower one it stays {slow:.3f} away: more than with equal "
        "rates": slow > equal,
        f"five steps at equal rates leave {five:.3f}: one at the fourfold rate "
        "is no worse than twice that": four < 2 * five,
    }


def drawn(paths, away):
    result = figure(400)
    left, right = result.subplots(1, 2)
    colours = (OTHERS[1], MADE, REAL, OTHERS[0])
    for (name, found), colour in zip(paths.items(), colours):
        label = name.replace("_", " ")
        left.plot(*found[0].T, color=colour, linewidth=1, label=label)
        at = EVERY * np.arange(1, len(found[0]) + 1)
        right.semilogy(at, away[name].mean(0), color=colour, linewidth=1,
                       label=label)
    left.plot(P.mean(), P.std(), "*", color=EXACT, markersize=12)
    left.set(xlabel="made mean", ylabel="made deviation")
    right.set(xlabel="steps of the generator",
              ylabel="distance from the solution", ylim=(0.005, 3))
    right.legend(title="discriminator", fontsize=8)
    for axis in (left, right):
        axis.grid(alpha=0.3)
    return result
