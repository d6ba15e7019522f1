"""The better the discriminator, the less the generator learns of it.

Pictures of coloured shapes, 16 pixels, are real; the generator is stopped at
several ages of an ordinary training. At each a new judge learns to tell what
is real from what it makes, while it stands still, and after each of the
judge's steps the generator's gradient is taken, under three losses:

saturating, log(1 - D), is the minimax game's own. The surer the discriminator
is, the flatter it is, and the gradient vanishes. Non-saturating, -log D, is
against that: its gradient does not vanish, and has no bound either. A critic
with a gradient penalty has a slope of about 1 everywhere: it may be trained
for as long as one likes. This is figure 2 of the paper, which shows the first
two, on pictures of rooms. Points of a ring do not show it: what is made there
soon overlaps what is real, and no judge can be sure.
"""

import numpy as np

from keras_gen import seeds
from keras_gen.data.sources import shapes
from keras_gen.lessons._drawing import EXACT, MADE, REAL, figure
from keras_gen.lessons._line import against_a_fixed_generator
from keras_gen.lessons._training import restart, seeded, train
from keras_gen.networks import dcgan
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN
from keras_gen.optimizers import Adam

CLAIM = (
    "The better the discriminator gets, the smaller is the gradient that the "
    "minimax loss gives the generator; with -log D, or a critic, it does not "
    "vanish."
)
PAPER = "https://arxiv.org/abs/1701.04862"
NEXT = (
    "Give the games instance_noise=0.3: what overlaps cannot be told apart "
    "for sure, and no gradient vanishes. keras-gen train --model=dcgan_shapes "
    "--set objective.adversarial=saturating trains by the first of the three."
)
SHORT = {"ages": (20,), "steps": 120, "every": 20}
BATCH, SIZES = 32, {"size": 16, "channels": 3, "width": 8}
LOSSES = ("saturating", "non_saturating", "critic")


@seeded
def run(seed=0, ages=(100, 1000), steps=600, every=25):
    generators = grown(ages, seed)
    games = {name: game(name, seed) for name in LOSSES}
    norms = {}
    for name, model in games.items():
        again = restart(model)
        for age, weights in zip(ages, generators):
            again()
            model.generator.set_weights(weights)
            norms[name, age] = watched(model, name, age, steps, every, seed)
    return numbers_of(norms, ages), drawn(norms, ages, steps, every)


def real(count, seed):
    """Pictures of so many steps, those of the training set in turn."""
    pictures = shapes.columns("images", "train", 16, 3)["image"]
    order = seeds.generator(seed).integers(len(pictures), size=count * BATCH)
    return pictures[order]


def generator():
    return dcgan.generator(latent_dim=32, **SIZES)


def judge():
    # The critic's penalty allows no batch normalization; all have the same.
    return dcgan.discriminator(normalization="layer", **SIZES)


def game(name, seed):
    """A new judge of a generator that stands still."""
    if name == "critic":
        model = WGAN(generator(), judge(), gradient_penalty=10.0,
                     critic_steps=1, seed=seed)
    else:
        model = GAN(generator(), judge(), adversarial=name, seed=seed)
    return against_a_fixed_generator(model, 1e-3)


def grown(ages, seed):
    """The weights of a generator after as many steps of a game."""
    model = GAN(generator(), judge(), seed=seed)
    model.compile({
        player: Adam(5e-4, beta_1=0.5) for player in model.players
    })
    weights, items, done = [], real(max(ages), seed), 0
    for age in ages:
        train(model, items[done * BATCH:age * BATCH], BATCH,
              f"of the generator, to {age}")
        weights.append(model.generator.get_weights())
        done = age
    return weights


def watched(model, name, age, steps, every, seed):
    """The norm of the generator's gradient, a mean over each `every`
    steps."""
    items, norms = real(steps, seed + 1), []
    for first in range(0, steps, every):
        some = items[first * BATCH:(first + every) * BATCH]
        train(model, some, BATCH, f"from {first}, {name}, age {age}")
        norms.append(model.get_metrics_result()["generator_gradient_norm"])
    return np.array(norms, "float64")


def numbers_of(norms, ages):
    numbers = {}
    for name in LOSSES:
        # Of the last over the largest: a new judge is flat at first.
        ratios = [norms[name, age][-1] / norms[name, age].max() for age in ages]
        numbers[f"{name}_last_over_largest_least"] = float(min(ratios))
        numbers[f"{name}_last_over_largest_most"] = float(max(ratios))
    return numbers


def shown(numbers):
    most, least = (
        {name: numbers[f"{name}_last_over_largest_{which}"] for name in LOSSES}
        for which in ("most", "least")
    )
    return {
        "the saturating loss' gradient ends at "
        f"{most['saturating']:.2g} of its largest, or less: below 0.1":
            most["saturating"] < 0.1,
        "the non-saturating one's ends at "
        f"{least['non_saturating']:.2g} of it, or more: above 0.3":
            least["non_saturating"] > 0.3,
        f"the critic's ends at {least['critic']:.2g} of it, or more: above "
        "0.2": least["critic"] > 0.2,
    }


def drawn(norms, ages, steps, every):
    result = figure(340)
    panels = result.subplots(1, 3, sharey=True)
    at = np.arange(0, steps, every) + every / 2
    for panel, name in zip(panels, LOSSES):
        for age, colour in zip(ages, (EXACT, REAL, MADE)):
            panel.semilogy(at, norms[name, age], color=colour, label=f"{age}")
        panel.set(title=name.replace("_", "-"), xlabel="steps of the judge")
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("norm of the generator's gradient")
    panels[0].legend(title="the generator's steps")
    return result
