"""Mode collapse on a ring of eight Gaussians, and what helps.

The bench is chosen to collapse, on the plain game alone: a discriminator of
one hidden layer, which learns ten times slower than the generator. Then the
loss, a penalty, noise or the discriminator is changed, and neither the
optimizers nor the steps of the generator are fitted to that. Of 2,500 points
it is told how many modes have at least one within three of their deviations,
and which share of all points is so near to one: a generator that smears over
the ring has all modes, and next to no share.

The critic is trained five times a step, as its paper does: five steps of the
plain game's discriminator are there to compare with. Instance noise falls from
0.5, a third of what is between two modes, to none.

What helps here is a discriminator of two layers. The other changes, in this
setting, which is that of the plain game, do not within 6,000 steps: some come
nearer to a mode or two. That they help where optimizers and steps are fitted
to them, as their papers do, is neither shown nor denied by that.
"""

import numpy as np
from keras import Input, Model, layers
from keras.optimizers.schedules import PolynomialDecay

from keras_gen.layers.minibatch import MinibatchDeviation
from keras_gen.layers.spectral import SpectralDense
from keras_gen.lessons._drawing import EXACT, MADE, figure
from keras_gen.lessons._training import seeded, train
from keras_gen.metrics import modes
from keras_gen.networks import points
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN
from keras_gen.optimizers import Adam

CLAIM = (
    "A game may make few of the data's modes, again and again; other losses, "
    "penalties and noise, or a look at several points at once, help against "
    "that."
)
PAPER = "https://arxiv.org/abs/1611.02163"
NEXT = (
    "Ten times the steps: run(steps=60_000) of this module, or other seeds. "
    "Or a rate of 1e-3 for a discriminator of two layers: the plain game "
    "hardly collapses, and there is nothing to cure."
)
SHORT = {"steps": 40}
BATCH, LATENT, WIDTH, DRAWN = 256, 256, 128, 2500
RING = modes.ring(radius=2.0, sigma=0.02)


@seeded
def run(seed=0, steps=6000):
    made, numbers = {}, {}
    for name, (kind, options, judges) in methods(steps).items():
        model = kind(
            points.generator(LATENT, WIDTH), judge(**judges), seed=seed,
            makes="points", **options,
        )
        model.compile({
            model.judge: Adam(1e-4, beta_1=0.5),
            "generator": Adam(1e-3, beta_1=0.5),
        }, steps_per_execution=20)
        batch = BATCH * model.updates_per_step
        train(model, np.float32(RING.draw(steps * batch, seed)), batch, name)
        made[name] = model.generate(DRAWN, seed=seed)
        found = modes.mode_coverage(made[name], RING)
        numbers[f"{name}_modes"] = float(found.found)
        numbers[f"{name}_high_quality"] = found.high_quality
    return numbers, drawn(made, numbers)


def methods(steps):
    """What is changed: the class, its arguments, those of the judge."""
    falling = PolynomialDecay(0.5, steps, 0.0)
    return {
        "plain": (GAN, {}, {}),
        "least_squares": (GAN, {"adversarial": "least_squares"}, {}),
        "instance_noise": (GAN, {"instance_noise": falling}, {}),
        "r1": (GAN, {"r1_weight": 10.0}, {}),
        "spectral_hinge": (
            GAN, {"adversarial": "hinge"}, {"dense": SpectralDense}
        ),
        "wgan_gp": (WGAN, {"gradient_penalty": 10.0}, {}),
        "five_steps": (GAN, {"discriminator_steps": 5}, {}),
        "two_layers": (GAN, {}, {"depth": 2}),
        "deviation": (GAN, {}, {"beside": MinibatchDeviation()}),
    }


def judge(depth=1, dense=layers.Dense, beside=None):
    """A point's logit, by hidden layers, and a layer that sees the batch."""
    point = x = Input((2,), name="points")
    for _ in range(depth):
        x = dense(WIDTH, kernel_initializer="he_normal")(x)
        x = layers.LeakyReLU(0.2)(x)
    return Model(point, dense(1)(beside(x) if beside else x))


def shown(numbers):
    found = {
        name.removesuffix("_modes"): int(count)
        for name, count in numbers.items() if name.endswith("_modes")
    }
    plain = found.pop("plain")
    told = {
        name: f"{name} {count} ({numbers[f'{name}_high_quality']:.1%})"
        for name, count in found.items()
    }
    helps = [x for x in found if found[x] >= max(4, 2 * plain)]
    others = [told[x] for x in found if x not in helps]
    return {
        f"the plain game makes {plain} of 8 modes, at most 2, with "
        f"{numbers['plain_high_quality']:.1%} of high quality": plain <= 2,
        f"{len(helps)} of {len(found)} changes, at least three, make at least "
        "4 modes and twice the plain game's: "
        f"{', '.join(told[x] for x in helps) or 'none'}; these do not: "
        f"{', '.join(others) or 'none'}": len(helps) >= 3,
    }


def drawn(made, numbers):
    result = figure(900)
    panels = result.subplots(3, 3).ravel()
    # A generator may be far away from the ring.
    reach = max(3.0, *(np.abs(some).max() for some in made.values()))
    for panel, (name, some) in zip(panels, made.items()):
        panel.plot(*RING.centres.T, "+", color=EXACT, markersize=9)
        panel.plot(*some[:1000].T, ".", color=MADE, markersize=2, alpha=0.4)
        panel.set(
            aspect="equal", xlim=(-reach, reach), ylim=(-reach, reach),
            title=f"{name.replace('_', ' ')}\n"
            f"{numbers[f'{name}_modes']:.0f} of 8, "
            f"{numbers[f'{name}_high_quality']:.0%}",
        )
        panel.axis("off")
    return result
