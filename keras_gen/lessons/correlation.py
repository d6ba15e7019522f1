"""A critic's loss says how good pictures are; a discriminator's does not.

The same generator, and the same network as its judge, are trained on grey
shapes by two games: by that of a critic with a gradient penalty, five steps
of it for each of the generator's, as its paper has it, and by the one of a
discriminator, with -log D. Every so many steps the Fréchet distance of what is
made from real pictures is measured, in the features of classifier_shapes, and
set beside the judge's loss, a mean over these steps: the critic's negated is
its estimate of the Wasserstein distance. Spearman's correlation compares the
order of both: 1 says that whenever the loss told of better pictures they were
better. `keras-gen correlate` does the same for a whole run.

The first looks are at noise, from which everything changes at once: the
second half of the training is told by itself, too. A discriminator's loss may
rise while pictures get better, for it has a harder task then; but a higher loss
of a worse discriminator is the same number.
"""

import numpy as np
from scipy import stats

from keras_gen import seeds
from keras_gen.lessons import _perceptrons
from keras_gen.lessons._drawing import MADE, REAL, figure
from keras_gen.lessons._training import seeded
from keras_gen.objectives.gan import GAN
from keras_gen.objectives.wgan import WGAN

CLAIM = (
    "The loss of a Wasserstein critic falls as pictures get better, while a "
    "discriminator's loss does not tell how good they are."
)
PAPER = "https://arxiv.org/abs/1701.07875"
NEXT = (
    "One step of the critic for each of the generator's: is its estimate still "
    "one? Or train any recipe with --set train.best=frechet_distance and ask "
    "keras-gen correlate of its run."
)
SHORT = {"looks": 6, "every": 20, "pictures": 200}
LOSSES = {"critic": "wasserstein_estimate",
          "discriminator": "discriminator_loss"}


@seeded
def run(seed=0, looks=16, every=120, pictures=600):
    found, curves = _perceptrons.shapes(), {}
    away = _perceptrons.distance_from(found, pictures)
    for name, key in LOSSES.items():
        model, rng = game(name, seed), seeds.generator(seed)
        curves[name] = [], []
        for look in range(looks):
            what = f"of the {name}, {look + 1} of {looks}"
            _perceptrons.play(model, found, every, rng, what)
            curves[name][0].append(model.get_metrics_result()[key])
            curves[name][1].append(away(model.generate(pictures, seed=seed)))
    return numbers_of(curves), drawn(curves, every)


def game(name, seed):
    if name == "critic":
        return _perceptrons.game(WGAN, seed, gradient_penalty=10.0)
    return _perceptrons.game(GAN, seed)


def numbers_of(curves):
    numbers = {}
    for name, (losses, distances) in curves.items():
        half = len(losses) // 2
        numbers[f"{name}_correlation"] = rank(losses, distances)
        numbers[f"{name}_correlation_second_half"] = rank(
            losses[half:], distances[half:]
        )
        numbers[f"{name}_first_distance"] = distances[0]
        numbers[f"{name}_last_distance"] = distances[-1]
    return numbers


def rank(losses, distances):
    return float(stats.spearmanr(losses, distances).statistic)


def shown(numbers):
    critic, discriminator = (
        numbers[f"{name}_correlation"] for name in LOSSES
    )
    late = numbers["critic_correlation_second_half"]
    return {
        f"the critic's estimate and the distance have the correlation "
        f"{critic:.2f}: above 0.8": critic > 0.8,
        f"in the second half of the training {late:.2f}: above 0.5":
            late > 0.5,
        f"the discriminator's loss has {discriminator:.2f}: below 0.5, it does "
        "not fall as pictures get better": discriminator < 0.5,
        "nor does its rise tell as much as the critic's fall: "
        f"{-discriminator:.2f} is less than {critic:.2f}":
            -discriminator < critic,
    }


def drawn(curves, every):
    result = figure(560)
    panels = result.subplots(2, 2)
    for row, (name, (losses, distances)) in zip(panels, curves.items()):
        at = every * np.arange(1, len(losses) + 1)
        told = {"critic": "critic's estimate",
                "discriminator": "discriminator's loss"}[name]
        row[0].plot(at, losses, color=REAL)
        row[0].set(xlabel="steps of the generator")
        row[0].set_ylabel(told, color=REAL)
        other = row[0].twinx()
        other.semilogy(at, distances, color=MADE)
        other.set_ylabel("Fréchet distance", color=MADE)
        points = row[1].scatter(losses, distances, c=at, s=18)
        row[1].set(xlabel=told, ylabel="Fréchet distance", yscale="log",
                   title=f"Spearman {rank(losses, distances):.2f}")
        row[1].grid(alpha=0.3)
        result.colorbar(points, ax=row[1], label="steps")
    return result
